/**
 * What WeChat pushes to the callback URL, typed. The parser makes these from XML and JSON in all their shapes; every
 * value is text as WeChat wrote it, so that 64-bit ids keep their digits.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_event_pushes.html
 */
export type CallbackEvent =
  | TemplateReceiptEvent
  | SubscribeReceiptEvent
  | MassReceiptEvent
  | FollowEvent
  | UnfollowEvent
  | ScanEvent
  | CreditPopupEvent
  | CreditChangeEvent
  | SessionEvent
  | UserMessageEvent
  | UnknownEvent
  | UnreadableEvent;

/** Fields of the body as they came: text, a list, or more fields. Names keep WeChat's spelling. */
export interface CallbackFields {
  [name: string]: CallbackValue;
}
export type CallbackValue = string | CallbackFields | CallbackValue[];

interface Envelope {
  /** FromUserName: the openid, or whoever WeChat names there. */
  openid: string;
  /** ToUserName: the account's original id (`gh_…`). */
  toUserName: string;
  /** CreateTime, Unix seconds; 0 where the body has none. */
  createTime: number;
  /** `Event` (of a platform's events `InfoType`) as WeChat spelled it; null for a user's message. */
  name: string | null;
  /** The whole body, decrypted, without `Encrypt`. */
  fields: CallbackFields;
}

/** What became of a message, in WeChat's word: `system` and `frequency` are failures that are not the user's doing. */
export type ReceiptStatus = 'delivered' | 'blocked' | 'failed-system' | 'failed-frequency' | 'failed-other';

/** TEMPLATESENDJOBFINISH. */
export interface TemplateReceiptEvent extends Envelope {
  type: 'template-receipt';
  msgid: string;
  status: ReceiptStatus;
  /** WeChat's own text, e.g. `failed:user block`. */
  detail: string;
}

/** subscribe_msg_sent_event; one item for each message. */
export interface SubscribeReceiptEvent extends Envelope {
  type: 'subscribe-receipt';
  items: { templateId: string; msgid: string; errorCode: string; status: ReceiptStatus; detail: string }[];
}

/** MASSSENDJOBFINISH. */
export interface MassReceiptEvent extends Envelope {
  type: 'mass-receipt';
  msgid: string;
  /** `send success`, `send fail` or `err(N)`. */
  detail: string;
  totalCount: number;
  filterCount: number;
  sentCount: number;
  errorCount: number;
}

export interface FollowEvent extends Envelope {
  type: 'follow';
  /** Scene of the QR code, without `qrscene_`; null for a plain follow. */
  scene: string | null;
}

export interface UnfollowEvent extends Envelope {
  type: 'unfollow';
}

/** Somebody who follows already scanned a QR code. */
export interface ScanEvent extends Envelope {
  type: 'scan';
  scene: string;
}

/** subscribe_msg_popup_event: what the user chose in the consent dialog. */
export interface CreditPopupEvent extends Envelope {
  type: 'credit-popup';
  items: CreditChoice[];
}

/** subscribe_msg_change_event: the user switched notifications off (WeChat pushes `reject` only). */
export interface CreditChangeEvent extends Envelope {
  type: 'credit-change';
  items: CreditChoice[];
}

export interface CreditChoice {
  templateId: string;
  /** `accept` for every `accept…` status, `reject`, or WeChat's word where it is another one. */
  choice: string;
  /** PopupScene; null when the event has none. */
  scene: string | null;
}

/** user_enter_tempsession. */
export interface SessionEvent extends Envelope {
  type: 'session';
  sessionFrom: string;
}

/** A user's own message: text, image, voice, location, link, miniprogrampage … */
export interface UserMessageEvent extends Envelope {
  type: 'message';
  msgType: string;
  msgId: string;
}

/** Any other event; kept raw. */
export interface UnknownEvent extends Envelope {
  type: 'unknown';
}

/**
 * A body of WeChat's that is not well-formed, or that says two things at once: users' texts with `&` or `]]>` have been
 * pushed so. Its `fields` hold of the envelope what nobody but WeChat can have written (ToUserName, FromUserName,
 * CreateTime, MsgType, Event, MsgId), which may be nothing; let nothing follow from what else `raw` seems to say.
 */
export interface UnreadableEvent extends Envelope {
  type: 'unreadable';
  /** The body as it came, decrypted. */
  raw: Buffer;
}
