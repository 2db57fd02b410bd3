import { type Moment, never, shifted } from '../../base/clock.ts';
import { readTrace, type SpanContext } from '../../base/tracing.ts';
import type { NewMessage } from '../../store/messages/messages.ts';
import type { ClaimedMessage } from '../../store/messages/open-messages.ts';
import { type Channel, channels } from '../../wechat/channels.ts';
import { creditPlaceOf } from '../credits/message-credits.ts';
import { resendUntil } from '../sending/attempts.ts';

/** One attempt at one single message that this node has claimed. */
export interface MessageItem {
  id: number;
  uuid: string;
  openid: string;
  path: string;
  keyed: boolean;
  body: string;
  /** Template of the credit that it uses up; null where it uses up none. */
  creditTemplate: string | null;
  /** Of the claim; what was claimed under an earlier one may not be sent any more. */
  epoch: number;
  /** 1 for the first. */
  attempt: number;
  /** Earlier attempts that count against the message. */
  counted: number;
  /** Earlier answers after which it may have arrived all the same. */
  maybeSent: number;
  /** The attempt before has no known outcome. */
  doubted: boolean;
  /** When the first attempt that may have arrived left, or before; null when none may. */
  doubtFrom: Moment | null;
  /** When it must not be sent any more: WeChat would no longer see a repeat. */
  notAfter: Moment;
  /** When it is too late for it. */
  validUntil: Moment;
  /** Another way is tried when it is refused. */
  hasNext: boolean;
  /** Its answer shows whether a parked path is open again. */
  probing: boolean;
  /** The span that stored it; undefined without OpenTelemetry, and where none is recorded. */
  trace: SpanContext | undefined;
}

/** A message that was stored and claimed just now. */
export function freshItem(id: number, message: NewMessage, epoch: number): MessageItem {
  const { path, keyed } = channels[message.channel];
  return {
    id,
    uuid: message.uuid,
    openid: message.openid,
    path,
    keyed,
    body: message.body,
    creditTemplate: creditPlaceOf(message)?.templateId ?? null,
    epoch,
    attempt: 1,
    counted: 0,
    maybeSent: 0,
    doubted: false,
    doubtFrom: null,
    notAfter: never,
    // A time that the caller named: the wall clock's alone.
    validUntil: { ...never, wall: message.validUntil?.getTime() ?? never.wall },
    hasNext: message.alternatives !== null,
    probing: false,
    trace: readTrace(message.trace),
  };
}

/**
 * A message that waited and was claimed.
 *
 * @param askedAt before the claim was sent, so that no deadline comes late
 */
export function claimedItem(
  row: ClaimedMessage,
  claim: { channel: Channel; epoch: number; probing: boolean },
  askedAt: Moment,
  answerTimeoutMs: number,
): MessageItem {
  const doubtFrom = row.openMs === null ? null : shifted(askedAt, -row.openMs);
  const { channel, epoch, probing } = claim;
  const { path, keyed } = channels[channel];
  return {
    id: row.id,
    uuid: row.uuid,
    openid: row.openid,
    path,
    keyed,
    body: row.body,
    creditTemplate: creditPlaceOf({ ...row, channel })?.templateId ?? null,
    epoch,
    probing,
    hasNext: row.hasNext,
    attempt: row.attempt,
    counted: row.counted,
    maybeSent: row.maybeSent,
    doubted: row.doubted,
    doubtFrom,
    notAfter: doubtFrom === null ? never : resendUntil(doubtFrom, { keyed, answerTimeoutMs }),
    validUntil: row.validMs === null ? never : shifted(askedAt, row.validMs),
    trace: readTrace(row.trace),
  };
}
