import { Background } from '../../base/background.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { untilDone } from '../../base/retry.ts';
import { within } from '../../base/within.ts';
import { markUnfollowed } from '../../store/accounts/contacts.ts';
import { leaseCampaignSlots } from '../../store/accounts/pace.ts';
import { type Campaign, finishCampaign, markProbed, pauseCampaign } from '../../store/campaigns/campaigns.ts';
import type { Store } from '../../store/store.ts';
import type { WechatClient } from '../../wechat/client.ts';
import { type CompiledMessage, compileCampaignMessage } from '../content/compiled-message.ts';
import type { AccountClients } from '../sending/account-clients.ts';
import type { AccountPace } from '../sending/account-pace.ts';
import type { Measures } from '../sending/measures.ts';
import type { Verdict } from '../sending/verdict.ts';
import { CampaignRate } from './campaign-rate.ts';
import { CampaignRun } from './campaign-run.ts';
import { chunkMessages } from './chunk-messages.ts';
import { ChunkRun } from './chunk-run.ts';
import type { ClaimedChunk } from './claimed-chunk.ts';
import { Flusher } from './flusher.ts';
import type { DeliverHooks } from './hooks.ts';

/** Once nothing is in flight any more, what is left is waited for so long, ms. */
const laterMs = 1_000;

export interface OpenCampaignsDeps {
  store: Store;
  clients: AccountClients;
  logger: Logger;
  clock: Clock;
  /** Most messages in flight per account. */
  window: number;
  leaseMs: number;
  hooks?: DeliverHooks | undefined;
  measures?: Measures | undefined;
  /** Look for work. */
  wake(): void;
}

/** The running campaigns of this process and their open chunks: from a claimed chunk to its end, and the campaign's. */
export class OpenCampaigns {
  readonly #deps: OpenCampaignsDeps;
  readonly #campaigns = new Map<number, CampaignRun>();
  /** All open chunks, also those of campaigns that are ending. */
  readonly #runs = new Set<ChunkRun>();
  readonly #background: Background;
  readonly #unfollowed = new Map<string, Set<string>>();
  readonly #flushers = new Map<string, Flusher>();
  #stopping = false;

  constructor(deps: OpenCampaignsDeps) {
    this.#deps = deps;
    this.#background = new Background((error) =>
      deps.logger.warn({ err: error }, 'storing a change of a campaign failed'),
    );
  }

  /** Open chunks, also those of campaigns that are ending. */
  get openChunks(): number {
    return this.#runs.size;
  }

  openChunksOf(campaignId: number): number {
    return this.#campaigns.get(campaignId)?.runs.size ?? 0;
  }

  /** Accounts with an open chunk. */
  get busyAccounts(): Set<string> {
    return new Set(
      [...this.#campaigns.values()].filter((one) => one.runs.size > 0).map((one) => one.campaign.appid),
    );
  }

  /**
   * Sends nothing new and resolves when everything is stored and handed back, or after `timeoutMs`, then with false.
   *
   * @param opening what may still open a chunk, which is then handed back at once
   */
  async stop(timeoutMs: number, opening: Promise<void>): Promise<boolean> {
    this.#stopping = true;
    for (const run of this.#runs) run.drain();
    const settled = async (): Promise<void> => {
      await opening;
      await this.#background.settled();
    };
    const isClean = await within(timeoutMs, settled());
    for (const run of this.#runs) run.abandon();
    for (const flusher of this.#flushers.values()) flusher.close();
    for (const { rate } of this.#campaigns.values()) rate.close();
    await within(isClean ? laterMs : 0, this.storeUnfollowed()).catch(() => {});
    return isClean;
  }

  /**
   * Begins to deliver a chunk.
   *
   * @param limit most in flight
   */
  open(
    campaign: CampaignRun,
    client: WechatClient,
    pace: AccountPace,
    chunk: ClaimedChunk,
    limit: number,
  ): ChunkRun {
    const { store, clients, clock, leaseMs, hooks } = this.#deps;
    const { message, campaign: row } = campaign;
    const run: ChunkRun = new ChunkRun(
      {
        ...{ clock, client, pace, message, leaseMs, hooks, rate: campaign.rate },
        flusher: this.#flusher(row.appid, pace),
        trace: campaign.trace,
        messages: chunkMessages(row, message, chunk.recipients, store.installation.uuid),
        answerTimeoutMs: clients.answerTimeoutMs,
        validUntil: row.validUntil?.getTime() ?? Number.POSITIVE_INFINITY,
        onVerdict: (verdict, recipient) => this.#onVerdict(campaign, run, verdict, recipient.openid),
      },
      chunk,
      limit,
    );
    campaign.runs.add(run);
    this.#runs.add(run);
    this.#background.add(this.#await(campaign, run));
    // It may have come to its end while this chunk was being claimed.
    if (this.#stopping || campaign.ending !== null || pace.hasStopped(message.path)) run.drain();
    else run.start();
    return run;
  }

  #flusher(appid: string, pace: AccountPace): Flusher {
    let flusher = this.#flushers.get(appid);
    if (flusher === undefined) {
      flusher = new Flusher({ ...this.#deps, pace });
      this.#flushers.set(appid, flusher);
    }
    return flusher;
  }

  #onVerdict(campaign: CampaignRun, run: ChunkRun, verdict: Verdict, openid: string): void {
    if (verdict.effect === 'unfollowed') this.#seeUnfollowed(campaign.campaign.appid, openid);
    const change = campaign.see(verdict);
    if (change === 'probed') this.#onProbed(campaign);
    else if (change === 'opened') this.#openChunks(campaign);
    else if (change === 'ending') this.onEnding(campaign);
    else if (!campaign.probed) run.limit = Math.min(run.limit, campaign.limit);
  }

  async #await(campaign: CampaignRun, run: ChunkRun): Promise<void> {
    const end = await run.ended;
    campaign.runs.delete(run);
    this.#runs.delete(run);
    const { id } = campaign.campaign;
    try {
      this.forgetIdle(campaign);
      if (campaign.runs.size === 0 && end === 'done') await this.finish(id);
    } catch (error) {
      this.#deps.logger.warn({ campaignId: id, err: error }, 'closing a chunk failed; it is looked at again');
    }
    this.#deps.wake();
  }

  /**
   * The state is read anew when the campaign is claimed again: it may have been paused and resumed meanwhile. One
   * that is ending stays until its pause is stored, or the next round would claim another chunk of it.
   */
  forgetIdle(campaign: CampaignRun): void {
    if (campaign.runs.size > 0 || campaign.opening > 0 || campaign.ending !== null) return;
    if (this.#campaigns.get(campaign.campaign.id) === campaign) this.#forget(campaign.campaign.id);
  }

  #forget(id: number): void {
    this.#campaigns.get(id)?.rate.close();
    this.#campaigns.delete(id);
  }

  /** Ends a campaign of which nothing is left to send. */
  async finish(campaignId: number): Promise<void> {
    await this.storeUnfollowed();
    if (await finishCampaign(this.#deps.store.pool, campaignId)) {
      this.#forget(campaignId);
      this.#deps.logger.info({ campaignId }, 'campaign done');
    }
  }

  /** Its first answers were good, here or on another node; a chunk that was opened before has its window now. */
  probed(campaignId: number): void {
    const campaign = this.#campaigns.get(campaignId);
    if (campaign === undefined || campaign.probed) return;
    campaign.probed = true;
    this.#openChunks(campaign);
  }

  #openChunks(campaign: CampaignRun): void {
    for (const run of campaign.runs) run.limit = Number.POSITIVE_INFINITY;
  }

  #onProbed(campaign: CampaignRun): void {
    this.#openChunks(campaign);
    this.background(markProbed(this.#deps.store.pool, campaign.campaign.id).then(() => this.#deps.wake()));
  }

  /** Stops a campaign that has an `ending`, and pauses it. */
  onEnding(campaign: CampaignRun): void {
    const { id } = campaign.campaign;
    const { reason, detail } = campaign.ending ?? { reason: 'unknown', detail: '' };
    this.#deps.logger.error(
      { campaignId: id, reason, detail },
      'campaign paused: nothing can be sent before a person acts',
    );
    for (const run of campaign.runs) run.drain();
    this.background(
      this.untilStored(() => pauseCampaign(this.#deps.store.pool, id, reason, detail)).then(() => {
        this.#forget(id);
      }),
    );
  }

  /** Repeats a change of state until the database has it: forgetting one would send on. */
  async untilStored(store: () => Promise<unknown>): Promise<void> {
    const { clock, logger } = this.#deps;
    await untilDone(store, {
      clock,
      goesOn: () => !this.#stopping,
      onFailure: (error) => logger.warn({ err: error }, 'a change of state could not be stored yet'),
    });
  }

  /** Null when its message no longer compiles; it is then paused. */
  async campaignRun(campaign: Campaign, nodes: number): Promise<CampaignRun | null> {
    const known = this.#campaigns.get(campaign.id);
    if (known !== undefined) return known;
    let message: CompiledMessage;
    try {
      message = compileCampaignMessage(campaign);
    } catch (error) {
      await pauseCampaign(
        this.#deps.store.pool,
        campaign.id,
        'message_invalid',
        error instanceof Error ? error.message : null,
      );
      return null;
    }
    const { clock, store, logger, window } = this.#deps;
    const { id } = campaign;
    const rate = new CampaignRate({
      clock,
      lease: (count) => leaseCampaignSlots(store.pool, id, count),
      onDue: () => {
        const [any] = run.runs;
        any?.pump();
      },
      onFailure: (error) =>
        logger.warn(
          { campaignId: id, err: error },
          'nothing of a campaign is sent until the database gives the slots of its rate',
        ),
    });
    rate.apply(campaign.ratePerS, nodes);
    const run = new CampaignRun(campaign, message, window, rate);
    this.#campaigns.set(id, run);
    return run;
  }

  /** The rate of a campaign may have been changed; `nodes` share it. */
  applyRate({ id, ratePerS }: Pick<Campaign, 'id' | 'ratePerS'>, nodes: number): void {
    this.#campaigns.get(id)?.rate.apply(ratePerS, nodes);
  }

  /** Open chunks of campaigns of the account that have no rate of their own. */
  unlimitedRuns(appid: string): number {
    let runs = 0;
    for (const one of this.campaignsOf(appid, null))
      if (one.rate.ratePerS === Number.POSITIVE_INFINITY) runs += one.runs.size;
    return runs;
  }

  /** The open chunks of an account, of one path or (null) of all. */
  runsOf(appid: string, path: string | null): ChunkRun[] {
    return this.campaignsOf(appid, path).flatMap((one) => [...one.runs]);
  }

  campaignsOf(appid: string, path: string | null): CampaignRun[] {
    return [...this.#campaigns.values()].filter(
      (one) => one.campaign.appid === appid && (path === null || one.message.path === path),
    );
  }

  #seeUnfollowed(appid: string, openid: string): void {
    const set = this.#unfollowed.get(appid);
    if (set === undefined) this.#unfollowed.set(appid, new Set([openid]));
    else set.add(openid);
  }

  /** Stores who was found to have left. */
  async storeUnfollowed(): Promise<void> {
    const all = [...this.#unfollowed];
    this.#unfollowed.clear();
    for (const [appid, openids] of all)
      await markUnfollowed(this.#deps.store.pool, appid, [...openids].sort());
  }

  /** `stop` waits for it. */
  background(work: Promise<void>): void {
    this.#background.add(work);
  }
}
