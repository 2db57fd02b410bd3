import { failure } from '../base/errors.ts';
import { eventEffects } from '../engine/event-effects.ts';
import { getAccount } from '../store/accounts/accounts.ts';
import { listCallbackCounts } from '../store/events/callback-counters.ts';
import { eventTerms, setEventDays } from '../store/events/event-terms.ts';
import {
  type EventPlace,
  type EventTrace,
  findEvent,
  maxEffectTries,
  listEvents as page,
  type ShownEvent,
} from '../store/events/events.ts';
import { action } from './action.ts';
import { cursorOf, type Page, pageOf } from './page.ts';

export type { ShownEvent };

const maxDays = 99_999;

/** The newest events of an account (all types when `type` is null). Receipts that say nothing else lie apart. */
export const listEvents = action<
  { appid: string; type: string | null; limit: number; cursor: string | null },
  Page<ShownEvent> & { timeZone: string }
>(
  { name: 'events.list', permission: 'event.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, type, limit, cursor }) => {
    const { timeZone } = await getAccount(pool, appid);
    const given = cursorOf(cursor, idForm);
    const found = await page(pool, appid, type, limit + 1, given === null ? null : parseEventId(given));
    const data = found.slice(0, limit);
    const last = data.at(-1);
    return { ...pageOf(data, found.length > limit && last !== undefined ? eventId(last) : null), timeZone };
  },
);

type EffectState = 'done' | 'pending' | 'given-up';

/** What followed from an event: by effect, and what is left of it to be seen. */
export interface EventDone {
  effects: { name: string; state: EffectState }[];
  follows: EventTrace['follows'];
  credits: EventTrace['credits'];
}

/** One event and what it did. Throws `EVENT_NOT_FOUND`. */
export const readEvent = action<{ appid: string; id: string }, ShownEvent & { did: EventDone }>(
  {
    name: 'events.show',
    permission: 'event.read',
    audit: 'none',
    appid: ({ appid }) => appid,
    target: ({ id }) => id,
  },
  async ({ store: { pool } }, { appid, id }) => {
    await getAccount(pool, appid);
    const place = parseEventId(id);
    const found = place === null ? null : await findEvent(pool, appid, place);
    if (found === null) throw failure('EVENT_NOT_FOUND', { id });
    const { key: _, tries, follows, credits, ...event } = found;
    const open: EffectState = tries >= maxEffectTries ? 'given-up' : 'pending';
    const stateOf = (name: string): EffectState => (event.pending?.includes(name) === true ? open : 'done');
    const effects = eventEffects
      .filter(({ types }) => types === 'all' || types.some((type) => type === event.type))
      .map(({ name }) => ({ name, state: stateOf(name) }));
    return { ...event, did: { effects, follows, credits } };
  },
);

/** `1764000000-17`: its second, and the number that makes it one. */
export function eventId({ createdAt, id }: Pick<ShownEvent, 'createdAt' | 'id'>): string {
  return `${createdAt.getTime() / 1000}-${id}`;
}

const idForm = /^(\d{1,12})-(\d{1,15})$/;

function parseEventId(text: string): EventPlace | null {
  const [, createdAt, id] = idForm.exec(text) ?? [];
  return id === undefined ? null : { createdAt: Number(createdAt), id: Number(id) };
}

/** What became of the requests to an account's callback in the last days, newest day first. */
export const countCallbackRequests = action<
  { appid: string; days: number },
  { counters: { day: string; kind: string; count: number }[] }
>(
  { name: 'callback.counts', permission: 'event.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, days }) => {
    await getAccount(pool, appid);
    return { counters: await listCallbackCounts(pool, appid, days) };
  },
);

/** How many days events are kept, of accounts that have no term of their own (`keepEventDays`). */
export const readEventDays = action<object, { days: number }>(
  { name: 'events.days', permission: 'event.read', audit: 'none' },
  async ({ store: { pool } }) => ({ days: (await eventTerms(pool)).installation }),
);

/** Changes it; older ones go within the hour. Only for somebody who is not limited to accounts. */
export const changeEventDays = action<{ days: number }, { days: number }>(
  { name: 'events.keep', permission: 'account.manage', audit: 'change', kept: ({ days }) => ({ days }) },
  async ({ store: { pool } }, { days }, { actor, trail }) => {
    if (actor.accounts !== 'all')
      throw failure('FORBIDDEN', { permission: 'account.manage', actor: actor.name });
    if (!Number.isInteger(days) || days < 1 || days > maxDays)
      throw failure('EVENT_DAYS_INVALID', { days: String(days), most: maxDays });
    trail.before = { days: (await eventTerms(pool)).installation };
    await setEventDays(pool, days);
    return { days };
  },
);
