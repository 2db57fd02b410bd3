/**
 * What kind of problem an errcode is: OK · CRED credential · TRANS transient · RATE · RCPT this recipient ·
 * CONT content · CONF configuration or account · RET retired API · DEDUPE a repeat that WeChat dropped ·
 * UNKNOWN.
 */
export type ErrcodeClass =
  | 'OK'
  | 'CRED'
  | 'TRANS'
  | 'RATE'
  | 'RCPT'
  | 'CONT'
  | 'CONF'
  | 'RET'
  | 'DEDUPE'
  | 'UNKNOWN';

/**
 * What Hongyan does about an errcode. Nothing else decides it.
 *
 * - `ok`: accepted.
 * - `refresh`: get another access_token, then try the same message once more; not the recipient's fault.
 * - `retry`: try again later with backoff (at least `waitMs`). See `maybeSent`.
 * - `retry-recipient`: not sent because another send to this openid was running; the same recipient again
 *   after `waitMs`.
 * - `wait-minute`: not sent; no call of this account to this API before the next minute, then slower.
 * - `park`: not sent; park this account's API until its quota resets.
 * - `drop`: this recipient is rejected, the others go on.
 * - `defer-recipient`: not sent; too much for this one user, not before `waitMs`.
 * - `stop`: stop the campaign; no recipient can succeed before a person changes something.
 * - `pause-account`: stop everything of the account; its credentials, state or authorisation need a person.
 * - `node-ip`: WeChat refuses this machine's address; this node stops taking work of the account.
 * - `hold`: WeChat has the message and holds it for review; it delivers or blocks it by itself. Never sent again.
 * - `accepted`: WeChat already has this message from an earlier attempt.
 * - `unknown-code`: not in the table: at most one more attempt; stop after many identical ones in a row.
 */
export type ErrcodeAction =
  | 'ok'
  | 'refresh'
  | 'retry'
  | 'retry-recipient'
  | 'wait-minute'
  | 'park'
  | 'drop'
  | 'defer-recipient'
  | 'stop'
  | 'pause-account'
  | 'node-ip'
  | 'hold'
  | 'accepted'
  | 'unknown-code';

/**
 * What an errcode says about the contact itself: does not follow · has no credit for this template ·
 * is blacklisted or blocks messages · the form_id that was used is dead (others may live) · it is dead because a message
 * was sent with it before, which may have been ours.
 */
export type ErrcodeEffect = 'unfollowed' | 'no-credit' | 'blocked' | 'form-id-dead' | 'form-id-used';

/** What the table says of one errcode. */
export interface ErrcodeRow {
  class: ErrcodeClass;
  action: ErrcodeAction;
  effect?: ErrcodeEffect;
  /** As the answer to our own resend it means that the first attempt was accepted. */
  duplicateOnResend?: true;
  /** WeChat does not promise that the message was not sent: repeating may message somebody twice. */
  maybeSent?: true;
  /** The earliest that trying again makes sense, milliseconds. Absent: the caller's own backoff. */
  waitMs?: number;
  /** Replaces `action` when the cause is the same for every recipient, e.g. a template field without variables. */
  actionIfCommon?: 'stop';
  /** WeChat's English text without rid and without inserted values; empty where none is known. */
  wechat: string;
  /** What it means and what to do, for an operator. */
  en: string;
  /** The same in Chinese. */
  zh: string;
}

/** The same code means something else at some paths. The first variant that names the path wins. */
export interface ErrcodeVariant extends Partial<ErrcodeRow> {
  paths: readonly string[];
  en: string;
  zh: string;
}

export interface ErrcodeEntry extends ErrcodeRow {
  variants?: readonly ErrcodeVariant[];
}

export type ErrcodeTable = Readonly<Record<number, ErrcodeEntry>>;
