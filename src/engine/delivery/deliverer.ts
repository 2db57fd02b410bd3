import { type Clock, momentOf, systemClock } from '../../base/clock.ts';
import { HongyanError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { Rounds } from '../../base/rounds.ts';
import {
  type Campaign,
  endExpiredCampaigns,
  markProbed,
  pauseCampaign,
  runningCampaigns,
} from '../../store/campaigns/campaigns.ts';
import { canaryHolds, canaryReceipts } from '../../store/campaigns/canary.ts';
import { canaryIsDone, claimChunk, leaseMs } from '../../store/campaigns/chunks.ts';
import { settleLeftDoubts } from '../../store/campaigns/left-doubts.ts';
import { type Listener, listen } from '../../store/database/listen.ts';
import { storeNodeStats } from '../../store/database/node-stats.ts';
import type { Store } from '../../store/store.ts';
import type { WechatClient } from '../../wechat/client.ts';
import { settleLeftCredits } from '../credits/use-credits.ts';
import { settleLeftFormIds } from '../credits/use-form-ids.ts';
import type { AccountClients } from '../sending/account-clients.ts';
import { type AccountPace, pathsThatStop } from '../sending/account-pace.ts';
import type { DatabaseClock } from '../sending/database-clock.ts';
import type { Measures } from '../sending/measures.ts';
import type { PaceUser } from '../sending/pace-users.ts';
import type { Pacing } from '../sending/pacing.ts';
import type { CampaignRun } from './campaign-run.ts';
import { interceptedSince, judgeHolds, judgeReceipts } from './canary.ts';
import { readClaimedChunk } from './claimed-chunk.ts';
import type { DeliverHooks } from './hooks.ts';
import { OpenCampaigns } from './open-campaigns.ts';

/** Open chunks per account and process: enough that the next is there when one ends. */
const maxOpenChunks = 3;
/**
 * Open chunks of a campaign with a rate of its own. They are not among those of the account: a chunk of a slow campaign is
 * open for hours, and the account's other campaigns would wait for it.
 */
const maxOwnChunks = 2;
const pollMs = 1_000;
/** How often doubts and credits are looked for that campaigns left when they ended or were paused. */
const leftMs = 10_000;

export interface DelivererDeps {
  store: Store;
  clients: AccountClients;
  logger: Logger;
  nodeId: string;
  /** Of this node, shared with its single messages. */
  pacing: Pacing;
  clock?: Clock;
  /** Says which leases of others may be over; without it the database alone does. */
  databaseClock?: Pick<DatabaseClock, 'leasesEndBy'> | undefined;
  /** Most messages in flight per account. Default 64. */
  window?: number;
  /** For tests; default 10 s. */
  leaseMs?: number | undefined;
  /** For tests. */
  hooks?: DeliverHooks | undefined;
  measures?: Measures | undefined;
}

/** Delivers running campaigns: claims their chunks, account by account in turn, and runs them. */
export class Deliverer implements PaceUser {
  readonly usesReserve = false;
  readonly #deps: DelivererDeps & { clock: Clock; leaseMs: number; window: number };
  readonly #open: OpenCampaigns;
  readonly #rounds: Rounds;
  #listener: Listener | null = null;
  #saidAt = 0;
  #leftSettledAt = Number.NEGATIVE_INFINITY;

  constructor(deps: DelivererDeps) {
    this.#deps = {
      ...deps,
      clock: deps.clock ?? systemClock,
      leaseMs: deps.leaseMs ?? leaseMs,
      window: deps.window ?? 64,
    };
    this.#rounds = new Rounds(
      () => this.#claimRound(),
      (error) => this.#deps.logger.warn({ err: error }, 'looking for work failed and is tried again'),
    );
    this.#open = new OpenCampaigns({ ...this.#deps, wake: () => this.wake() });
    deps.pacing.join(this);
  }

  handBack(appid: string, path: string | null): void {
    for (const run of this.#open.runsOf(appid, path)) run.drain();
  }

  onOpened(appid: string, path: string): void {
    for (const one of this.#open.campaignsOf(appid, path)) for (const run of one.runs) run.limit = one.limit;
  }

  async start(): Promise<void> {
    this.#listener = await listen(
      this.#deps.store.pool,
      ['hongyan_work'],
      () => this.wake(),
      this.#deps.logger,
    );
    this.#rounds.start(pollMs);
  }

  /** Looks for work now instead of at the next poll. */
  wake(): void {
    this.#rounds.wake();
  }

  /**
   * Sends nothing new, waits for what is in flight, stores it and hands the chunks back; at most `timeoutMs`. False when
   * that was not enough.
   */
  async stop(timeoutMs = 10_000): Promise<boolean> {
    // Nothing more is sent while the round that looks for work still waits for the database.
    const isClean = await this.#open.stop(timeoutMs, this.#rounds.close());
    await this.#listener?.close();
    return isClean;
  }

  async #claimRound(): Promise<void> {
    await endExpiredCampaigns(this.#deps.store.pool);
    const campaigns = await runningCampaigns(this.#deps.store.pool);
    const byAccount = new Map<string, Campaign[]>();
    for (const campaign of campaigns) {
      if (campaign.probed) this.#open.probed(campaign.id);
      const list = byAccount.get(campaign.appid);
      if (list === undefined) byAccount.set(campaign.appid, [campaign]);
      else list.push(campaign);
    }
    await this.#deps.pacing.refresh([...byAccount.keys()]);
    for (const campaign of campaigns) this.#open.applyRate(campaign, this.#nodes(campaign.appid));
    const rounds = [...byAccount].map(([appid, list]) => this.#claimForAccount(appid, list));
    // One account's failure must neither end the others' round nor leave it running beside the next one.
    for (const round of await Promise.allSettled(rounds))
      if (round.status === 'rejected')
        this.#deps.logger.warn(
          { err: round.reason },
          'looking for work of an account failed and is tried again',
        );
    await this.#open.storeUnfollowed();
    await this.#settleLeft();
    await this.#sayWhatWeDo();
  }

  async #settleLeft(): Promise<void> {
    const now = this.#deps.clock.monotonic();
    if (now - this.#leftSettledAt < leftMs || this.#deps.store.installation.guard.isQuiet) return;
    this.#leftSettledAt = now;
    await settleLeftDoubts(this.#deps.store.pool, null, this.#deps.databaseClock?.leasesEndBy ?? null);
    await settleLeftCredits(this.#deps.store.pool);
    await settleLeftFormIds(this.#deps.store.pool);
  }

  /** For people who watch; once a second, and only while there is something to see. */
  async #sayWhatWeDo(): Promise<void> {
    const now = this.#deps.clock.monotonic();
    if (now - this.#saidAt < pollMs || (this.#open.openChunks === 0 && this.#saidAt === 0)) return;
    this.#saidAt = this.#open.openChunks === 0 ? 0 : now;
    const busy = this.#open.busyAccounts;
    const stats = this.#deps.pacing.activity().filter((one) => busy.has(one.appid));
    await storeNodeStats(this.#deps.store.pool, this.#deps.nodeId, stats);
  }

  /** One chunk of each campaign in turn, until the account has its share of open chunks here. */
  async #claimForAccount(appid: string, campaigns: Campaign[]): Promise<void> {
    let waiting = campaigns;
    while (waiting.length > 0 && !this.#rounds.isClosed) {
      const left: Campaign[] = [];
      for (const campaign of waiting) {
        if (this.#rounds.isClosed) return;
        if (!this.#hasRoom(appid, campaign)) continue;
        const claimed = await this.#claimOne(campaign);
        if (claimed) left.push(campaign);
        else if (this.#open.openChunksOf(campaign.id) === 0) await this.#open.finish(campaign.id);
      }
      waiting = left;
    }
  }

  #hasRoom(appid: string, { id, ratePerS }: Campaign): boolean {
    if (ratePerS !== null) return this.#open.openChunksOf(id) < maxOwnChunks;
    return this.#open.unlimitedRuns(appid) < maxOpenChunks;
  }

  /** That are alive, and share the rates. */
  #nodes(appid: string): number {
    return this.#deps.pacing.account(appid)?.nodes ?? 1;
  }

  async #claimOne(campaign: Campaign): Promise<boolean> {
    const run = await this.#open.campaignRun(campaign, this.#nodes(campaign.appid));
    if (run === null || run.ending !== null) return false;
    if (!campaign.probed && run.runs.size > 0) return false;
    if (run.isCanary && run.runs.size === 0) await this.#judgeCanary(run);
    run.opening++;
    try {
      return await this.#claimFor(run);
    } finally {
      run.opening--;
      this.#open.forgetIdle(run);
    }
  }

  /**
   * Once the first chunk is delivered: waits for its receipts, and for the verdict on what WeChat holds of it, asks WeChat
   * whether it intercepted any of it, then opens the campaign or ends it.
   */
  async #judgeCanary(run: CampaignRun): Promise<void> {
    const { store, logger } = this.#deps;
    const { id, templateId, startedAt } = run.campaign;
    if (!(await canaryIsDone(store.pool, id))) return;
    const receipts = await canaryReceipts(store.pool, id);
    const judged = receipts === null ? 'open' : judgeReceipts(receipts);
    if (judged === 'wait') return; // the next round, a second later, asks again
    if (judged !== 'open') {
      run.ending = { reason: 'blocked-share', detail: `${judged.blocked}/${judged.receipts}` };
      this.#open.onEnding(run);
      return;
    }
    const holds = await canaryHolds(store.pool, id);
    const held = holds === null ? 'open' : judgeHolds(holds, null);
    if (held === 'wait') return;
    if (held !== 'open') {
      run.ending = held;
      this.#open.onEnding(run);
      return;
    }
    const client = await this.#client(run);
    if (client === null) return;
    const intercepted = await interceptedSince(client, templateId ?? '', startedAt ?? new Date(0), logger);
    if (intercepted === null) return; // the next round asks again
    const unsaid = holds === null ? 'open' : judgeHolds(holds, intercepted !== 'refused');
    if (typeof unsaid === 'object') run.ending = unsaid;
    else if (intercepted !== 'refused' && intercepted > 0)
      run.ending = { reason: 'intercepted', detail: String(intercepted) };
    if (run.ending === null) {
      await markProbed(store.pool, id);
      this.#open.probed(id);
    } else this.#open.onEnding(run);
  }

  async #claimFor(run: CampaignRun): Promise<boolean> {
    if (this.#deps.store.installation.guard.isQuiet) return false;
    // Before the claim: one that nobody works on would be claimed, and left, again and again.
    const client = await this.#client(run);
    const pace = this.#deps.pacing.account(run.campaign.appid);
    if (client === null || pace === null) return false;
    const { path } = run.message;
    const admission = await pace.admit(path);
    if (admission === 'closed') return false;
    let claimed = false;
    try {
      claimed = await this.#claimChunk(run, client, pace, admission === 'probe');
    } finally {
      if (!claimed && admission === 'probe') pace.probeEnded(path);
    }
    return claimed;
  }

  /** @param probing one message at a time, until one is answered: the path was parked */
  async #claimChunk(
    run: CampaignRun,
    client: WechatClient,
    pace: AccountPace,
    probing: boolean,
  ): Promise<boolean> {
    const { store, nodeId, clock, clients, leaseMs: lease } = this.#deps;
    const { id } = run.campaign;
    const claimedAt = momentOf(clock);
    const resolveAfterMs = clients.answerTimeoutMs + lease;
    const paths = pathsThatStop(run.message.path);
    const { leasesEndBy = null } = this.#deps.databaseClock ?? {};
    const claim = await claimChunk(store.pool, id, nodeId, lease, resolveAfterMs, paths, leasesEndBy);
    if (claim === null) return false;
    const chunk = await readClaimedChunk(store.pool, claim, claimedAt);
    const opened = this.#open.open(run, client, pace, chunk, probing ? 1 : run.limit);
    if (probing) void opened.ended.then(() => pace.probeEnded(run.message.path));
    return true;
  }

  /** Null when the account cannot be used as it is stored; its campaign then waits for a person. */
  async #client(run: CampaignRun): Promise<WechatClient | null> {
    const { store, clients, logger } = this.#deps;
    try {
      return await clients.get(run.campaign.appid);
    } catch (error) {
      if (!(error instanceof HongyanError)) throw error;
      logger.error(
        { campaignId: run.campaign.id, code: error.code },
        'campaign paused: its account is not usable',
      );
      await pauseCampaign(store.pool, run.campaign.id, error.code, error.message);
      return null;
    }
  }
}
