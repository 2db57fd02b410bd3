import { once } from 'node:events';
import { Command, Option } from 'commander';
import { countFollowers } from '../../../app/accounts/followers.ts';
import { type ContactFilter, exportContacts, listContacts } from '../../../app/audience/contacts.ts';
import { eraseContact } from '../../../app/audience/erase.ts';
import { csvCell, spreadsheetCell } from '../../../app/campaigns/export-formats.ts';
import { failure } from '../../../base/errors.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { requireYes } from '../../input/ask.ts';
import { type Session, withSession } from '../../open.ts';
import { table } from '../../output/table.ts';
import { formatTime } from '../../output/when.ts';
import { runSync } from '../../push/run-sync.ts';

export function followersCommand(context: CliContext): Command {
  const command = new Command('followers');

  command
    .command('sync')
    .argument('<appid>')
    .option('--details')
    .option('--accept-loss')
    .option('--json')
    .action((appid: string, flags: { details?: boolean; acceptLoss?: boolean; json?: boolean }) =>
      withSession(context, async (session) => {
        await runSync(context, session, appid, {
          details: flags.details ?? false,
          json: flags.json ?? false,
          acceptLoss: flags.acceptLoss ?? (flags.json ? false : 'ask'),
        });
      }),
    );

  command
    .command('erase')
    .argument('<appid>')
    .argument('<openid>')
    .option('--yes')
    .option('--json')
    .action((appid: string, openid: string, { yes, json }: { yes?: boolean; json?: boolean }) =>
      withSession(context, async (session) => {
        const { lang, actor, signal } = context;
        if (!yes) await requireYes(context, text(lang, 'followers.eraseAsk', { openid, appid }));
        const erased = await eraseContact(session, actor, { appid, openid, signal });
        if (json) return context.out(JSON.stringify(erased));
        context.out(text(lang, 'followers.erased', { n: erased.rows }));
      }),
    );

  command
    .command('count')
    .argument('<appid>')
    .option('--json')
    .action((appid: string, { json }: { json?: boolean }) =>
      withSession(context, async (app) => {
        const { kind, timeZone, ...counts } = await countFollowers(app, context.actor, { appid });
        if (json) return context.out(JSON.stringify(counts));
        const { all, following, unfollowed, syncedAt } = counts;
        if (kind === 'miniprogram')
          return context.out(text(context.lang, 'followers.countMp', { appid, all }));
        const at = syncedAt === null ? text(context.lang, 'followers.never') : formatTime(syncedAt, timeZone);
        context.out(
          text(context.lang, 'followers.count', { appid, following, unfollowed, all, syncedAt: at }),
        );
      }),
    );
  filtered(command.command('list'))
    .option('--limit <n>')
    .option('--json')
    .action((appid: string, flags: FilterFlags & { limit?: string; json?: boolean }) =>
      withSession(context, async (app) => {
        const limit = flags.limit === undefined ? 50 : wholeNumber('--limit', flags.limit, 1_000);
        const wish = { appid, filter: filterOf(flags), limit };
        const { data } = await listContacts(app, context.actor, wish);
        if (flags.json) {
          for (const one of data) context.out(JSON.stringify(one));
          return;
        }
        const { timeZone } = await countFollowers(app, context.actor, { appid });
        const { lang } = context;
        for (const line of table(
          [
            ...[text(lang, 'head.openid'), text(lang, 'head.follows'), text(lang, 'head.since')],
            ...[text(lang, 'head.tags'), text(lang, 'head.remark')],
          ],
          data.map((one) => [
            ...[one.openid, text(lang, `follows.${one.follows ?? 'null'}`)],
            one.subscribedAt === null ? '' : formatTime(one.subscribedAt, timeZone),
            ...[one.tagIds?.join(' ') ?? '', one.remark ?? ''],
          ]),
        ))
          context.out(line);
        if (data.length === limit) context.err(text(lang, 'followers.more', { limit }));
      }),
    );

  filtered(command.command('export'))
    .addOption(new Option('--format <format>').choices(['csv', 'ndjson']).default('csv'))
    .action((appid: string, flags: FilterFlags & { format: 'csv' | 'ndjson' }) =>
      withSession(context, (app) => writeContacts(context, app, appid, flags)),
    );
  return command;
}

interface FilterFlags {
  openid?: string;
  unionid?: string;
  tag?: string;
  unfollowed?: boolean;
  all?: boolean;
}

function filtered(command: Command): Command {
  return command
    .argument('<appid>')
    .option('--openid <openid>')
    .option('--unionid <unionid>')
    .option('--tag <id>')
    .addOption(new Option('--unfollowed').conflicts('all'))
    .option('--all');
}

function filterOf({ openid, unionid, tag, unfollowed, all }: FilterFlags): ContactFilter {
  return {
    openid: openid ?? null,
    unionid: unionid ?? null,
    tagId: tag === undefined ? null : wholeNumber('--tag', tag, 2_147_483_647),
    // Of a Mini Program nobody follows and nobody unfollows, so its contacts are listed with --all.
    follows: all || openid !== undefined || unionid !== undefined ? null : unfollowed !== true,
  };
}

const exportColumns = [
  ...(['openid', 'unionid', 'follows', 'remark', 'tagIds', 'subscribedAt', 'subscribeScene'] as const),
  ...(['firstSeenAt', 'unfollowedAt'] as const),
];

/** In the order of openids, a page in memory at a time; waits while the reader is slower. */
async function writeContacts(
  { actor, signal, stdout }: CliContext,
  app: Session,
  appid: string,
  flags: FilterFlags & { format: 'csv' | 'ndjson' },
): Promise<void> {
  const write = async (piece: string): Promise<void> => {
    signal.throwIfAborted();
    if (!stdout.write(piece)) await once(stdout, 'drain', { signal });
  };
  const isCsv = flags.format === 'csv';
  const filter = filterOf(flags);
  // Excel of Chinese Windows takes a CSV without this mark for GB18030.
  if (isCsv) await write(`\ufeff${exportColumns.join(',')}\r\n`);
  for (let cursor: string | undefined; ; ) {
    const page = { appid, filter, limit: 5_000, ...(cursor === undefined ? {} : { cursor }) };
    // One row in the audit for the whole export.
    const { data, next } = await (cursor === undefined ? exportContacts : listContacts)(app, actor, page);
    const lines = data.map((one) =>
      isCsv
        ? `${exportColumns.map((name) => csvCell(spreadsheetCell(cellOf(one[name])))).join(',')}\r\n`
        : `${JSON.stringify(one)}\n`,
    );
    await write(lines.join(''));
    if (next === null) return;
    cursor = next;
  }
}

function cellOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.join(' ');
  return value instanceof Date ? value.toISOString() : value;
}

function wholeNumber(option: string, value: string, most: number): number {
  if (!/^[1-9]\d{0,9}$/.test(value) || Number(value) > most)
    throw failure('USAGE/whole-number', { option, most, value });
  return Number(value);
}
