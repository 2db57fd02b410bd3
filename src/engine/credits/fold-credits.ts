import type { CreditEntry, FoldedCredits } from '../../store/credits/entries.ts';

/** A popup event and a client report of one template this close to each other, ms, speak of the same tap. */
export const sameTapMs = 60_000;

type Entry = Pick<CreditEntry, 'kind' | 'delta' | 'sets' | 'at' | 'key'>;

/** What changes the balance at one moment. */
interface Step {
  at: number;
  /** Within one moment: what sets it, then accepts, then sends. A popup event has whole seconds only. */
  order: 0 | 1 | 2;
  delta: number;
  sets: number | null;
}

/**
 * What the entries of one person and template add up to; the order in which they were heard of does not matter.
 *
 * Entries are taken in the order in which they happened. A popup event and a client report within `sameTapMs` are one
 * tap, each paired once, and it happened at the earlier of the two. Of two that set the balance at one moment the
 * smaller counts. A balance never falls below 0: a send that nobody
 * had told us a credit for consumed one that we did not know.
 */
export function foldCredits(entries: readonly Entry[]): FoldedCredits {
  const steps = stepsOf(entries).sort(
    (a, b) => a.at - b.at || a.order - b.order || (b.sets ?? 0) - (a.sets ?? 0),
  );
  let known = false;
  let balance = 0;
  let knownSince: number | null = null;
  let setAt: number | null = null;
  for (const step of steps) {
    if (step.sets !== null) {
      balance = step.sets;
      setAt = step.at;
    }
    if (step.sets !== null || step.delta > 0) {
      known = true;
      knownSince ??= step.at;
    }
    balance = Math.max(0, balance + step.delta);
  }
  const last = entries.reduce<number | null>((newest, one) => Math.max(newest ?? 0, one.at.getTime()), null);
  return {
    known,
    balance,
    knownSince: dateOf(knownSince),
    lastAt: dateOf(last),
    setAt: dateOf(setAt),
  };
}

function stepsOf(entries: readonly Entry[]): Step[] {
  const steps: Step[] = [];
  const popups: number[] = [];
  const reports: number[] = [];
  for (const { kind, delta, sets, at } of entries) {
    const time = at.getTime();
    if (sets !== null) steps.push({ at: time, order: 0, delta: 0, sets });
    else if (delta < 0) steps.push({ at: time, order: 2, delta, sets: null });
    else if (delta > 0) (kind === 'popup' ? popups : reports).push(time);
  }
  for (const at of tapsOf(popups, reports)) steps.push({ at, order: 1, delta: 1, sets: null });
  return steps;
}

/** When the taps were that popup events and reports speak of: as few of them as can be, two of one kind never the same. */
function tapsOf(popups: number[], reports: number[]): number[] {
  popups.sort((a, b) => a - b);
  reports.sort((a, b) => a - b);
  const taps: number[] = [];
  let p = 0;
  let r = 0;
  for (;;) {
    const popup = popups[p];
    const report = reports[r];
    if (popup === undefined && report === undefined) return taps;
    // Taking them from the earliest on pairs as many as can be paired.
    const paired = popup !== undefined && report !== undefined && Math.abs(popup - report) <= sameTapMs;
    taps.push(Math.min(popup ?? Number.POSITIVE_INFINITY, report ?? Number.POSITIVE_INFINITY));
    if (paired) {
      p++;
      r++;
    } else if (report === undefined || (popup !== undefined && popup < report)) p++;
    else r++;
  }
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
