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

const base = { errcode: null, reason: null, msgid: null, waitMs: null, effect: null, detail: null } as const;

export function judge(answer: SendAnswer, attempt: Attempt): Verdict {
  switch (answer.kind) {
    case 'accepted':
      return { ...base, outcome: 'accepted', msgid: answer.msgid, campaign: 'go on' };
    case 'no-answer':
      return { ...base, outcome: 'unknown', reason: answer.reason, campaign: 'go on' };
    case 'not-sent':
      return judgeNotSent(answer, attempt);
    case 'refused':
      return judgeErrcode(answer, attempt);
  }
}

function judgeNotSent(answer: SendAnswer & { kind: 'not-sent' }, attempt: Attempt): Verdict {
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
    outcome: attempt.resend ? 'unknown' : 'again',
    reason: answer.reason,
    waitMs: answer.reason === 'deadline' ? 0 : null,
    campaign: 'go on',
  };
}

function judgeErrcode(answer: SendAnswer & { kind: 'refused' }, attempt: Attempt): Verdict {
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
        waitMs: info.waitMs ?? null,
        campaign: 'go on',
      };
    case 'park':
    case 'node-ip':
    case 'pause-account':
      return { ...common, outcome: 'again', campaign: 'halt' };
    case 'drop':
    case 'defer-recipient':
      return { ...common, outcome: settled(attempt), campaign: 'go on' };
    case 'stop':
    case 'unknown-code':
      return { ...common, outcome: settled(attempt), campaign: 'stop' };
  }
}

/** A refusal of a resend says nothing about the first attempt, which may have been accepted. */
function settled(attempt: Attempt): 'rejected' | 'unknown' {
  return attempt.resend ? 'unknown' : 'rejected';
}
