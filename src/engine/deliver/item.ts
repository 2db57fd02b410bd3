import type { ChunkRecipient, Inherited } from '../../store/chunks.ts';
import type { Verdict } from './verdict.ts';

/** After this long, ms, WeChat may no longer drop a message as a repeat (10 min, less a reserve). */
const resendWithinMs = 8 * 60_000;

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
  /** Monotonic ms after which it must not be sent: WeChat would no longer see a repeat. */
  notAfter: number;
  /** Its `started` row is durable. */
  started: boolean;
  /** Monotonic ms; 0 before. */
  dispatchedAt: number;
  /** Why the attempt before did not settle it. */
  errcode: number | null;
  reason: string | null;
}

interface ChannelTiming {
  keyed: boolean;
  answerTimeoutMs: number;
}

export function firstAttempt(recipient: ChunkRecipient): Item {
  return {
    recipient,
    attempt: 1,
    counted: 0,
    maybeSent: 0,
    resend: false,
    dueAt: 0,
    notAfter: Number.POSITIVE_INFINITY,
    started: true,
    dispatchedAt: 0,
    errcode: null,
    reason: null,
  };
}

/** The attempt that follows an answer "try again". */
export function nextAttempt(
  item: Item,
  verdict: Verdict,
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
    notAfter: maybeSent ? Math.min(item.notAfter, resendUntil(item.dispatchedAt, timing)) : item.notAfter,
    started: false,
    errcode,
    reason,
  };
}

/** The attempt that follows what earlier owners of the chunk left. */
export function inheritedItem(
  recipient: ChunkRecipient,
  found: Inherited,
  now: number,
  timing: ChannelTiming,
): Item {
  return {
    recipient,
    attempt: found.attempts + 1,
    counted: found.counted,
    maybeSent: found.maybeSent,
    resend: found.openMs !== null,
    dueAt: now + Math.max(0, found.waitMs ?? 0),
    notAfter: found.openMs === null ? Number.POSITIVE_INFINITY : resendUntil(now - found.openMs, timing),
    started: false,
    dispatchedAt: 0,
    errcode: found.errcode,
    reason: found.reason,
  };
}

/** The last time at which a message that may have left at `since` may be sent again: it must also end in time. */
export function resendUntil(since: number, { keyed, answerTimeoutMs }: ChannelTiming): number {
  // Without a key nothing drops a repeat, now or later; whether one is sent at all is decided elsewhere.
  return keyed ? since + resendWithinMs - answerTimeoutMs : Number.POSITIVE_INFINITY;
}
