import type { Hold, HoldVerdict } from '../../store/campaigns/holds.ts';
import type { BlockedList } from './blocked-lists.ts';

/** WeChat's clock may be so far off, ms. */
const clockSlackMs = 5_000;
/** Longest that a hold waits for a list that cannot be read; what it was then is not known, ms. */
export const giveUpMs = 2 * 60 * 60_000;

/** How far the send of a listed message may lie from the answer to ours, ms. */
export function matchWithinMs(answerTimeoutMs: number): number {
  return answerTimeoutMs + clockSlackMs;
}

/** How often the person is on the list with a send at about that time. */
export function entriesOf(list: BlockedList, { openid, at }: Hold, withinMs: number): number {
  const times = list.times.get(openid) ?? [];
  return times.filter((time) => Math.abs(time - at) * 1000 <= withinMs).length;
}

/**
 * What becomes of a hold; null: it waits.
 *
 * Blocked is what the list says, as soon as it says it: only what was blocked in the end is listed. Not being listed says
 * nothing before the review is over, and afterwards not that it was delivered.
 *
 * @param list null: the channel has none
 * @param rivals messages of ours that the entries may be about, this one included; null: it has no entry
 * @param hold `ageMs` when the list began to be read
 */
export function judgeHold(
  hold: Hold,
  list: BlockedList | null,
  found: { entries: number; rivals: number },
  reviewMs: number,
): HoldVerdict['end'] | null {
  // An entry for each of them: then it does not matter which is whose.
  if (found.entries > 0 && found.entries >= found.rivals) return hold.maybeArrived ? 'unknown' : 'blocked';
  if (hold.ageMs < reviewMs) return null;
  if (list === null || list.state !== 'failed' || hold.ageMs >= giveUpMs) return 'unknown';
  return null;
}
