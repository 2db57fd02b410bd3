import { Cron } from 'croner';

/** A time at which a schedule is due. */
export interface Occurrence {
  /** What the clocks on the wall show, `YYYY-MM-DDTHH:MM`: the name of the run. */
  local: string;
  /** Unix ms. */
  at: number;
}

const dayMs = 86_400_000;
/** More than the distance of any zone from UTC, and than any change of the clocks. */
const aroundMs = 2 * dayMs;

/** Throws when it is not a cron expression of five fields. */
export function requireCron(cron: string): void {
  if (cron.trim().split(/\s+/).length !== 5) throw new Error('a cron expression has five fields');
  iterator(cron);
}

/**
 * When a schedule is due, after `after` and not after `until`, oldest first.
 *
 * The expression is read on the clocks of the zone. A time that they show twice counts once, at its first; one that they
 * skip is due at the first that they show after it, together with whatever is due then: one instant, one run.
 */
export function occurrences(cron: string, timeZone: string, after: number, until: number): Occurrence[] {
  const found = new Map<number, Occurrence & { exists: boolean }>();
  const last = until + aroundMs;
  for (let local = next(cron, after - aroundMs); local !== null && local <= last; local = next(cron, local)) {
    const one = instantOf(local, timeZone);
    if (one.at <= after || one.at > until) continue;
    const other = found.get(one.at);
    if (other === undefined || (!other.exists && one.exists))
      found.set(one.at, { ...one, local: nameOf(local) });
  }
  return [...found.values()].map(({ local, at }) => ({ local, at })).sort((a, b) => a.at - b.at);
}

/** The first one after `after`; null when there is none, on 30 February, say. */
export function nextOccurrence(cron: string, timeZone: string, after: number): Occurrence | null {
  const first = next(cron, after - aroundMs);
  for (let local = first; local !== null; local = next(cron, local)) {
    const { at } = instantOf(local, timeZone);
    if (at > after) return { local: nameOf(local), at };
  }
  return null;
}

/** The next `count` of them after `after`; fewer when there are no more. */
export function nextOccurrences(cron: string, timeZone: string, after: number, count: number): Occurrence[] {
  const found: Occurrence[] = [];
  while (found.length < count) {
    const one = nextOccurrence(cron, timeZone, found.at(-1)?.at ?? after);
    if (one === null) break;
    found.push(one);
  }
  return found;
}

/** The numbers on the clock, as if they were UTC: cron knows only those, and all else is decided here. */
function next(cron: string, after: number): number | null {
  return iterator(cron).nextRun(new Date(after))?.getTime() ?? null;
}

const iterators = new Map<string, Cron>();

function iterator(cron: string): Cron {
  let found = iterators.get(cron);
  if (found === undefined) {
    found = new Cron(cron, { timezone: 'UTC', mode: '5-part', paused: true });
    iterators.set(cron, found);
  }
  return found;
}

function nameOf(local: number): string {
  return new Date(local).toISOString().slice(0, 16);
}

/** When the clocks show these numbers for the first time, or, where they skip them, the first instant after the gap. */
function instantOf(local: number, timeZone: string): { at: number; exists: boolean } {
  const offsets = [-dayMs, dayMs].map((away) => clockOf(local + away, timeZone) - (local + away));
  const shown = offsets.map((offset) => local - offset).filter((at) => clockOf(at, timeZone) === local);
  if (shown.length > 0) return { at: Math.min(...shown), exists: true };
  // Skipped: the clocks jump over it once between these two, which are not both before or both after it.
  let before = local - Math.max(...offsets) - 60_000;
  let behind = local - Math.min(...offsets) + 60_000;
  while (behind - before > 1) {
    const middle = Math.floor((before + behind) / 2);
    if (clockOf(middle, timeZone) > local) behind = middle;
    else before = middle;
  }
  return { at: behind, exists: false };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the clocks of the zone show, as if it were UTC, ms. */
function clockOf(at: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    formats.set(timeZone, format);
  }
  return Date.parse(`${format.format(at).replace(' ', 'T')}Z`) + (at - Math.floor(at / 1000) * 1000);
}
