/**
 * 消息推送 / 服务器配置 of one simulated account: where its events go and how they are written. Official accounts
 * (service, official, sandbox) know XML only, Mini Programs both.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html
 */
export interface CallbackSettings {
  /**
   * http or https, without a fragment. WeChat allows only the ports 80 and 443; the simulator allows any.
   * `{appid}` in it stands for the account's appid.
   */
  url: string;
  /** 3–32 of `A-Za-z0-9`. Default: derived from the seed and the appid. */
  token?: string;
  /** 43 of `A-Za-z0-9`. Default: derived from the seed and the appid. Plain mode does not use it. */
  encodingAESKey?: string;
  /** 明文 `plain` (default), 兼容 `compatible`, 安全 `secure`. */
  mode?: CallbackMode;
  /** Default `xml`; `json` on Mini Programs only. */
  format?: CallbackFormat;
  /** Asks the URL for the echostr before it counts, as WeChat does. Default true. */
  verify?: boolean;
}

export type CallbackMode = 'plain' | 'compatible' | 'secure';
export type CallbackFormat = 'xml' | 'json';
export type TextForm = 'unsplit' | 'bare' | 'split';

/** Settings with every default filled in. */
export type ResolvedCallback = Required<Omit<CallbackSettings, 'verify'>>;

/**
 * How events come and what goes wrong with them. Shares are 0–1 and drawn from the seed: the same person's n-th
 * event meets the same fate in every run, whatever the order of the sends.
 */
export interface EventOptions {
  /** Least time from the send (or the user's act) to the first delivery, milliseconds. Default 0. */
  delayMs: number;
  /** Added to it, uniform between 0 and this, so that events come out of order. Default 1000; WeChat takes up to 10,000. */
  jitterMs: number;
  /** Share of people who refuse the account's messages: `failed:user block`. Default 0; see also `blockMessages`. */
  blockedShare: number;
  /** Share of accepted messages that end as `failed: system failed`. Default 0. */
  systemFailedShare: number;
  /** Share of accepted messages that end as `failed:freq limit`. Default 0. */
  freqLimitShare: number;
  /** Share of send events that are delivered before the send's HTTP answer, which waits `timeoutMs` at most. Default 0. */
  earlyShare: number;
  /** Share of events that are never sent. Default 0. */
  lostShare: number;
  /** Share of events sent a second time although the first delivery was answered well. Default 0. */
  duplicateShare: number;
  /** Share of deliveries whose good answer does not reach WeChat, which therefore repeats them. Default 0. */
  answerLostShare: number;
  /** Time that one delivery may take, milliseconds. Default 5000. */
  timeoutMs: number;
  /** Deliveries in total before WeChat gives an event up. Default 3 (another reading of the documents: 4). */
  deliveries: number;
  /** Time from the start of a failed delivery to the next one, milliseconds. Default 5000. */
  retryAfterMs: number;
  /** A repeat has its own timestamp, nonce and signature (default) or those of the first delivery. */
  freshSignature: boolean;
  /**
   * MarkFail: after so many failed deliveries in a row nothing is sent for `markFailPauseMs`; what is due then waits.
   * Default 100 (WeChat's number is not known); 0 switches it off.
   */
  markFailAfter: number;
  /** Default 60,000 milliseconds. */
  markFailPauseMs: number;
  /** Deliveries under way at the same time, each on a connection that is kept. Default 64. */
  connections: number;
  /**
   * JSON `List`: `documented` (default) is an object for one item and an array for several, at the top level; `array`
   * always an array; `nested` the shape of 2021, inside `SubscribeMsg…Event`.
   */
  listShape: 'documented' | 'array' | 'nested';
  /**
   * How a person's own words stand in XML. `unsplit` (default): in one CDATA section whatever is in them, as WeChat writes
   * them, so that words with `]]>` make a body that is not well-formed, or well-formed and another one. `bare`: without
   * CDATA and without escapes, so that `&` and `<` do so too (seen in reports). `split`: as XML wants it.
   */
  textForm: TextForm;
  /** `CreateTime` in JSON: a number (default, seen live) or a string (in the documents). */
  createTimeAs: 'number' | 'string';
  /** Official accounts push a popup event for a person's first dialog only (said in the forum). Default false. */
  popupOncePerUser: boolean;
  /** A rejected dialog also erases the credits that the person had. Default false. */
  popupRejectErases: boolean;
  /** Events whose fate stays readable; older ones are forgotten once they are settled. Default 2,000,000. */
  keepEvents: number;
}

export const eventDefaults: EventOptions = {
  delayMs: 0,
  jitterMs: 1000,
  blockedShare: 0,
  systemFailedShare: 0,
  freqLimitShare: 0,
  earlyShare: 0,
  lostShare: 0,
  duplicateShare: 0,
  answerLostShare: 0,
  timeoutMs: 5000,
  deliveries: 3,
  retryAfterMs: 5000,
  freshSignature: true,
  markFailAfter: 100,
  markFailPauseMs: 60_000,
  connections: 64,
  listShape: 'documented',
  textForm: 'unsplit',
  createTimeAs: 'number',
  popupOncePerUser: false,
  popupRejectErases: false,
  keepEvents: 2_000_000,
};
