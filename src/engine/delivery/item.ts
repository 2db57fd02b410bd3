import { earlier, type Moment, never, shifted } from '../../base/clock.ts';
import type { ChunkRecipient, Inherited } from '../../store/campaigns/chunks.ts';
import { type ChannelTiming, resendUntil } from '../sending/attempts.ts';
import type { Verdict } from '../sending/verdict.ts';

/** One attempt at one recipient. */
export interface Item {
  recipient: ChunkRecipient;
  /** 1 for the first. */
  attempt: number;
  /** Earlier attempts that count against the recipient. */
  counted: number;
  /** Earlier answers after which it may have arrived all the same. */
  maybeSent: number;
  /** An earlier attempt may have been accepted: only the same key makes this one safe. */
  resend: boolean;
  /** Monotonic ms. */
  dueAt: number;
  /** When it must not be sent any more: WeChat would no longer see a repeat. */
  notAfter: Moment;
  /** Its `started` row is durable. */
  started: boolean;
  /** Why the attempt before did not settle it. */
  errcode: number | null;
  reason: string | null;
}

export function firstAttempt(recipient: ChunkRecipient): Item {
  return {
    recipient,
    attempt: 1,
    counted: 0,
    maybeSent: 0,
    resend: false,
    dueAt: 0,
    notAfter: never,
    started: true,
    errcode: null,
    reason: null,
  };
}

/** The attempt that follows an answer "try again" to one that was dispatched then. */
export function nextAttempt(
  item: Item,
  verdict: Verdict,
  dispatchedAt: Moment,
  next: Pick<Item, 'counted' | 'dueAt'>,
  timing: ChannelTiming,
): Item {
  const { maybeSent, errcode, reason } = verdict;
  return {
    ...item,
    ...next,
    attempt: item.attempt + 1,
    maybeSent: item.maybeSent + (maybeSent ? 1 : 0),
    resend: item.resend || maybeSent,
    notAfter: maybeSent ? earlier(item.notAfter, resendUntil(dispatchedAt, timing)) : item.notAfter,
    started: false,
    errcode,
    reason,
  };
}

/**
 * The attempt that follows what earlier owners of the chunk left.
 *
 * @param readAt before that was read, so that no limit ends late
 */
export function inheritedItem(
  recipient: ChunkRecipient,
  found: Inherited,
  readAt: Moment,
  timing: ChannelTiming,
): Item {
  return {
    recipient,
    attempt: found.attempts + 1,
    counted: found.counted,
    maybeSent: found.maybeSent,
    resend: found.openMs !== null,
    dueAt: readAt.monotonic + Math.max(0, found.waitMs ?? 0),
    notAfter: found.openMs === null ? never : resendUntil(shifted(readAt, -found.openMs), timing),
    started: false,
    errcode: found.errcode,
    reason: found.reason,
  };
}
