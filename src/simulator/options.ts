import type { Logger } from '../base/logger.ts';
import type { CallbackSettings, EventOptions } from './callback/options.ts';
import type { FaultRule } from './state/faults.ts';
import type { HoldOptions } from './state/holds.ts';

/**
 * What kind of WeChat account is simulated. `service` 服务号, `official` 公众号 (formerly 订阅号),
 * `miniprogram` 小程序, `sandbox` 测试号. It decides which paths answer 48001.
 */
export type AccountKind = 'service' | 'official' | 'miniprogram' | 'sandbox';

/** One step of the checks that a send runs through; see {@link UncertainSwitches.sendCheckOrder}. */
export type SendCheck = 'openid' | 'follow' | 'blacklist' | 'credit' | 'template' | 'fields' | 'link';

/** Limits of one API path. A missing key means no limit of that sort. */
export interface QuotaLimit {
  /** Calls per day; the next one answers 45009. */
  daily?: number;
  /** Calls per calendar minute; the next one answers 45011. */
  minute?: number;
}

/**
 * Where WeChat's own documents are silent, stale or contradict one another, the simulator takes a
 * default and offers the other readings as switches.
 */
export interface UncertainSwitches {
  /**
   * Order of the checks of a send after its body was parsed. Default: openid, follow, blacklist, credit,
   * template, fields, link. Put `fields` before `credit` to see 47003 where 43101 also holds.
   * Checks that are left out are skipped.
   */
  sendCheckOrder: SendCheck[];
  /** `message/subscribe/send` and `bizsend` return `msgid` (seen live, not documented). Default true. */
  msgidInSubscribe: boolean;
  /** Answer to a repeated `client_msg_id`: ok with the first msgid (default), or an errcode. */
  duplicateClientMsgId: 'same-ok' | 40241 | 45065;
  /** `template/send` answers 40241 to an identical body for one openid within 60 s. Default false. */
  identicalWithin60s: boolean;
  /** 47003 texts are cut to so many characters before ` rid:`; 0 leaves them whole. Default 48. */
  argumentTextLimit: number;
  /** Bodies with `\uXXXX` escapes answer 47002. Default false. */
  refuseUnicodeEscapes: boolean;
  /** What `wxopen/template/send` answers where `legacy` is off. Default 45103. */
  retiredErrcode: 45103 | 46101 | 48009 | 40037 | 41028;
  /** What an expired token answers. Default 42001. */
  expiredTokenErrcode: 42001 | 40001 | 40014;
  /** What a wrong AppSecret answers. Default 40125. */
  wrongSecretErrcode: 40125 | 40001;
  /** Tokens of an account whose AppSecret was frozen stop working at once. Default false. */
  freezeKillsTokens: boolean;
  /** Openids per page of `tags/members/getblacklist`. Default 1000 (older documents: 10000). */
  blacklistPageSize: number;
  /** Longest `short_thing` value, characters. Default 5. */
  shortThingMax: number;
  /** Digits of an `amount` before the point. Default 10 (one source: 12). */
  amountMaxDigits: number;
  /** How lengths count a character outside the Basic Multilingual Plane: as 1 (default) or as 2. */
  lengthUnit: 'code-points' | 'utf16';
  /** A refused `fields` check still consumes the credit. Default false. */
  failureConsumesCredit: boolean;
  /** Which sends answer 43108 when two for one openid overlap. Default `subscribe` (subscribe/send, bizsend). */
  concurrencyLock: 'subscribe' | 'all' | 'none';
  /** Hour of Asia/Shanghai at which daily counters start again, 0–23. Default 0. */
  dailyResetHour: number;
  /** `next_openid` of the last page with followers: its last openid (default) or empty. */
  lastPageNextOpenid: 'openid' | 'empty';
  /** One foreign openid fails a whole `user/info/batchget` with 40003 (default) or is answered as not following. */
  batchgetForeignOpenid: 'fail' | 'skip';
  /**
   * Whether a customer-service video needs its `thumb_media_id`: `required` (default, as the parameter table has it; 40007
   * without) or `optional` (as in WeChat's oldest examples, which have none). One that is given must be a thumb either way.
   */
  kfVideoThumb: 'required' | 'optional';
  /** Longest `client_msg_id`, characters; longer ones answer 45067. Default 32. */
  clientMsgIdMax: number;
}

/** One simulated account. Every key is optional; what is missing is derived from the seed. */
export interface AccountOptions extends Partial<UncertainSwitches> {
  /** `wx` and 16 lowercase hex digits. Default: derived from the seed and the position. */
  appid?: string;
  /** 32 lowercase hex digits. Default: derived from the seed and the appid. */
  secret?: string;
  /** Default `service`. */
  kind?: AccountKind;
  /** Unverified (未认证) accounts answer 48001 almost everywhere. Default true. */
  verified?: boolean;
  /**
   * How many people `user/get` lists (on a Mini Program: how many users exist). They cost no memory each:
   * openids are derived from seed and index. 0 to 2^32 − 1; default 1000.
   */
  followers?: number;
  /** Makes everything derived reproducible. Default 1. */
  seed?: number | string;
  /** Time until an answer is written, milliseconds. Default 0. */
  latencyMs?: number;
  /** Added to `latencyMs`, uniform between 0 and this, milliseconds. Default 0. */
  jitterMs?: number;
  /** IPv4/IPv6 addresses or CIDR blocks that may call; others get 40164. Default: anyone. At most 10. */
  ipWhitelist?: string[];
  /**
   * Retired interfaces work: `wxopen/template/send` with form_ids, on a Mini Program or a sandbox account;
   * a Mini Program then also answers `user/get`. This lets the tutorials' four steps run as they are
   * written. No real account ever did both: followers belong to an Official Account, form_ids to a Mini
   * Program, and the endpoint is closed since 2020-01-10. Default false.
   */
  legacy?: boolean;
  /** Limits per path, over the defaults; `null` lifts all limits of a path. */
  quotas?: Record<string, QuotaLimit | null>;
  /** How long a replaced classic token still works, 0–300 seconds. Default 0, the hardest case. */
  tokenOverlapSeconds?: number;
  /** Life of a new token, seconds, 301–7200. Default 7200. */
  tokenExpiresIn?: number;
  /**
   * Share (0–1) of the listed people who left after they were listed: `user/get` still has them, sends
   * answer 43004. Default 0.
   */
  unfollowedShare?: number;
  /** Share (0–1) of users who blacklisted nobody but are on the account's blacklist: 43019. Default 0. */
  blacklistedShare?: number;
  /**
   * Credits of each user for each one-time template at the start: a number, or a range from which a hash
   * of the user picks. Default { min: 1, max: 3 }.
   */
  creditsPerUser?: number | { min: number; max: number };
  /** Share (0–1) of users who wrote to the account just before the start, so that kf messages pass. Default 0. */
  kfOpenShare?: number;
  /** Tags that exist at the start, each on a share (0–1) of the followers. */
  tags?: { name: string; share: number }[];
  /** Accounts with the same name here give one person one `unionid`. Default: no unionid. */
  openPlatform?: string;
  /** Appids of Mini Programs that messages may link to; others answer 40013. Default: any well-formed one. */
  linkedMiniprograms?: string[];
  /** Pages of the released Mini Program; others answer 41030. Default: any. */
  pages?: string[];
  /** `counts` (default) counts per openid; `full` keeps every accepted message in memory. */
  record?: 'counts' | 'full';
  /** 消息推送: where events go. Verified at the start, unless `verify` is false. Default: no events. */
  callback?: CallbackSettings;
  /** How events come and what goes wrong with them; the defaults are in {@link EventOptions}. */
  events?: Partial<EventOptions>;
  /** Which template messages are held for review (40252), and what becomes of them. Default: none. */
  holds?: Partial<HoldOptions>;
  /** How many of the last accepted messages stay readable when `record` is `counts`. Default 1000. */
  keepMessages?: number;
}

/** Options of {@link startSimulator}. Account keys given here hold for every account that does not set them. */
export interface SimulatorOptions extends AccountOptions {
  /** 0 (default) takes a free port. */
  port?: number;
  /** Address to listen on. Default 127.0.0.1. */
  host?: string;
  /** Default: one account, from the keys at the top level. */
  accounts?: AccountOptions[];
  /** Faults from the start; see {@link FaultRule}. */
  faults?: FaultRule[];
  /** Default: logs nothing. */
  logger?: Logger;
}
