import { getAccount, listAccounts } from '../store/accounts/accounts.ts';
import { clockTime } from '../texts/times.ts';
import { action } from './action.ts';

/** Where accounts live in several zones, or there are none. */
export const usualZone = 'Asia/Shanghai';

/**
 * The zone in which an account's times are written and read; without an account the one that all accounts have, and otherwise
 * the usual one. Throws `ACCOUNT_NOT_FOUND`.
 */
export const timeZoneOf = action<{ appid?: string | undefined }, string>(
  {
    name: 'accounts.timeZone',
    permission: 'account.read',
    audit: 'none',
    appid: ({ appid }) => appid ?? null,
  },
  async ({ store: { pool } }, { appid }) => {
    if (appid !== undefined) return (await getAccount(pool, appid)).timeZone;
    const [first, ...others] = new Set((await listAccounts(pool)).map(({ timeZone }) => timeZone));
    return first === undefined || others.length > 0 ? usualZone : first;
  },
);

/** A time as people write it: `2026-12-01 09:00` in the zone, or ISO 8601 with an offset; null when it is none. */
export function readTime(value: string, timeZone: string): Date | null {
  const local = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?$/.exec(value.trim());
  const at =
    local === null
      ? /(?:Z|[+-]\d{2}:?\d{2})$/.test(value)
        ? new Date(value)
        : new Date(Number.NaN)
      : zoned(
          local.slice(1).map((part) => Number(part ?? 0)),
          timeZone,
        );
  return Number.isNaN(at.getTime()) ? null : at;
}

/** A cell's time: as people write it, as spreadsheets show it, or Unix seconds or milliseconds. */
export function readCellTime(value: string, timeZone: string): Date | null {
  if (/^\d{10}$/.test(value)) return new Date(Number(value) * 1000);
  if (/^\d{13}$/.test(value)) return new Date(Number(value));
  const found = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d{1,2}:\d{2}(?::\d{2})?))?$/.exec(value);
  if (found === null) return readTime(value, timeZone);
  const [, year = '', month = '', day = '', time = '00:00'] = found;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return readTime(`${date} ${time.padStart(time.length > 5 ? 8 : 5, '0')}`, timeZone);
}

/** The instant at which clocks of the zone show these numbers. */
function zoned(parts: number[], timeZone: string): Date {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  const wanted = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC turns the 13th month into the next January.
  if (new Date(wanted).getUTCMonth() !== month - 1 || hour > 23 || minute > 59 || second > 59)
    return new Date(Number.NaN);
  // Twice: the first guess may lie on the other side of a change of the clocks.
  let at = wanted;
  for (let i = 0; i < 2; i++)
    at = wanted - (Date.parse(`${clockTime(at, timeZone).replace(' ', 'T')}Z`) - at);
  const shown = Date.parse(`${clockTime(at, timeZone).replace(' ', 'T')}Z`);
  return shown === wanted ? new Date(at) : new Date(Number.NaN);
}
