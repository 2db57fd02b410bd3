import type { SendAnswer } from '../../wechat/answer.ts';
import { type ErrcodeEffect, errcodeInfo } from '../../wechat/errcodes.ts';
import { WechatError } from '../../wechat/error.ts';

/**
 * What one answer means for its recipient and for the campaign. Every errcode is judged by the table of
 * src/wechat/errcodes.ts and by nothing else.
 */
export interface Verdict {
  /** `again`: known not sent, another attempt may follow after `waitMs`; the fact is `retry`. */
  outcome: 'accepted' | 'rejected' | 'unknown' | 'again';
  errcode: number | null;
  reason: string | null;
  msgid: string | null;
  /** Earliest next attempt, ms; null: the caller's backoff. Only with `again`. */
  waitMs: number | null;
  /** The whole account sends nothing for this long, ms. */
  holdMs: number;
  /** What it says beyond this recipient. `halt` ends it at once; `stop` counts towards ending it. */
  campaign: 'go on' | 'stop' | 'halt';
  effect: ErrcodeEffect | null;
  /** WeChat's own words, for the answers that end a campaign. */
  detail: string | null;
}

export interface Attempt {
  /** 1 for the first. */
  number: number;
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
} as const;

/** @param now wall clock, Unix ms; the minute quota is counted by it. */
export function judge(answer: SendAnswer, attempt: Attempt, now: number): Verdict {
  switch (answer.kind) {
    case 'accepted':
      return { ...base, outcome: 'accepted', msgid: answer.msgid, campaign: 'go on' };
    case 'no-answer':
      return { ...base, outcome: 'unknown', reason: answer.reason, campaign: 'go on' };
    case 'not-sent':
      return judgeNotSent(answer);
    case 'refused':
      return judgeErrcode(answer, attempt, now);
  }
}

function judgeNotSent(answer: SendAnswer & { kind: 'not-sent' }): Verdict {
  if (answer.reason === 'token' && answer.error instanceof WechatError) {
    const { errcode } = answer.error;
    const { action } = errcodeInfo(errcode, answer.error.path);
    const halt = action === 'pause-account' || action === 'node-ip' || action === 'stop' || action === 'park';
    return {
      ...base,
      outcome: 'again',
      errcode,
      reason: 'token',
      detail: answer.error.errmsg,
      campaign: halt ? 'halt' : 'go on',
    };
  }
  return {
    ...base,
    outcome: 'again',
    reason: answer.reason,
    waitMs: answer.reason === 'deadline' ? 0 : null,
    campaign: 'go on',
  };
}

function judgeErrcode(answer: SendAnswer & { kind: 'refused' }, attempt: Attempt, now: number): Verdict {
  const { errcode, msgid } = answer;
  const info = errcodeInfo(errcode, attempt.path);
  const common = { ...base, errcode, effect: info.effect ?? null, detail: answer.errmsg } as const;
  if (info.action === 'accepted' || (attempt.resend && info.duplicateOnResend)) {
    return { ...common, outcome: 'accepted', msgid, campaign: 'go on' };
  }
  const retriable = attempt.keyed || info.maybeSent !== true || attempt.number < 3;
  switch (attempt.common ? (info.actionIfCommon ?? info.action) : info.action) {
    case 'ok':
      return { ...common, outcome: 'accepted', msgid, campaign: 'go on' };
    case 'refresh':
    case 'retry':
    case 'retry-recipient':
    case 'wait-minute':
      return {
        ...common,
        outcome: retriable ? 'again' : settled(attempt),
        waitMs: info.action === 'wait-minute' ? toNextMinute(now) : (info.waitMs ?? null),
        holdMs: info.action === 'wait-minute' ? toNextMinute(now) : 0,
        campaign: 'go on',
      };
    case 'park':
    case 'node-ip':
    case 'pause-account':
      return { ...common, outcome: 'again', campaign: 'halt' };
    case 'defer-recipient':
      return {
        ...common,
        outcome: attempt.number < 3 ? 'again' : settled(attempt),
        waitMs: info.waitMs ?? 3_600_000,
        campaign: 'go on',
      };
    case 'drop':
      return { ...common, outcome: settled(attempt), campaign: 'go on' };
    case 'stop':
    case 'unknown-code':
      return { ...common, outcome: settled(attempt), campaign: 'stop' };
  }
}

/** To the start of the next minute, and a little more for WeChat's clock. */
function toNextMinute(now: number): number {
  return 60_000 - (now % 60_000) + 250;
}

/** A refusal of a resend says nothing about the first attempt, which may have been accepted. */
function settled(attempt: Attempt): 'rejected' | 'unknown' {
  return attempt.resend ? 'unknown' : 'rejected';
}
