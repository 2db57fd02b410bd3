import { Command } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { listCallbackCounts } from '../../store/events/callback-counters.ts';
import { keepEventDays, setEventDays } from '../../store/events/event-partitions.ts';
import { listEvents, type ShownEvent } from '../../store/events/events.ts';
import type { Lang } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { withSession } from '../open.ts';
import { table } from '../output/table.ts';
import { formatTime } from '../output/when.ts';

interface ListOptions {
  type?: string;
  limit: string;
  json?: boolean;
}

const counterDays = 7;
/** Of a body that cannot be read, in the table. */
const shownBytes = 1_000;

/** `hongyan events`: what WeChat pushed. */
export function eventsCommand(context: CliContext): Command {
  const command = new Command('events').description('what WeChat pushed to the callback URL');

  command
    .command('list')
    .description('the newest events and messages of an account, and what became of the requests')
    .argument('<appid>')
    .option('--type <type>', 'of one type only, e.g. follow, message, unknown or unreadable')
    .option('--limit <n>', 'how many', '20')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan events list wx0123456789abcdef --type unknown')
    .action((appid: string, options: ListOptions) =>
      withSession(context, async ({ store }) => {
        const limit = positive('--limit', options.limit);
        const { timeZone } = await getAccount(store.pool, appid);
        const events = await listEvents(store.pool, appid, options.type ?? null, limit);
        const counters = await listCallbackCounts(store.pool, appid, counterDays);
        if (options.json) return context.out(JSON.stringify({ events: events.map(withRaw), counters }));
        if (events.length === 0) context.out(text(context.lang, 'events.none', { appid }));
        else {
          const rows = events.map((one) => row(one, timeZone, context.lang));
          for (const line of table(['created', 'type', 'openid', 'fields'], rows)) context.out(line);
        }
        for (const day of new Set(counters.map((one) => one.day))) {
          const counts = counters.filter((one) => one.day === day);
          const list = counts.map((one) => `${one.kind} ${one.count.toLocaleString('en-US')}`).join(', ');
          context.out(text(context.lang, 'events.counters', { day, list }));
        }
      }),
    );

  command
    .command('keep')
    .description('show or change how many days events are kept')
    .argument('[days]')
    .addHelpText('after', '\nExample:\n  $ hongyan events keep 180')
    .action((value: string | undefined) =>
      withSession(context, async ({ store }) => {
        if (value !== undefined) await setEventDays(store.pool, positive('days', value));
        const days = await keepEventDays(store.pool);
        context.out(text(context.lang, 'events.kept', { days }));
      }),
    );
  return command;
}

/** Envelope fields have columns of their own; the rest is shown as WeChat sent it. */
const envelope = new Set(['ToUserName', 'FromUserName', 'CreateTime', 'MsgType']);

function row(event: ShownEvent, timeZone: string, lang: Lang): string[] {
  const pending = event.pending === null ? '' : ` [pending: ${event.pending.join(', ')}]`;
  return [
    formatTime(event.createdAt, timeZone),
    event.type,
    event.openid,
    `${event.raw === null ? fieldsOf(event) : rawOf(event, event.raw, lang)}${pending}`,
  ];
}

function fieldsOf({ fields }: ShownEvent): string {
  const rest = Object.entries(fields).filter(([name]) => !envelope.has(name));
  return JSON.stringify(Object.fromEntries(rest));
}

/** On one line, whatever is in it, and its beginning only: it may be a megabyte. */
function rawOf({ fields }: ShownEvent, raw: Buffer, lang: Lang): string {
  const beginning = JSON.stringify(raw.toString('utf8', 0, shownBytes));
  return text(lang, 'events.raw', {
    fields: JSON.stringify(fields),
    bytes: raw.length,
    raw: raw.length > shownBytes ? `${beginning}…` : beginning,
  });
}

/** In JSON the body as text, and its very bytes, since it may not be UTF-8. */
function withRaw({ raw, ...event }: ShownEvent): object {
  return raw === null ? event : { ...event, raw: raw.toString('utf8'), rawBase64: raw.toString('base64') };
}

function positive(what: string, value: string): number {
  if (/^[1-9]\d{0,4}$/.test(value)) return Number(value);
  throw new HongyanError('USAGE', `${what} takes a number from 1 to 99,999, not "${value}"`);
}
