import type { Clock } from '../../base/clock.ts';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { WechatClient } from '../../wechat/client.ts';
import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import { WechatError } from '../../wechat/error.ts';

const pageSize = 100;
/** Of one look; what is left comes with the next. */
const mostPages = 500;
/** A list is read on from where it ended, and from its beginning again after this time: nobody knows how its ids go on. */
const readAnewMs = 10 * 60_000;
/** An account that may not ask is asked about again after this time. */
const refusedMs = 60 * 60_000;
/** Older ones are of no hold any more. */
const keptSeconds = 6 * 3_600;

/** When messages to one person were sent that WeChat blocked in the end, Unix seconds. */
export type BlockedTimes = ReadonlyMap<string, readonly number[]>;

export interface BlockedList {
  /** `whole`: it was read to its end. `refused`: the account may not ask. `failed`: nobody knows yet. */
  state: 'whole' | 'refused' | 'failed';
  times: BlockedTimes;
}

interface Known {
  startedAt: number;
  largestId: number;
  /** An entry that comes twice is one. */
  ids: Set<string>;
  times: Map<string, number[]>;
}

/**
 * WeChat's lists of blocked template messages, as far as this process has read them. They hold only what was blocked in
 * the end: a message that is under review is on none.
 *
 * @see https://developers.weixin.qq.com/doc/service/api/notify/template/api_queryblocktmplmsg.html
 */
export class BlockedLists {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #known = new Map<string, Known>();
  /** Nothing more is to be read. */
  isClosed = false;
  /** Monotonic ms until which an account is not asked. */
  readonly #refused = new Map<string, number>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** What the list of a template has now. Never throws. */
  async read(client: WechatClient, appid: string, templateId: string): Promise<BlockedList> {
    const now = this.#clock.monotonic();
    const known = this.#startOf(`${appid} ${templateId}`, now);
    const { times } = known;
    if (now < (this.#refused.get(appid) ?? 0)) return { state: 'refused', times };
    try {
      for (let pages = 0; pages < mostPages; pages++) {
        const page = await client.oaTemplates.blockedPage(templateId, known.largestId, pageSize);
        const since = this.#clock.now() / 1000 - keptSeconds;
        for (const { id, openid, send_timestamp } of page) {
          if (!(send_timestamp >= since) || known.ids.has(String(id))) continue;
          known.ids.add(String(id));
          const list = times.get(openid);
          if (list === undefined) times.set(openid, [send_timestamp]);
          else list.push(send_timestamp);
        }
        const next = Math.max(known.largestId, ...page.map(({ id }) => Number(id)));
        // An id that does not grow would give the same page for ever.
        const isLast = page.length < pageSize || !(next > known.largestId);
        if (Number.isFinite(next)) known.largestId = next;
        if (isLast) return { state: 'whole', times };
        if (this.isClosed) return { state: 'failed', times };
      }
      return { state: 'failed', times };
    } catch (error) {
      this.#logger.warn(
        { appid, code: errorCode(error), err: error },
        'WeChat did not say which messages it blocked',
      );
      if (!(error instanceof WechatError) || !isFinal(error)) return { state: 'failed', times };
      this.#refused.set(appid, now + refusedMs);
      return { state: 'refused', times };
    }
  }

  #startOf(key: string, now: number): Known {
    const known = this.#known.get(key);
    if (known !== undefined && now - known.startedAt < readAnewMs) return known;
    const started: Known = { startedAt: now, largestId: 0, ids: new Set(), times: new Map() };
    this.#known.set(key, started);
    return started;
  }
}

/** Whether the account may not ask; anything else may pass: a token, a quota, an address that is not allowed. */
function isFinal({ errcode, path }: WechatError): boolean {
  const { action } = errcodeInfo(errcode, path);
  return action === 'stop' || action === 'unknown-code' || action === 'drop';
}
