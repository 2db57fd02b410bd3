import { failure } from '../base/errors.ts';
import { getAccount } from '../store/accounts/accounts.ts';
import { listCallbackCounts } from '../store/events/callback-counters.ts';
import { keepEventDays, setEventDays } from '../store/events/event-partitions.ts';
import { listEvents as page, type ShownEvent } from '../store/events/events.ts';
import { action } from './action.ts';

export type { ShownEvent };

const maxDays = 99_999;

/** The newest events of an account (all types when `type` is null). */
export const listEvents = action<
  { appid: string; type: string | null; limit: number },
  { events: ShownEvent[]; timeZone: string }
>(
  { name: 'events.list', permission: 'event.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, type, limit }) => {
    const { timeZone } = await getAccount(pool, appid);
    return { events: await page(pool, appid, type, limit), timeZone };
  },
);

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

/** How many days events of all accounts are kept. */
export const readEventDays = action<object, { days: number }>(
  { name: 'events.days', permission: 'event.read', audit: 'none' },
  async ({ store: { pool } }) => ({ days: await keepEventDays(pool) }),
);

/** Changes it; older ones go within the hour. Only for somebody who is not limited to accounts. */
export const changeEventDays = action<{ days: number }, { days: number }>(
  { name: 'events.keep', permission: 'account.manage', audit: 'change', kept: ({ days }) => ({ days }) },
  async ({ store: { pool } }, { days }, { actor, trail }) => {
    if (actor.accounts !== 'all')
      throw failure('FORBIDDEN', { permission: 'account.manage', actor: actor.name });
    if (!Number.isInteger(days) || days < 1 || days > maxDays)
      throw failure('EVENT_DAYS_INVALID', { days: String(days), most: maxDays });
    trail.before = { days: await keepEventDays(pool) };
    await setEventDays(pool, days);
    return { days };
  },
);
