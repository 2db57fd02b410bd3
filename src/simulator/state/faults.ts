import { randomSequence, seed32 } from '../random.ts';

/**
 * Something that goes wrong on purpose.
 *
 * `kind` is one of
 * - an errcode (usually −1 or 45011): that answer instead of the real one;
 * - 502, 503 or 504: a gateway's HTML page with that HTTP status;
 * - `reset`: the connection is reset before the request is read; nothing happened on WeChat's side;
 * - `cut`: the request is carried out, then the connection is reset without an answer;
 * - `slow`: the answer comes `slowMs` later than it would.
 *
 * When it strikes: exactly one of `rate`, `next` and `at`.
 */
export interface FaultRule {
  kind: number | 'reset' | 'cut' | 'slow';
  /** Share (0–1) of the matching requests, drawn from the seed. */
  rate?: number;
  /** The next so many matching requests. */
  next?: number;
  /** Matching requests with these numbers; the first one after the rule was set is 1. */
  at?: number[];
  /** Only paths that start with this. Default: every path of WeChat's. */
  path?: string;
  /** Only calls of this account, known by its token or by `appid` in the query. */
  appid?: string;
  /** Delay of `slow`, milliseconds. Default 5000. */
  slowMs?: number;
  /** The request is carried out before the errcode or the page is answered. Default false. */
  accepted?: boolean;
}

interface Rule extends FaultRule {
  seen: number;
  struck: number;
  random: () => number;
}

/** The rules in force, in order; of those that strike a request the first one counts. */
export class Faults {
  #rules: Rule[] = [];
  readonly #seed: number | string;
  #added = 0;

  constructor(seed: number | string, rules: readonly FaultRule[] = []) {
    this.#seed = seed;
    for (const rule of rules) this.add(rule);
  }

  add(rule: FaultRule): void {
    const random = randomSequence(seed32('fault', this.#seed, this.#added++));
    this.#rules.push({ ...rule, seen: 0, struck: 0, random });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The rules with how many requests they saw and struck. */
  list(): (FaultRule & { seen: number; struck: number })[] {
    return this.#rules.map(({ random: _random, ...rule }) => rule);
  }

  get none(): boolean {
    return this.#rules.length === 0;
  }

  strike(path: string, appid: string | undefined): FaultRule | undefined {
    let struck: Rule | undefined;
    for (const rule of this.#rules) {
      if (rule.path !== undefined && !path.startsWith(rule.path)) continue;
      if (rule.appid !== undefined && rule.appid !== appid) continue;
      rule.seen++;
      const hit =
        rule.rate !== undefined
          ? rule.random() < rule.rate
          : rule.next !== undefined
            ? rule.struck < rule.next
            : (rule.at?.includes(rule.seen) ?? false);
      if (hit && struck === undefined) {
        struck = rule;
        rule.struck++;
      }
    }
    return struck;
  }
}
