import { setTimeout as sleep } from 'node:timers/promises';
import { failure } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { holdMinute, leaseSlots } from '../../store/accounts/pace.ts';
import { leaseQuota, parkApi, returnQuota } from '../../store/accounts/quotas.ts';
import type { Pool } from '../../store/database/pool.ts';
import type { Store } from '../../store/store.ts';
import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import { WechatTransportError } from '../../wechat/error.ts';
import type { RelayAnswer, RelayRequest } from '../../wechat/relay/relay.ts';
import type { AccountClients } from '../sending/account-clients.ts';

export interface RelayCallsDeps {
  store: Store;
  clients: AccountClients;
  logger: Logger;
}

/** A slot of the account that is further away is not waited for, ms. */
const longestWaitMs = 5_000;
/** So many sends of an account wait for their slots in this process. */
const mostWaiting = 32;

/**
 * Calls of other programs, within what the account may do: each counts in the day's quota of its path, and what messages
 * people takes a slot of the account's rate, like every message of our own.
 */
export class RelayCalls {
  readonly #deps: RelayCallsDeps;
  readonly #waiting = new Map<string, number>();

  constructor(deps: RelayCallsDeps) {
    this.#deps = deps;
  }

  /** Throws `WX_RELAY_BUSY`, `WechatTransportError`, and what keeps the account from having a token. */
  async call(appid: string, request: RelayRequest, isSend: boolean): Promise<RelayAnswer> {
    const { store, clients } = this.#deps;
    const { pool } = store;
    const { path } = request;
    await countCall(pool, appid, path);
    try {
      if (isSend) await this.#waitForSlot(appid);
      const answer = await (await clients.get(appid)).relay.send(request);
      if (isSend && answer.errcode !== null) await this.#seeRefusal(appid, path, answer.errcode);
      return answer;
    } catch (error) {
      // What left was counted by WeChat too.
      if (!(error instanceof WechatTransportError && error.left)) await returnQuota(pool, appid, path, 1);
      throw error;
    }
  }

  async #waitForSlot(appid: string): Promise<void> {
    const waiting = this.#waiting.get(appid) ?? 0;
    // Before a slot is taken: one that nobody uses is lost for the account's campaigns.
    if (waiting >= mostWaiting) throw failure('WX_RELAY_BUSY/rate', { appid });
    this.#waiting.set(appid, waiting + 1);
    try {
      const slice = await leaseSlots(this.#deps.store.pool, appid, 1);
      if (slice === null) throw failure('ACCOUNT_NOT_FOUND', { appid });
      const waitMs = slice.endMs - (1000 * slice.count) / slice.ratePerS;
      if (waitMs > longestWaitMs) throw failure('WX_RELAY_BUSY/rate', { appid });
      if (waitMs > 0) await sleep(waitMs);
    } finally {
      const left = (this.#waiting.get(appid) ?? 1) - 1;
      if (left === 0) this.#waiting.delete(appid);
      else this.#waiting.set(appid, left);
    }
  }

  /** What WeChat says of the account's limits holds for our own messages too. */
  async #seeRefusal(appid: string, path: string, errcode: number): Promise<void> {
    const { store, logger } = this.#deps;
    const { action } = errcodeInfo(errcode, path);
    if (action !== 'park' && action !== 'wait-minute') return;
    if (action === 'park') await parkApi(store.pool, appid, path, errcode);
    else await holdMinute(store.pool, appid);
    logger.warn({ appid, path, errcode }, 'a limit of the account is reached, by a call of another program');
  }
}

/** Throws `WX_RELAY_BUSY` where the limit of the path is known and used up. */
async function countCall(pool: Pool, appid: string, path: string): Promise<void> {
  const lease = (): Promise<number | null> => leaseQuota(pool, appid, path, 1, false, true);
  if (((await lease()) ?? (await lease())) === 0) throw failure('WX_RELAY_BUSY/quota', { appid, path });
}
