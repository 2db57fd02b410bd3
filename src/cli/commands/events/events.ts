import { Command, Option } from 'commander';
import {
  changeEventDays,
  countCallbackRequests,
  eventId,
  listEvents,
  readEvent,
  readEventDays,
  type ShownEvent,
} from '../../../app/events.ts';
import type { Lang } from '../../../texts/catalogue.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { wholeNumber } from '../../input/number.ts';
import { withSession } from '../../open.ts';
import { table } from '../../output/table.ts';
import { formatTime } from '../../output/when.ts';

interface ListOptions {
  type?: string;
  limit: string;
  json?: boolean;
}

const counterDays = 7;
const maxListed = 99_999;
/** Of a body that cannot be read, in the table. */
const shownBytes = 1_000;

/** `hongyan events`: what WeChat pushed. */
export function eventsCommand(context: CliContext): Command {
  const command = new Command('events');

  command
    .command('list')
    .argument('<appid>')
    .option('--type <type>')
    .addOption(new Option('--limit <n>').default('20'))
    .option('--json')
    .action((appid: string, options: ListOptions) =>
      withSession(context, async (app) => {
        const limit = wholeNumber('--limit', options.limit, maxListed);
        const { actor, lang } = context;
        const { data: events, timeZone } = await listEvents(app, actor, {
          appid,
          type: options.type ?? null,
          limit,
          cursor: null,
        });
        const { counters } = await countCallbackRequests(app, actor, { appid, days: counterDays });
        if (options.json) return context.out(JSON.stringify({ events: events.map(withRaw), counters }));
        if (events.length === 0) context.out(text(lang, 'events.none', { appid }));
        else {
          const rows = events.map((one) => row(one, timeZone, lang));
          for (const line of table(text(lang, 'events.head').split('|'), rows)) context.out(line);
        }
        for (const day of new Set(counters.map((one) => one.day))) {
          const counts = counters.filter((one) => one.day === day);
          const list = counts.map((one) => `${one.kind} ${one.count.toLocaleString('en-US')}`).join(', ');
          context.out(text(lang, 'events.counters', { day, list }));
        }
      }),
    );

  command
    .command('show')
    .argument('<appid>')
    .argument('<id>')
    .option('--json')
    .action((appid: string, id: string, options: { json?: boolean }) =>
      withSession(context, async (app) => {
        const { did, ...event } = await readEvent(app, context.actor, { appid, id });
        if (options.json) return context.out(JSON.stringify({ ...withRaw(event), id, did }));
        const { lang } = context;
        context.out(JSON.stringify(event.fields, null, 2));
        if (event.raw !== null) context.out(rawOf(event, event.raw, lang));
        for (const { name, state } of did.effects) context.out(text(lang, `effect.${state}`, { name }));
        if (did.follows !== null) context.out(text(lang, did.follows ? 'events.follows' : 'events.left'));
        for (const { templateId, delta, sets } of did.credits)
          context.out(
            sets === null
              ? text(lang, 'events.credit', { template: templateId, delta })
              : text(lang, 'events.creditSet', { template: templateId, sets }),
          );
      }),
    );

  command
    .command('keep')
    .argument('[days]')
    .option('--json')
    .action((value: string | undefined, options: { json?: boolean }) =>
      withSession(context, async (app) => {
        const { days } =
          value === undefined
            ? await readEventDays(app, context.actor, {})
            : await changeEventDays(app, context.actor, { days: wholeNumber('days', value, maxListed) });
        context.out(options.json ? JSON.stringify({ days }) : text(context.lang, 'events.kept', { days }));
      }),
    );
  return command;
}

/** Envelope fields have columns of their own; the rest is shown as WeChat sent it. */
const envelope = new Set(['ToUserName', 'FromUserName', 'CreateTime', 'MsgType']);

function row(event: ShownEvent, timeZone: string, lang: Lang): string[] {
  const pending =
    event.pending === null ? '' : ` ${text(lang, 'events.pending', { effects: event.pending })}`;
  return [
    eventId(event),
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
