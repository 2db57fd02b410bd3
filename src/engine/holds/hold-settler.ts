import { type Clock, systemClock } from '../../base/clock.ts';
import { errorCode, HongyanError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { Rounds } from '../../base/rounds.ts';
import { within } from '../../base/within.ts';
import {
  accountsWithHolds,
  chunkHolds,
  claimHoldLook,
  countRivals,
  type Hold,
  type HoldVerdict,
  heldChunks,
  heldMessages,
  reviewMinutes,
  settleChunkHolds,
  settleMessageHolds,
} from '../../store/campaigns/holds.ts';
import type { Pool } from '../../store/database/pool.ts';
import type { Channel } from '../../wechat/channels.ts';
import type { WechatClient } from '../../wechat/client.ts';
import type { AccountClients } from '../sending/account-clients.ts';
import { type BlockedList, BlockedLists } from './blocked-lists.ts';
import { entriesOf, judgeHold, matchWithinMs } from './judge-hold.ts';

const tickMs = 15_000;
/** An account's lists are asked for so often while it has holds, by one node of all. */
const askEveryMs = 2 * 60_000;
const closeMs = 2_000;
/** Of one account in one look; the oldest go first. */
const mostChunks = 500;
const mostMessages = 5_000;

export interface HoldSettlerDeps {
  pool: Pool;
  clients: AccountClients;
  logger: Logger;
  clock?: Clock;
  /** For tests; default 15 s. */
  tickMs?: number;
  /** For tests; default 2 min. */
  askEveryMs?: number;
}

/**
 * Finds out what became of messages that WeChat held for review (40252): blocked, when its list says so; unknown, when 30
 * minutes have brought no word. Those that were delivered are settled by their receipts (`ReceiptMatcher`).
 *
 * The facts are all there is to it, so any node can do it, at any later time. Every node runs one; for each account one of
 * them takes it on itself in the database.
 */
export class HoldSettler {
  readonly #deps: HoldSettlerDeps;
  readonly #clock: Clock;
  readonly #lists: BlockedLists;
  readonly #rounds: Rounds;

  constructor(deps: HoldSettlerDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#lists = new BlockedLists(this.#clock, deps.logger);
    this.#rounds = new Rounds(
      () => this.#look(),
      (error) => {
        if (this.#rounds.isClosed) return;
        deps.logger.warn(
          { code: errorCode(error), err: error },
          'what became of held messages could not be seen, and is looked at again',
        );
      },
    );
  }

  start(): void {
    this.#rounds.start(this.#deps.tickMs ?? tickMs);
  }

  /** Waits a moment for the look that is under way: it may wait for WeChat, and what it leaves the next one finds. */
  async close(): Promise<void> {
    this.#lists.isClosed = true;
    await within(closeMs, this.#rounds.close());
  }

  async #look(): Promise<void> {
    const { pool, logger } = this.#deps;
    for (const appid of await accountsWithHolds(pool)) {
      if (this.#rounds.isClosed) return;
      if (!(await claimHoldLook(pool, appid, this.#deps.askEveryMs ?? askEveryMs))) continue;
      const settled = await this.#lookAt(appid);
      if (settled.blocked + settled.unknown > 0)
        logger.info({ appid, ...settled }, 'held messages are settled');
    }
  }

  async #lookAt(appid: string): Promise<Record<HoldVerdict['end'], number>> {
    const { pool } = this.#deps;
    const chunks = await heldChunks(pool, appid, mostChunks);
    const messages = await heldMessages(pool, appid, mostMessages);
    const settled = { blocked: 0, unknown: 0 };
    const all = Map.groupBy(
      [...chunks, ...messages],
      ({ channel, templateId }) => `${channel} ${templateId}`,
    );
    for (const [first] of all.values()) {
      if (first === undefined) continue;
      const { channel, templateId } = first;
      const readAt = this.#clock.monotonic();
      const list = await this.#read(appid, channel, templateId);
      const isMine = (one: { channel: Channel; templateId: string }): boolean =>
        one.channel === channel && one.templateId === templateId;
      for (const chunk of chunks.filter(isMine)) {
        if (this.#rounds.isClosed) return settled;
        const holds = await chunkHolds(pool, chunk);
        const verdicts = await this.#judge(appid, templateId, list, holds, this.#clock.monotonic() - readAt);
        if ((await settleChunkHolds(pool, chunk, verdicts)) > 0) count(settled, verdicts);
      }
      // Their ages are of before the list was read.
      const verdicts = await this.#judge(appid, templateId, list, messages.filter(isMine), 0);
      await settleMessageHolds(pool, verdicts);
      count(settled, verdicts);
    }
    return settled;
  }

  /** Null: WeChat has no such list for the channel. */
  async #read(appid: string, channel: Channel, templateId: string): Promise<BlockedList | null> {
    if (channel !== 'oa-template') return null;
    let client: WechatClient;
    try {
      client = await this.#deps.clients.get(appid);
    } catch (error) {
      // Its account cannot be used as it is stored; a person may mend it.
      if (error instanceof HongyanError) return { state: 'failed', times: new Map() };
      throw error;
    }
    return await this.#lists.read(client, appid, templateId);
  }

  /** @param sinceMs how long before the holds' ages were taken the list began to be read */
  async #judge(
    appid: string,
    templateId: string,
    list: BlockedList | null,
    holds: Hold[],
    sinceMs: number,
  ): Promise<HoldVerdict[]> {
    const { pool, clients } = this.#deps;
    const withinMs = matchWithinMs(clients.answerTimeoutMs);
    const entries = new Map<Hold, number>();
    for (const hold of holds) {
      const n = list === null ? 0 : entriesOf(list, hold, withinMs);
      if (n > 0) entries.set(hold, n);
    }
    const listed = [...entries.keys()];
    const counts = listed.length === 0 ? [] : await countRivals(pool, appid, templateId, listed, withinMs);
    const rivals = new Map(listed.map((hold, i) => [hold, counts[i] ?? 0]));
    const wall = this.#clock.now();
    return holds.flatMap((hold) => {
      // By both clocks: one that jumps ahead must not end a review.
      const ageMs = Math.min(hold.ageMs, wall - hold.at * 1000) - sinceMs;
      const found = { entries: entries.get(hold) ?? 0, rivals: rivals.get(hold) ?? 0 };
      const end = judgeHold({ ...hold, ageMs }, list, found, reviewMinutes * 60_000);
      return end === null ? [] : [{ no: hold.no, messageId: hold.messageId, end }];
    });
  }
}

function count(settled: Record<HoldVerdict['end'], number>, verdicts: HoldVerdict[]): void {
  for (const { end } of verdicts) settled[end]++;
}
