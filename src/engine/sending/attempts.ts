import { hash } from 'node:crypto';
import { type Moment, never, shifted } from '../../base/clock.ts';
import { factKind } from '../../store/facts.ts';

/**
 * Attempts that WeChat may answer with "try again"; with the backoff below that takes more than 12 minutes.
 * Attempts that never left, and those that met a bad token or a full minute, are not the recipient's and not counted.
 */
export const maxAttempts = 16;
const firstBackoffMs = 500;
const longestBackoffMs = 120_000;
/** After this long, ms, WeChat may no longer drop a message as a repeat (10 min, less a reserve). */
const resendWithinMs = 8 * 60_000;

/** The kind of fact of a verdict's outcome. */
export const kindOf = {
  accepted: factKind.accepted,
  rejected: factKind.rejected,
  unknown: factKind.unknown,
  held: factKind.inDoubt,
  again: factKind.retry,
} as const;

/** Pause after so many attempts. */
export function backoffMs(attempt: number): number {
  return Math.min(longestBackoffMs, firstBackoffMs * 2 ** (attempt - 1)) * (0.75 + Math.random() / 2);
}

/** What says until when a repeat is safe. */
export interface ChannelTiming {
  keyed: boolean;
  answerTimeoutMs: number;
}

/** The last time at which a message that may have left at `since` may be sent again: it must also end in time. */
export function resendUntil(since: Moment, { keyed, answerTimeoutMs }: ChannelTiming): Moment {
  // Without a key nothing drops a repeat, now or later; whether one is sent at all is decided elsewhere.
  return keyed ? shifted(since, resendWithinMs - answerTimeoutMs) : never;
}

/**
 * Under which WeChat drops repeats of a message: the same for all its attempts, on any node. 22 characters of base64url.
 *
 * @param message what no other message of this installation has: a campaign's uuid and number, a single message's uuid
 */
export function clientMsgId(installation: string, ...message: readonly (string | number)[]): string {
  return hash('sha256', [installation, ...message].join(':'), 'base64url').slice(0, 22);
}
