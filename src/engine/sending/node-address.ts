import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { blockNode, pauseIfAllBlocked, unblockNode } from '../../store/accounts/pace.ts';
import type { Pool } from '../../store/database/pool.ts';
import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import { WechatError } from '../../wechat/error.ts';
import type { AccountClients } from './account-clients.ts';
import type { PaceUsers } from './pace-users.ts';
import type { Verdict } from './verdict.ts';

/** A node whose address was refused asks again after this time, ms, unless the errcode says longer. */
const askAgainMs = 60_000;

export interface NodeAddressDeps {
  pool: Pool;
  clients: AccountClients;
  clock: Clock;
  logger: Logger;
  nodeId: string;
  users: PaceUsers;
  /** Runs until it is stored, however often the database is away. */
  untilStored(store: () => Promise<unknown>): void;
}

/**
 * Whether WeChat takes calls of one account from this machine's address (40164 and its like). A refusal belongs to the node
 * and not to the account: this node stops working for it and asks again, others go on; only when no node is left do its
 * campaigns pause.
 */
export class NodeAddress {
  readonly #appid: string;
  readonly #deps: NodeAddressDeps;
  #refused = false;
  /** What the database says is older. */
  #storing = false;
  #storedAt = 0;
  #asking = false;

  constructor(appid: string, deps: NodeAddressDeps) {
    this.#appid = appid;
    this.#deps = deps;
  }

  /** Nothing may be sent from here. */
  get isRefused(): boolean {
    return this.#refused;
  }

  /** WeChat has refused a call because of where it came from. */
  see(verdict: Verdict): void {
    if (this.#refused) return;
    const ip = /\bip (\S+?),?(?:\s|$)/.exec(verdict.detail ?? '')?.[1] ?? null;
    this.#deps.logger.warn(
      { appid: this.#appid, errcode: verdict.errcode, ip },
      "WeChat refuses this machine's address; this node stops working for the account until it is in the IP whitelist",
    );
    this.#deps.users.handBack(this.#appid, null);
    this.#block(verdict, ip);
  }

  /**
   * Takes over what the database says of this node, and asks WeChat when the time for it has come.
   *
   * @param blockedMs ms until it asks again; null: it is not blocked
   * @param readAt monotonic ms before it was read: what was stored since is newer
   */
  apply(blockedMs: number | null, readAt: number): void {
    if (readAt < this.#storedAt || this.#storing || this.#asking) return;
    this.#refused = blockedMs !== null;
    if (blockedMs === null || blockedMs > 0) return;
    this.#asking = true;
    const { pool, clients, nodeId, users } = this.#deps;
    this.#deps.untilStored(async () => {
      try {
        // Any call shows whether this node's address is allowed.
        await (await clients.get(this.#appid)).network.callbackIps();
      } catch (error) {
        if (error instanceof WechatError && errcodeInfo(error.errcode, error.path).action === 'node-ip') {
          this.#block({ errcode: error.errcode, detail: error.errmsg }, null);
          return;
        }
        // Anything else says nothing about the address; sending will find out.
      } finally {
        this.#asking = false;
      }
      await unblockNode(pool, nodeId, this.#appid, 'ip');
      this.#refused = false;
      this.#deps.logger.info({ appid: this.#appid }, 'this machine may call WeChat again');
      users.wake();
    });
  }

  #block(verdict: Pick<Verdict, 'errcode' | 'detail'>, ip: string | null): void {
    const { pool, clock, logger, nodeId, untilStored } = this.#deps;
    const appid = this.#appid;
    this.#refused = true;
    this.#storing = true;
    const { errcode, detail } = verdict;
    const ms = Math.max(askAgainMs, errcode === null ? 0 : (errcodeInfo(errcode).waitMs ?? 0));
    untilStored(async () => {
      await blockNode(pool, { nodeId, appid, reason: 'ip', ms, ip });
      this.#storedAt = clock.monotonic();
      this.#storing = false;
      // Two nodes that are refused at once each see the other's row only afterwards, hence a statement of its own.
      const paused = await pauseIfAllBlocked(pool, appid, `errcode:${errcode}`, detail ?? '');
      if (paused > 0)
        logger.error({ appid, errcode, ip, paused }, 'campaigns paused: no node is allowed to call WeChat');
    });
  }
}
