import { Command } from 'commander';
import { addSuppressions, listSuppressions, removeSuppressions } from '../../app/suppressions.ts';
import { HongyanError } from '../../base/errors.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { type FileFlags, fileFlags, withFileOptions } from '../input/file-options.ts';
import { openRecipients } from '../input/recipients.ts';
import { withSession } from '../open.ts';
import { formatTime } from '../output/when.ts';

/** `hongyan suppress`: people whom no campaign of an account may reach. */
export function suppressCommand(context: CliContext): Command {
  const command = new Command('suppress').description('people whom no campaign of an account may send to');

  withFileOptions(command.command('add'))
    .description('put openids on the list: separated by commas, or @file, or - for standard input')
    .argument('<appid>')
    .argument('<openids>')
    .option('--note <note>', 'why', '')
    .addHelpText(
      'after',
      '\nExample:\n  $ hongyan suppress add wx0123456789abcdef @complaints.csv --note "asked to be left alone"',
    )
    .action((appid: string, to: string, options: FileFlags & { note: string }) =>
      withSession(context, async (app) => {
        const pages = openidPages(context, to, options);
        const { added } = await addSuppressions(app, context.actor, { appid, pages, note: options.note });
        context.out(text(context.lang, 'suppress.added', { added, appid }));
      }),
    );

  withFileOptions(command.command('remove'))
    .description('take openids off the list')
    .argument('<appid>')
    .argument('<openids>')
    .addHelpText('after', '\nExample:\n  $ hongyan suppress remove wx0123456789abcdef oABC…')
    .action((appid: string, to: string, options: FileFlags) =>
      withSession(context, async (app) => {
        const pages = openidPages(context, to, options);
        const { removed } = await removeSuppressions(app, context.actor, { appid, pages });
        context.out(text(context.lang, 'suppress.removed', { removed, appid }));
      }),
    );

  command
    .command('list')
    .description('the list, one openid a line')
    .argument('<appid>')
    .addHelpText('after', '\nExample:\n  $ hongyan suppress list wx0123456789abcdef')
    .action((appid: string) =>
      withSession(context, async (app) => {
        for (let after = ''; ; ) {
          const page = { appid, after, limit: 1000 };
          const { suppressions, timeZone } = await listSuppressions(app, context.actor, page);
          const last = suppressions.at(-1);
          if (last === undefined) return;
          for (const one of suppressions)
            context.out(`${one.openid}\t${formatTime(one.createdAt, timeZone)}\t${one.note}`);
          after = last.openid;
        }
      }),
    );
  return command;
}

/** The openids of a list or file. A row that cannot be read is an error: it may be the one that matters. */
async function* openidPages(context: CliContext, to: string, flags: FileFlags): AsyncGenerator<string[]> {
  const recipients = await openRecipients(to, { ...fileFlags(flags), signal: context.signal });
  if (recipients.batches === null) throw new HongyanError('USAGE', 'give openids, @file or -');
  recipients.select([]);
  try {
    for await (const batch of recipients.batches) {
      const bad = batch.find((record) => record.kind === 'bad');
      if (bad?.kind === 'bad')
        throw new HongyanError(
          'EXCLUSION_UNREADABLE',
          `line ${bad.line} cannot be read (${bad.reason}: ${bad.detail}); the lines before it are stored`,
        );
      yield batch.flatMap((record) => (record.kind === 'row' ? [record.openid] : []));
    }
  } finally {
    await recipients.close();
  }
}
