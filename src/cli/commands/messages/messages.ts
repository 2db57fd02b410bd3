import { Command, Option } from 'commander';
import { findByKey, listMessages, type Message, readMessage } from '../../../app/messages/messages.ts';
import type { Page } from '../../../app/page.ts';
import { timeZoneOf, usualZone } from '../../../app/time-zone.ts';
import { failure } from '../../../base/errors.ts';
import type { Lang } from '../../../texts/catalogue.ts';
import { channelWords } from '../../../texts/channels.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { numberBetween } from '../../input/number-between.ts';
import { timeOf } from '../../input/time-option.ts';
import { type Session, withSession } from '../../open.ts';
import { messageLines } from '../../output/message-lines.ts';
import { table } from '../../output/table.ts';
import { formatTime } from '../../output/when.ts';
import { addMessagePrune } from './message-prune.ts';

const states = ['waiting', 'accepted', 'rejected', 'unknown', 'held', 'unsent'] as const;

interface ListFlags {
  account?: string;
  channel?: string;
  touser?: string;
  template?: string;
  state?: (typeof states)[number];
  errcode?: string;
  ref?: string;
  from?: string;
  to?: string;
  limit: string;
  cursor?: string;
  json?: boolean;
}

/** `hongyan messages`: single messages and what became of them. */
export function messagesCommand(context: CliContext): Command {
  const command = new Command('messages');

  command
    .command('show')
    .argument('[id]')
    .option('--account <appid>')
    .option('--key <key>')
    .option('--json')
    .action((id: string | undefined, flags: { account?: string; key?: string; json?: boolean }) =>
      withSession(context, async (app) => {
        const found = await read(context, app, id, flags);
        if (flags.json) return context.out(JSON.stringify(found));
        const timeZone = await timeZoneOf(app, context.actor, found);
        for (const line of messageLines(found, timeZone, context.lang)) context.out(line);
      }),
    );

  command
    .command('list')
    .option('--account <appid>')
    .option('--channel <channel>')
    .option('--touser <openid>')
    .option('--template <template_id>')
    .addOption(new Option('--state <state>').choices(states))
    .option('--errcode <errcode>')
    .option('--ref <ref>')
    .option('--from <time>')
    .option('--to <time>')
    .option('--limit <n>', '', '20')
    .option('--cursor <cursor>')
    .option('--json')
    .action((flags: ListFlags) => withSession(context, (app) => list(context, app, flags)));
  addMessagePrune(command, context);
  return command;
}

async function read(
  { actor }: CliContext,
  app: Session,
  id: string | undefined,
  { account, key }: { account?: string; key?: string },
): Promise<Message> {
  if (id === undefined && account !== undefined && key !== undefined)
    return await findByKey(app, actor, { appid: account, key });
  if (id === undefined || key !== undefined) throw failure('USAGE/message-named', {});
  if (!/^[1-9]\d{0,14}$/.test(id)) throw failure('USAGE/message-number', { value: id });
  return await readMessage(app, actor, { id: Number(id) });
}

async function list(context: CliContext, app: Session, flags: ListFlags): Promise<void> {
  const { actor, lang } = context;
  const { account: appid, channel, touser, template: templateId, state, errcode, ref, cursor } = flags;
  const zone = await timeZoneOf(app, actor, { appid });
  const page = await listMessages(app, actor, {
    ...{ appid, channel, touser, templateId, state, ref, cursor },
    errcode: errcode === undefined ? undefined : numberBetween('--errcode', errcode, -1, 999_999_999),
    from: timeOf('--from', flags.from, zone),
    to: timeOf('--to', flags.to, zone),
    limit: numberBetween('--limit', flags.limit, 1, 99_999),
  });
  if (flags.json) return context.out(JSON.stringify(page));
  if (page.data.length === 0 && page.next === null) {
    const isFiltered = Object.keys(flags).some((name) => name !== 'limit');
    return context.out(text(lang, isFiltered ? 'messages.noneSuch' : 'messages.none'));
  }
  await print(context, app, page);
}

async function print(context: CliContext, app: Session, { data, next }: Page<Message>): Promise<void> {
  const { actor, lang, out } = context;
  const zones = new Map<string, string>();
  for (const { appid } of data)
    if (!zones.has(appid)) zones.set(appid, await timeZoneOf(app, actor, { appid }));
  for (const line of table(
    [
      text(lang, 'messages.number'),
      text(lang, 'messages.account'),
      text(lang, 'messages.channel'),
      'openid',
      text(lang, 'messages.state'),
      text(lang, 'messages.why'),
      text(lang, 'messages.receipt'),
      text(lang, 'messages.key'),
      text(lang, 'messages.created'),
    ],
    data.map((one) => [
      String(one.id),
      one.appid,
      channelWords[one.channel][lang],
      one.touser,
      stateText(lang, one.state),
      one.errcode === null ? (one.reason ?? '') : String(one.errcode),
      one.receipt === null ? '' : text(lang, `receipt.${one.receipt.status}`),
      one.key ?? '',
      formatTime(one.createdAt, zones.get(one.appid) ?? usualZone),
    ]),
  ))
    out(line);
  if (next !== null) out(text(lang, 'messages.more', { cursor: next }));
}

function stateText(lang: Lang, state: Message['state']): string {
  return state === 'waiting' ? text(lang, 'messages.waiting') : text(lang, `report.${state}`);
}
