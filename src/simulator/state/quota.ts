import type { AccountKind, QuotaLimit } from '../options.ts';

const dayMs = 86_400_000;
const shanghaiMs = 8 * 3_600_000;

/** Calls to one path by one account: what was spent of its limits, and what it answered. */
export interface ApiUse {
  path: string;
  limit: QuotaLimit;
  day: number;
  usedToday: number;
  minute: number;
  usedThisMinute: number;
  calls: number;
  /** Answers by errcode; 0 are successes. */
  answers: Map<number, number>;
}

export class Quotas {
  readonly #apis = new Map<string, ApiUse>();
  readonly #defaults: Record<string, QuotaLimit>;
  readonly #own: Record<string, QuotaLimit | null>;
  readonly #dayShiftMs: number;
  #month = -1;
  #clearedThisMonth = 0;

  constructor(
    defaults: Record<string, QuotaLimit>,
    own: Record<string, QuotaLimit | null>,
    resetHour: number,
  ) {
    this.#defaults = defaults;
    this.#own = own;
    this.#dayShiftMs = shanghaiMs - resetHour * 3_600_000;
  }

  api(path: string): ApiUse {
    let api = this.#apis.get(path);
    if (api === undefined) {
      const own = this.#own[path];
      const limit = own === null ? {} : { ...this.#defaults[path], ...own };
      api = { path, limit, day: 0, usedToday: 0, minute: 0, usedThisMinute: 0, calls: 0, answers: new Map() };
      this.#apis.set(path, api);
    }
    return api;
  }

  /** Counts one call; 0 if it is within its limits. A call over a limit is not counted. */
  spend(api: ApiUse, nowMs: number): 0 | 45009 | 45011 {
    this.#turn(api, nowMs);
    if (api.limit.daily !== undefined && api.usedToday >= api.limit.daily) return 45009;
    if (api.limit.minute !== undefined && api.usedThisMinute >= api.limit.minute) return 45011;
    api.usedToday++;
    api.usedThisMinute++;
    return 0;
  }

  usedToday(path: string, nowMs: number): number {
    const api = this.api(path);
    this.#turn(api, nowMs);
    return api.usedToday;
  }

  /** Changes a path's limits; `null` lifts them. */
  set(path: string, limit: QuotaLimit | null): void {
    this.api(path).limit = limit === null ? {} : { ...this.api(path).limit, ...limit };
  }

  /** Sets the daily counters back; false after 10 times in one month. */
  clearAll(nowMs: number): boolean {
    const date = new Date(nowMs + shanghaiMs);
    const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
    if (month !== this.#month) {
      this.#month = month;
      this.#clearedThisMonth = 0;
    }
    if (this.#clearedThisMonth >= 10) return false;
    this.#clearedThisMonth++;
    for (const api of this.#apis.values()) api.usedToday = 0;
    return true;
  }

  all(): IterableIterator<ApiUse> {
    return this.#apis.values();
  }

  reset(): void {
    this.#apis.clear();
    this.#month = -1;
    this.#clearedThisMonth = 0;
  }

  #turn(api: ApiUse, nowMs: number): void {
    const day = Math.floor((nowMs + this.#dayShiftMs) / dayMs);
    if (day !== api.day) {
      api.day = day;
      api.usedToday = 0;
    }
    const minute = Math.floor(nowMs / 60_000);
    if (minute !== api.minute) {
      api.minute = minute;
      api.usedThisMinute = 0;
    }
  }
}

/**
 * The documented limits of a new account, ten times as much from each of 100,000, 1 and 10 million
 * followers on (the thresholds are documented, the factor is not).
 */
export function defaultQuotas(kind: AccountKind, followers: number): Record<string, QuotaLimit> {
  const factor =
    followers >= 10_000_000 ? 1000 : followers >= 1_000_000 ? 100 : followers >= 100_000 ? 10 : 1;
  const test = kind === 'sandbox';
  const daily = (ofNew: number, ofTest = ofNew): QuotaLimit => ({ daily: (test ? ofTest : ofNew) * factor });
  return {
    '/cgi-bin/token': daily(2000, 200),
    '/cgi-bin/stable_token': { daily: 500_000, minute: 10_000 },
    '/cgi-bin/user/get': daily(500, 100),
    '/cgi-bin/user/info': daily(5_000_000, 500_000),
    '/cgi-bin/user/info/batchget': daily(5_000_000, 500_000),
    '/cgi-bin/user/info/updateremark': daily(10_000),
    '/cgi-bin/tags/members/batchtagging': daily(100_000, 1000),
    '/cgi-bin/tags/members/batchuntagging': daily(100_000, 1000),
    '/cgi-bin/message/custom/send': daily(500_000, 50_000),
    '/cgi-bin/message/template/send': daily(100_000),
    '/cgi-bin/message/subscribe/send': daily(10_000_000),
    '/cgi-bin/message/wxopen/template/send': daily(1_000_000),
    '/cgi-bin/message/mass/sendall': { ...daily(100), minute: 60 },
    '/cgi-bin/message/mass/send': { ...daily(100), minute: 60 },
    '/cgi-bin/message/mass/preview': { ...daily(100), minute: 60 },
    '/cgi-bin/message/mass/get': { minute: 60 },
    '/cgi-bin/message/mass/delete': { ...daily(100), minute: 60 },
  };
}
