import { isOver, type Moment } from '../../base/clock.ts';
import type { Span } from '../../base/tracing.ts';
import type { ChunkRecipient } from '../../store/campaigns/chunks.ts';
import { factKind } from '../../store/facts.ts';
import type { SendAnswer } from '../../wechat/http/answer.ts';
import type { CompiledMessage } from '../content/compiled-message.ts';
import { backoffMs, type ChannelTiming, kindOf, maxAttempts } from '../sending/attempts.ts';
import { noteVerdict } from '../sending/note-verdict.ts';
import type { Verdict } from '../sending/verdict.ts';
import type { ChunkMessages } from './chunk-messages.ts';
import type { ChunkRecord } from './chunk-record.ts';
import type { ClaimedChunk } from './claimed-chunk.ts';
import type { Flusher } from './flusher.ts';
import { sortInherited } from './inherited.ts';
import { type Item, nextAttempt } from './item.ts';
import type { LaterAttempts } from './later-attempts.ts';

export interface ChunkOutcomesDeps {
  /** Gets the facts and the counts. */
  record: ChunkRecord;
  /** Gets the attempts that follow. */
  later: LaterAttempts;
  flusher: Pick<Flusher, 'noted'>;
  message: Pick<CompiledMessage, 'keyed' | 'common' | 'path'>;
  messages: Pick<ChunkMessages, 'judge'>;
  /** How long WeChat's answer may take, ms. */
  answerTimeoutMs: number;
}

/**
 * What follows from each attempt at the recipients of one chunk: a fact, and then either the recipient's count or one attempt
 * more. Sends nothing.
 */
export class ChunkOutcomes {
  readonly #deps: ChunkOutcomesDeps;
  readonly #maybeRetries: number;
  readonly #timing: ChannelTiming;

  /** @param maybeRetries how often an attempt that may have arrived is repeated without a key */
  constructor(deps: ChunkOutcomesDeps, maybeRetries: number) {
    this.#deps = deps;
    this.#maybeRetries = maybeRetries;
    this.#timing = { keyed: deps.message.keyed, answerTimeoutMs: deps.answerTimeoutMs };
  }

  /** Takes over what earlier owners left. Gives those whom nobody has tried. */
  inherit({ recipients, inherited, claimedAt }: ClaimedChunk): ChunkRecipient[] {
    const { record, later } = this.#deps;
    return sortInherited(recipients, inherited, { tally: record.tally, later }, claimedAt, this.#timing);
  }

  /** @returns what the answer means for the campaign and the account, which is not this file's matter */
  answered(item: Item, answer: SendAnswer, dispatchedAt: Moment, now: Moment, span: Span | null): Verdict {
    const { message, messages } = this.#deps;
    const attempt = {
      number: item.counted + 1,
      maybeSent: item.maybeSent,
      maybeRetries: this.#maybeRetries,
      resend: item.resend,
      path: message.path,
      keyed: message.keyed,
      common: message.common,
    };
    const verdict = messages.judge(answer, attempt, now.wall, item);
    this.#settle(item, verdict, dispatchedAt, now, span);
    return verdict;
  }

  /** Notes the fact of one attempt, and counts the recipient or arranges its next attempt. */
  #settle(item: Item, verdict: Verdict, dispatchedAt: Moment, at: Moment, span: Span | null): void {
    const { record, later, flusher, message } = this.#deps;
    const { outcome, errcode, msgid, reason } = verdict;
    const counted = item.counted + (verdict.counts ? 1 : 0);
    const spent = counted >= maxAttempts;
    if (outcome === 'again' && spent && (item.resend || verdict.maybeSent)) {
      this.#settle(item, { ...verdict, outcome: 'unknown' }, dispatchedAt, at, span);
      return;
    }
    const waitMs = outcome === 'again' && !spent ? (verdict.waitMs ?? backoffMs(item.attempt)) : null;
    noteVerdict(span, verdict, waitMs);
    record.note({
      no: item.recipient.no,
      attempt: item.attempt,
      kind: kindOf[outcome],
      errcode,
      msgid,
      reason,
      waitMs,
      at,
      startedAt: dispatchedAt,
    });
    flusher.noted(message.keyed);
    if (waitMs === null) record.tally.settle(verdict);
    else {
      const dueAt = at.monotonic + waitMs;
      later.add(nextAttempt(item, verdict, dispatchedAt, { counted, dueAt }, this.#timing));
    }
  }

  /**
   * Ends the waiting of those that may not be sent to any more. The in-doubt recipients of earlier owners come last: on a keyed
   * channel they are sent once more under the same key while WeChat still drops repeats of it; otherwise nobody can know, and
   * they stay unknown.
   */
  settleDoubts(now: Moment): void {
    const { later, message } = this.#deps;
    for (const item of later.takeExpired(now)) this.#unknown(item, now);
    if (later.hasRetries) return;
    for (const item of later.takeDoubts(now.monotonic)) {
      if (message.keyed && !isOver(item.notAfter, now)) later.add(item);
      else this.#unknown(item, now);
    }
  }

  #unknown({ recipient, attempt, errcode, ...item }: Item, at: Moment): void {
    const { record, flusher, message } = this.#deps;
    const reason = item.reason ?? 'crash';
    const kind = factKind.unknown;
    record.note({ no: recipient.no, attempt, kind, errcode, msgid: null, reason, waitMs: null, at });
    flusher.noted(message.keyed);
    record.tally.settle({ outcome: 'unknown', errcode, reason });
  }

  /** Those who have no credit are not sent to; their facts are stored. */
  denied(nos: Set<number>): void {
    const { record, later } = this.#deps;
    later.drop(nos);
    for (const _ of nos) record.tally.settle({ outcome: 'again', errcode: null, reason: 'no-credit' });
  }
}
