import { Command } from 'commander';
import { addSuppressions, listSuppressions, removeSuppressions } from '../../../app/accounts/suppressions.ts';
import { failure } from '../../../base/errors.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { type FileFlags, fileFlags, withFileOptions } from '../../input/file-options.ts';
import { openRecipients } from '../../input/recipients.ts';
import { withSession } from '../../open.ts';
import { formatTime } from '../../output/when.ts';

/** `hongyan suppress`: people whom no campaign of an account may reach. */
export function suppressCommand(context: CliContext): Command {
  const command = new Command('suppress');

  withFileOptions(command.command('add'))
    .argument('<appid>')
    .argument('<openids>')
    .option('--note <note>')
    .option('--json')
    .action((appid: string, to: string, options: FileFlags & { note?: string; json?: boolean }) =>
      withSession(context, async (app) => {
        const pages = openidPages(context, to, options);
        const { added } = await addSuppressions(app, context.actor, {
          ...{ appid, pages },
          note: options.note ?? '',
        });
        if (options.json) return context.out(JSON.stringify({ appid, added }));
        context.out(text(context.lang, 'suppress.added', { added, appid }));
      }),
    );

  withFileOptions(command.command('remove'))
    .argument('<appid>')
    .argument('<openids>')
    .option('--json')
    .action((appid: string, to: string, options: FileFlags & { json?: boolean }) =>
      withSession(context, async (app) => {
        const pages = openidPages(context, to, options);
        const { removed } = await removeSuppressions(app, context.actor, { appid, pages });
        if (options.json) return context.out(JSON.stringify({ appid, removed }));
        context.out(text(context.lang, 'suppress.removed', { removed, appid }));
      }),
    );

  command
    .command('list')
    .argument('<appid>')
    .option('--json')
    .action((appid: string, { json }: { json?: boolean }) =>
      withSession(context, async (app) => {
        for (let after = ''; ; ) {
          const page = { appid, after, limit: 1000 };
          const { suppressions, timeZone } = await listSuppressions(app, context.actor, page);
          const last = suppressions.at(-1);
          if (last === undefined) return;
          for (const one of suppressions)
            context.out(
              json
                ? JSON.stringify(one)
                : `${one.openid}\t${formatTime(one.createdAt, timeZone)}\t${one.note}`,
            );
          after = last.openid;
        }
      }),
    );
  return command;
}

/** The openids of a list or file. A row that cannot be read is an error: it may be the one that matters. */
async function* openidPages(context: CliContext, to: string, flags: FileFlags): AsyncGenerator<string[]> {
  const recipients = await openRecipients(to, { ...fileFlags(flags), signal: context.signal });
  if (recipients.batches === null) throw failure('USAGE/openids', {});
  recipients.select([]);
  try {
    for await (const batch of recipients.batches) {
      const bad = batch.find((record) => record.kind === 'bad');
      if (bad?.kind === 'bad')
        throw failure('EXCLUSION_UNREADABLE/list', {
          line: String(bad.line),
          reason: bad.reason,
          detail: bad.detail,
        });
      yield batch.flatMap((record) => (record.kind === 'row' ? [record.openid] : []));
    }
  } finally {
    await recipients.close();
  }
}
