import { heldReason } from '../../store/facts.ts';
import { type ErrcodeAction, type ErrcodeEffect, errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import { WechatError, WechatTransportError } from '../../wechat/error.ts';
import type { SendAnswer } from '../../wechat/http/answer.ts';

/**
 * What one answer means for its recipient and for the campaign. Every errcode is judged by the table of
 * src/wechat/errcodes/errcodes.ts and by nothing else.
 */
export interface Verdict {
  /**
   * `again`: known not sent, another attempt may follow after `waitMs`; the fact is `retry`. `held`: WeChat holds it for
   * review and settles it by itself; the fact is `in_doubt` with that reason.
   */
  outcome: 'accepted' | 'rejected' | 'unknown' | 'held' | 'again';
  errcode: number | null;
  reason: string | null;
  msgid: string | null;
  /** Earliest next attempt, ms; null: the caller's backoff. Only with `again`. */
  waitMs: number | null;
  /** The whole account sends nothing for this long, ms. */
  holdMs: number;
  /** What it says beyond this recipient. `halt` ends it at once; `stop` counts towards ending it. */
  campaign: 'continue' | 'stop' | 'halt';
  effect: ErrcodeEffect | null;
  /** WeChat's own words, for the answers that end a campaign; the beginning of what came instead of an answer. */
  detail: string | null;
  /** WeChat does not promise that it was not sent; with `again` the fact's reason is `maybe-sent`. */
  maybeSent: boolean;
  /** With `again`: it counts against the recipient, who is given up after some of them. */
  counts: boolean;
  /** It says something of the account, its API or this node. Always with `again`; the campaign goes on by itself. */
  scope: Scope | null;
}

/** What stands still, and because of which path: without a token it is not the message's own. */
export interface Scope {
  action: 'park' | 'node-ip' | 'pause-account';
  path: string;
}

export interface Attempt {
  /** 1 for the first; those that do not count against the recipient are left out. */
  number: number;
  /** Earlier answers of the sort `maybeSent`. */
  maybeSent: number;
  /** Attempts after an answer of that sort, on channels that drop no repeats; default 2. */
  maybeRetries?: number;
  /** An earlier attempt may have been accepted under the same client_msg_id. */
  resend: boolean;
  path: string;
  /** WeChat drops repeats of this channel by client_msg_id, so an ambiguous −1 can be repeated safely. */
  keyed: boolean;
  /** The message is the same for everybody, so a refused field is everybody's. */
  common: boolean;
}

const base = {
  errcode: null,
  reason: null,
  msgid: null,
  waitMs: null,
  effect: null,
  detail: null,
  holdMs: 0,
  maybeSent: false,
  counts: false,
  scope: null,
} as const;

const defaultMaybeRetries = 2;

/** @param now wall clock, Unix ms; the minute quota is counted by it. */
export function judge(answer: SendAnswer, attempt: Attempt, now: number): Verdict {
  switch (answer.kind) {
    case 'accepted':
      return { ...base, outcome: 'accepted', msgid: answer.msgid, campaign: 'continue' };
    case 'no-answer':
      return {
        ...base,
        outcome: 'unknown',
        reason: answer.reason,
        detail: cameInstead(answer),
        campaign: 'continue',
      };
    case 'not-sent':
      return judgeNotSent(answer);
    case 'refused':
      return judgeErrcode(answer, attempt, now);
  }
}

function cameInstead({ error }: SendAnswer & { kind: 'no-answer' }): string | null {
  return error instanceof WechatTransportError ? error.excerpt : null;
}

function judgeNotSent(answer: SendAnswer & { kind: 'not-sent' }): Verdict {
  if (answer.reason === 'token' && answer.error instanceof WechatError) {
    const { errcode, path } = answer.error;
    const { action } = errcodeInfo(errcode, path);
    return {
      ...base,
      outcome: 'again',
      errcode,
      reason: 'token',
      detail: answer.error.errmsg,
      campaign: action === 'stop' ? 'halt' : 'continue',
      scope: scopeOf(action, path),
    };
  }
  return {
    ...base,
    outcome: 'again',
    reason: answer.reason,
    waitMs: answer.reason === 'deadline' ? 0 : null,
    campaign: 'continue',
  };
}

function judgeErrcode(answer: SendAnswer & { kind: 'refused' }, attempt: Attempt, now: number): Verdict {
  const { errcode, msgid } = answer;
  const info = errcodeInfo(errcode, attempt.path);
  const common = { ...base, errcode, effect: info.effect ?? null, detail: answer.errmsg } as const;
  if (info.action === 'accepted' || (attempt.resend && info.duplicateOnResend)) {
    return { ...common, outcome: 'accepted', msgid, campaign: 'continue' };
  }
  const maybeSent = info.maybeSent === true;
  const retriable =
    attempt.keyed || !maybeSent || attempt.maybeSent < (attempt.maybeRetries ?? defaultMaybeRetries);
  switch (attempt.common ? (info.actionIfCommon ?? info.action) : info.action) {
    case 'ok':
      return { ...common, outcome: 'accepted', msgid, campaign: 'continue' };
    case 'refresh':
    case 'retry':
    case 'retry-recipient':
    case 'wait-minute':
      return {
        ...common,
        // After "maybe sent" nobody knows; a refusal would invite the operator to send it again.
        outcome: retriable ? 'again' : 'unknown',
        reason: maybeSent ? 'maybe-sent' : (notTheRecipient[info.action] ?? null),
        maybeSent,
        counts: notTheRecipient[info.action] === undefined,
        waitMs: info.action === 'wait-minute' ? toNextMinute(now) : (info.waitMs ?? null),
        holdMs: info.action === 'wait-minute' ? toNextMinute(now) : 0,
        campaign: 'continue',
      };
    case 'park':
    case 'node-ip':
    case 'pause-account':
      return {
        ...common,
        outcome: 'again',
        reason: info.action,
        campaign: 'continue',
        scope: scopeOf(info.action, attempt.path),
      };
    case 'defer-recipient':
      return {
        ...common,
        outcome: attempt.number < 3 ? 'again' : settled(attempt),
        waitMs: info.waitMs ?? 3_600_000,
        counts: true,
        campaign: 'continue',
      };
    case 'hold':
      return { ...common, outcome: 'held', reason: heldReason, campaign: 'continue' };
    case 'drop':
      return { ...common, outcome: settled(attempt), campaign: 'continue' };
    case 'stop':
    case 'unknown-code':
      return { ...common, outcome: settled(attempt), campaign: 'stop' };
  }
}

function scopeOf(action: ErrcodeAction, path: string): Scope | null {
  return action === 'park' || action === 'node-ip' || action === 'pause-account' ? { action, path } : null;
}

/** Reasons of "try again" that say nothing about this recipient. */
const notTheRecipient: Partial<Record<ErrcodeAction, string>> = { refresh: 'token', 'wait-minute': 'minute' };

/** To the start of the next minute, and a little more for WeChat's clock. */
function toNextMinute(now: number): number {
  return 60_000 - (now % 60_000) + 250;
}

/** A refusal of a resend says nothing about the first attempt, which may have been accepted. */
function settled(attempt: Attempt): 'rejected' | 'unknown' {
  return attempt.resend ? 'unknown' : 'rejected';
}
