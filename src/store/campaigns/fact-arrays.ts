import { type Moment, msSince } from '../../base/clock.ts';
import { type FactKind, factKind } from '../facts.ts';

/** One appended row about one attempt. */
export interface Fact {
  /** When it happened, by the clocks that `Flush.now` was read from. */
  at: Moment;
  no: number;
  attempt: number;
  kind: FactKind;
  errcode: number | null;
  msgid: string | null;
  reason: string | null;
  /** With `retry`: when it is tried again, ms from now; null when it is not. */
  waitMs: number | null;
  /** When the attempt left; only where there was one. */
  startedAt?: Moment;
}

export const factColumns =
  'campaign_id, at, msgid, no, errcode, epoch, flush_group, attempt, kind, reason, next_at';

/** Rows of facts of any kind from nine array parameters, the first of which is $`first`. */
export function factRows(first: number): string {
  const types = [
    'smallint',
    'bigint',
    'integer',
    'integer',
    'smallint',
    'smallint',
    'text',
    'integer',
    'bigint',
  ];
  const arrays = types.map((type, i) => `$${first + i}::${type}[]`).join(', ');
  return `unnest(${arrays}) as t (entry, msgid, no, errcode, attempt, kind, reason, wait_ms, ago_us)`;
}

/** WeChat gave none; a NULL in the array would have each element looked for from its beginning. */
const noMsgid = '-1';

/**
 * Each `element` of the three array parameters of plain facts, the first of which is $`first`: first attempts that were accepted, as nearly
 * all are. By subscript and without the columns that are the same for all of them, a fact takes a quarter less of PostgreSQL's time than by
 * `unnest` of nine arrays, which copies each of them into a store of its own (3.2 against 3.9 µs, its two indexes included).
 */
export function plainFact(first: number): Record<'msgid' | 'no' | 'at', string> {
  return {
    msgid: `nullif(($${first}::bigint[])[element], ${noMsgid})`,
    no: `($${first + 1}::integer[])[element]`,
    at: `clock_timestamp() - ($${first + 2}::bigint[])[element] * interval '1 microsecond'`,
  };
}

export const factTimes = {
  at: "clock_timestamp() - t.ago_us * interval '1 microsecond'",
  nextAt: "clock_timestamp() + t.wait_ms * interval '1 millisecond'",
};

interface FactArrays {
  /** Parameters of `plainFact`. */
  plain: string[];
  /** For each flush, how many plain facts there are up to its last one. */
  plainEnds: number[];
  /** Parameters of `factRows`. */
  others: string[];
}

/**
 * The facts of some flushes as parameters, each among the plain ones or the others. Written as array literals here: pg's own way over
 * arrays of objects took twice the time of sender and server together.
 */
export function factArrays(flushes: readonly { facts: readonly Fact[]; now: Moment }[]): FactArrays {
  let plainMsgids = '';
  let plainNos = '';
  let plainAgos = '';
  let plain = 0;
  const plainEnds: number[] = [];
  let entries = '';
  let msgids = '';
  let nos = '';
  let errcodes = '';
  let attempts = '';
  let kinds = '';
  let reasons = '';
  let waits = '';
  let agos = '';
  let comma = '';
  for (let i = 0; i < flushes.length; i++) {
    const { facts, now } = flushes[i]!; // i is below the length
    for (const fact of facts) {
      const ago = Math.round(msSince(fact.at, now) * 1000);
      if (isPlain(fact)) {
        const separator = plain++ === 0 ? '' : ',';
        plainMsgids += separator + bigintText(fact.msgid, noMsgid);
        plainNos += separator + fact.no;
        plainAgos += separator + ago;
        continue;
      }
      entries += comma + i;
      msgids += comma + bigintText(fact.msgid, 'NULL');
      nos += comma + fact.no;
      errcodes += comma + (fact.errcode ?? 'NULL');
      attempts += comma + fact.attempt;
      kinds += comma + fact.kind;
      reasons += comma + (fact.reason === null ? 'NULL' : JSON.stringify(fact.reason));
      waits += comma + (fact.waitMs === null ? 'NULL' : Math.round(fact.waitMs));
      agos += comma + ago;
      comma = ',';
    }
    plainEnds.push(plain);
  }
  return {
    plain: [plainMsgids, plainNos, plainAgos].map((list) => `{${list}}`),
    plainEnds,
    others: [entries, msgids, nos, errcodes, attempts, kinds, reasons, waits, agos].map(
      (list) => `{${list}}`,
    ),
  };
}

function isPlain({ kind, attempt, errcode, reason, waitMs }: Fact): boolean {
  return (
    kind === factKind.accepted && attempt === 1 && errcode === null && reason === null && waitMs === null
  );
}

const largestBigint = '9223372036854775807';

/** A msgid that the column cannot hold would fail this group for ever; no WeChat has sent one. */
function bigintText(msgid: string | null, none: string): string {
  if (msgid === null) return none;
  const fits = msgid.length < 19 || (msgid.length === 19 && msgid <= largestBigint);
  return fits && /^\d+$/.test(msgid) ? msgid : none;
}
