import { createHash } from 'node:crypto';
import { type Clock, systemClock } from '../../base/clock.ts';
import { HongyanError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import {
  type Campaign,
  endExpiredCampaigns,
  finishCampaign,
  markProbed,
  pauseCampaign,
  runningCampaigns,
} from '../../store/campaigns.ts';
import { canaryReceipts } from '../../store/canary.ts';
import {
  type Claim,
  canaryIsDone,
  chunkRecipients,
  claimChunk,
  inheritedFacts,
  leaseMs,
} from '../../store/chunks.ts';
import { markUnfollowed } from '../../store/contacts.ts';
import { flushChunk, flushChunks } from '../../store/flush.ts';
import { type Listener, listen } from '../../store/listen.ts';
import { storeNodeStats } from '../../store/node-stats.ts';
import type { Store } from '../../store/store.ts';
import type { WechatClient } from '../../wechat/client.ts';
import type { AccountClients } from '../account-clients.ts';
import { settleLeftCredits } from '../credits/use-credits.ts';
import { type CompiledMessage, compileCampaignMessage } from '../message/compiled-message.ts';
import { type AccountPace, pathsThatStop } from '../pace/account-pace.ts';
import { Pacing } from '../pace/pacing.ts';
import { CampaignRun } from './campaign-run.ts';
import { interceptedSince, judgeReceipts } from './canary.ts';
import { ChunkRun, type DeliverHooks } from './chunk-run.ts';
import { creditFlush } from './credit-flush.ts';
import { Flusher } from './flusher.ts';

/** Open chunks per account and process: enough that the next is there when one ends. */
const maxOpenChunks = 3;
const pollMs = 1_000;
/** How often credits are looked for that campaigns still hold although they ended. */
const leftCreditsMs = 10_000;

export interface DelivererDeps {
  store: Store;
  clients: AccountClients;
  logger: Logger;
  nodeId: string;
  clock?: Clock;
  /** Most messages in flight per account. Default 64. */
  window?: number;
  /** For tests; default 10 s. */
  leaseMs?: number | undefined;
  /** For tests. */
  hooks?: DeliverHooks | undefined;
}

/** Delivers running campaigns: claims their chunks, account by account in turn, and runs them. */
export class Deliverer {
  readonly #deps: DelivererDeps & { clock: Clock; leaseMs: number; window: number };
  readonly #pacing: Pacing;
  readonly #campaigns = new Map<number, CampaignRun>();
  /** All open chunks, also those of campaigns that are ending. */
  readonly #runs = new Set<ChunkRun>();
  readonly #busy = new Set<Promise<void>>();
  readonly #unfollowed = new Map<string, Set<string>>();
  readonly #flushers = new Map<string, Flusher>();
  #listener: Listener | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopping = false;
  #round: Promise<void> | null = null;
  #again = false;
  #saidAt = 0;
  #creditsSettledAt = Number.NEGATIVE_INFINITY;

  constructor(deps: DelivererDeps) {
    this.#deps = {
      ...deps,
      clock: deps.clock ?? systemClock,
      leaseMs: deps.leaseMs ?? leaseMs,
      window: deps.window ?? 64,
    };
    this.#pacing = new Pacing({
      ...this.#deps,
      pool: deps.store.pool,
      drain: (appid, path) => {
        for (const run of this.#runsOf(appid, path)) run.drain();
      },
      opened: (appid, path) => {
        for (const one of this.#campaignsOf(appid, path)) for (const run of one.runs) run.limit = one.limit;
      },
      wake: () => this.wake(),
      untilStored: (store) => this.#background(this.#untilStored(store)),
    });
  }

  /** The paces of this node's accounts, which single messages share. */
  get pacing(): Pacing {
    return this.#pacing;
  }

  async start(): Promise<void> {
    this.#listener = await listen(
      this.#deps.store.pool,
      ['hongyan_work'],
      () => this.wake(),
      this.#deps.logger,
    );
    this.#timer = setInterval(() => this.wake(), pollMs);
    this.wake();
  }

  /** Looks for work now instead of at the next poll. */
  wake(): void {
    if (this.#stopping) return;
    if (this.#round !== null) {
      this.#again = true;
      return;
    }
    this.#round = this.#claimRound()
      .catch((error: unknown) => {
        this.#deps.logger.warn({ err: error }, 'looking for work failed and is tried again');
      })
      .then(() => {
        this.#round = null;
        if (!this.#again) return;
        this.#again = false;
        this.wake();
      });
  }

  /** Sends nothing new, waits for what is in flight, stores it and hands the chunks back; at most `timeoutMs`. */
  async stop(timeoutMs = 10_000): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#round;
    for (const run of this.#runs) run.drain();
    let timer: NodeJS.Timeout | null = null;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([Promise.allSettled([...this.#busy]), timeout]);
    if (timer !== null) clearTimeout(timer);
    for (const run of this.#runs) run.abandon();
    for (const flusher of this.#flushers.values()) flusher.close();
    await this.#storeUnfollowed().catch(() => {});
    await this.#pacing.close();
    await this.#listener?.close();
  }

  async #claimRound(): Promise<void> {
    await endExpiredCampaigns(this.#deps.store.pool);
    const campaigns = await runningCampaigns(this.#deps.store.pool);
    const byAccount = new Map<string, Campaign[]>();
    for (const campaign of campaigns) {
      const list = byAccount.get(campaign.appid);
      if (list === undefined) byAccount.set(campaign.appid, [campaign]);
      else list.push(campaign);
    }
    await this.#pacing.refresh([...byAccount.keys()]);
    const rounds = [...byAccount].map(([appid, list]) => this.#claimForAccount(appid, list));
    // One account's failure must neither end the others' round nor leave it running beside the next one.
    for (const round of await Promise.allSettled(rounds))
      if (round.status === 'rejected')
        this.#deps.logger.warn(
          { err: round.reason },
          'looking for work of an account failed and is tried again',
        );
    await this.#storeUnfollowed();
    await this.#settleLeftCredits();
    await this.#sayWhatWeDo();
  }

  async #settleLeftCredits(): Promise<void> {
    const now = this.#deps.clock.monotonic();
    if (now - this.#creditsSettledAt < leftCreditsMs) return;
    this.#creditsSettledAt = now;
    await settleLeftCredits(this.#deps.store.pool);
  }

  /** For people who watch; once a second, and only while there is something to see. */
  async #sayWhatWeDo(): Promise<void> {
    const now = this.#deps.clock.monotonic();
    if (now - this.#saidAt < pollMs || (this.#runs.size === 0 && this.#saidAt === 0)) return;
    this.#saidAt = this.#runs.size === 0 ? 0 : now;
    const busy = new Set(
      [...this.#campaigns.values()].filter((one) => one.runs.size > 0).map((one) => one.campaign.appid),
    );
    const stats = this.#pacing.activity().filter((one) => busy.has(one.appid));
    await storeNodeStats(this.#deps.store.pool, this.#deps.nodeId, stats);
  }

  /** One chunk of each campaign in turn, until the account has its share of open chunks here. */
  async #claimForAccount(appid: string, campaigns: Campaign[]): Promise<void> {
    let waiting = campaigns;
    while (waiting.length > 0 && !this.#stopping) {
      const left: Campaign[] = [];
      for (const campaign of waiting) {
        if (this.#runsOf(appid, null).length >= maxOpenChunks || this.#stopping) return;
        const claimed = await this.#claimOne(campaign);
        if (claimed) left.push(campaign);
        else if ((this.#campaigns.get(campaign.id)?.runs.size ?? 0) === 0) await this.#finish(campaign.id);
      }
      waiting = left;
    }
  }

  async #claimOne(campaign: Campaign): Promise<boolean> {
    const run = await this.#campaignRun(campaign);
    if (run === null || run.ending !== null) return false;
    if (campaign.probed) run.probed = true;
    if (!campaign.probed && run.runs.size > 0) return false;
    if (run.isCanary && run.runs.size === 0) await this.#judgeCanary(run);
    run.opening++;
    try {
      return await this.#claimFor(run);
    } finally {
      run.opening--;
      this.#forgetIdle(run);
    }
  }

  /**
   * Once the first chunk is delivered: waits for its receipts, asks WeChat whether it intercepted any of it, then opens
   * the campaign or ends it.
   */
  async #judgeCanary(run: CampaignRun): Promise<void> {
    const { store, logger } = this.#deps;
    const { id, templateId, startedAt } = run.campaign;
    if (!(await canaryIsDone(store.pool, id))) return;
    const receipts = await canaryReceipts(store.pool, id);
    const judged = receipts === null ? 'open' : judgeReceipts(receipts);
    if (judged === 'wait') return; // the next round, a second later, asks again
    if (judged !== 'open') {
      const detail = `${judged.blocked} of ${judged.receipts} receipts (${judged.percent} %)`;
      run.ending = { reason: 'blocked-share', detail };
      this.#onEnding(run);
      return;
    }
    const client = await this.#client(run);
    if (client === null) return;
    const intercepted = await interceptedSince(client, templateId ?? '', startedAt ?? new Date(0), logger);
    if (intercepted === 0) {
      await markProbed(store.pool, id);
      return;
    }
    run.ending = { reason: 'intercepted', detail: String(intercepted) };
    this.#onEnding(run);
  }

  async #claimFor(run: CampaignRun): Promise<boolean> {
    // Before the claim: one that nobody works on would be claimed, and left, again and again.
    const client = await this.#client(run);
    const pace = this.#pacing.account(run.campaign.appid);
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
    const claimedAt = clock.monotonic();
    const resolveAfterMs = clients.answerTimeoutMs + lease;
    const paths = pathsThatStop(run.message.path);
    const claim = await claimChunk(store.pool, id, nodeId, lease, resolveAfterMs, paths);
    if (claim === null) return false;
    const [recipients, inherited] = await Promise.all([
      chunkRecipients(store.pool, claim.campaignId, claim.firstNo, claim.lastNo),
      claim.epoch > 1 ? inheritedFacts(store.pool, claim.campaignId, claim.firstNo, claim.lastNo) : [],
    ]);
    const limit = probing ? 1 : run.limit;
    const opened = this.#open(run, client, pace, limit, claim, claimedAt, recipients, inherited);
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

  #open(
    campaign: CampaignRun,
    client: WechatClient,
    pace: AccountPace,
    limit: number,
    claim: Claim,
    claimedAt: number,
    recipients: ConstructorParameters<typeof ChunkRun>[3],
    inherited: ConstructorParameters<typeof ChunkRun>[4],
  ): ChunkRun {
    const { store, clients, clock, logger } = this.#deps;
    const { appid } = campaign.campaign;
    const { message } = campaign;
    const credits = creditFlush(campaign.campaign, recipients);
    const run: ChunkRun = new ChunkRun(
      {
        clock,
        logger,
        lane: pace.lane,
        path: message.path,
        keyed: message.keyed,
        common: message.common,
        answerTimeoutMs: clients.answerTimeoutMs,
        leaseMs: this.#deps.leaseMs,
        flusher: this.#flusher(appid, pace),
        send: (path, body, options) => pace.watch(path, client.send(path, body, options)),
        render: (recipient) =>
          message.render(
            recipient.openid,
            recipient.vars,
            message.keyed ? this.#clientMsgId(campaign, recipient.no) : null,
          ),
        flush: (flush) => flushChunk(store.pool, flush, credits),
        usesCredits: credits !== null,
        validUntil: campaign.campaign.validUntil?.getTime() ?? Number.POSITIVE_INFINITY,
        hooks: this.#deps.hooks,
        onVerdict: (verdict, recipient) => {
          if (verdict.effect === 'unfollowed') this.#seeUnfollowed(appid, recipient.openid);
          pace.seeVerdict(verdict, message.path);
          const change = campaign.see(verdict);
          if (change === 'probed') this.#onProbed(campaign);
          else if (change === 'opened') this.#openChunks(campaign);
          else if (change === 'ending') this.#onEnding(campaign);
          else if (!campaign.probed) run.limit = Math.min(run.limit, campaign.limit);
        },
      },
      claim,
      claimedAt,
      recipients,
      inherited,
      limit,
    );
    campaign.runs.add(run);
    this.#runs.add(run);
    const ended = this.#await(campaign, run).finally(() => this.#busy.delete(ended));
    this.#busy.add(ended);
    // It may have come to its end while this chunk was being claimed.
    if (this.#stopping || campaign.ending !== null || pace.hasStopped(message.path)) run.drain();
    else run.start();
    return run;
  }

  #flusher(appid: string, pace: AccountPace): Flusher {
    const { store, clock } = this.#deps;
    let flusher = this.#flushers.get(appid);
    if (flusher === undefined) {
      flusher = new Flusher({
        clock,
        write: (flushes) => flushChunks(store.pool, flushes),
        answersPerMs: () => pace.lane.answersPerMs,
      });
      this.#flushers.set(appid, flusher);
    }
    return flusher;
  }

  async #await(campaign: CampaignRun, run: ChunkRun): Promise<void> {
    const end = await run.ended;
    campaign.runs.delete(run);
    this.#runs.delete(run);
    const { id } = campaign.campaign;
    try {
      this.#forgetIdle(campaign);
      if (campaign.runs.size === 0 && end === 'done') await this.#finish(id);
    } catch (error) {
      this.#deps.logger.warn({ campaignId: id, err: error }, 'closing a chunk failed; it is looked at again');
    }
    this.wake();
  }

  /**
   * The state is read anew when the campaign is claimed again: it may have been paused and resumed meanwhile. One
   * that is ending stays until its pause is stored, or the next round would claim another chunk of it.
   */
  #forgetIdle(campaign: CampaignRun): void {
    if (campaign.runs.size > 0 || campaign.opening > 0 || campaign.ending !== null) return;
    if (this.#campaigns.get(campaign.campaign.id) === campaign) this.#campaigns.delete(campaign.campaign.id);
  }

  async #finish(campaignId: number): Promise<void> {
    await this.#storeUnfollowed();
    if (await finishCampaign(this.#deps.store.pool, campaignId)) {
      this.#campaigns.delete(campaignId);
      this.#deps.logger.info({ campaignId }, 'campaign done');
    }
  }

  #openChunks(campaign: CampaignRun): void {
    for (const run of campaign.runs) run.limit = Number.POSITIVE_INFINITY;
  }

  #onProbed(campaign: CampaignRun): void {
    this.#openChunks(campaign);
    this.#background(markProbed(this.#deps.store.pool, campaign.campaign.id).then(() => this.wake()));
  }

  #onEnding(campaign: CampaignRun): void {
    const { id } = campaign.campaign;
    const { reason, detail } = campaign.ending ?? { reason: 'unknown', detail: '' };
    this.#deps.logger.error(
      { campaignId: id, reason, detail },
      'campaign paused: nothing can be sent before a person acts',
    );
    for (const run of campaign.runs) run.drain();
    this.#background(
      this.#untilStored(() => pauseCampaign(this.#deps.store.pool, id, reason, detail)).then(() => {
        this.#campaigns.delete(id);
      }),
    );
  }

  /** Repeats a change of state until the database has it: forgetting one would send on. */
  async #untilStored(store: () => Promise<unknown>): Promise<void> {
    for (let tries = 0; !this.#stopping || tries === 0; tries++) {
      try {
        await store();
        return;
      } catch (error) {
        this.#deps.logger.warn({ err: error }, 'a change of state could not be stored yet');
        await this.#deps.clock.sleep(Math.min(2_000, 100 * 2 ** tries));
      }
    }
  }

  async #campaignRun(campaign: Campaign): Promise<CampaignRun | null> {
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
    const run = new CampaignRun(campaign, message, this.#deps.window);
    this.#campaigns.set(campaign.id, run);
    return run;
  }

  #clientMsgId(campaign: CampaignRun, no: number): string {
    const { uuid } = this.#deps.store.installation;
    return clientMsgId(uuid, campaign.campaign.uuid, no);
  }

  /** The open chunks of an account, of one path or (null) of all. */
  #runsOf(appid: string, path: string | null): ChunkRun[] {
    return this.#campaignsOf(appid, path).flatMap((one) => [...one.runs]);
  }

  #campaignsOf(appid: string, path: string | null): CampaignRun[] {
    return [...this.#campaigns.values()].filter(
      (one) => one.campaign.appid === appid && (path === null || one.message.path === path),
    );
  }

  #seeUnfollowed(appid: string, openid: string): void {
    const set = this.#unfollowed.get(appid);
    if (set === undefined) this.#unfollowed.set(appid, new Set([openid]));
    else set.add(openid);
  }

  async #storeUnfollowed(): Promise<void> {
    const all = [...this.#unfollowed];
    this.#unfollowed.clear();
    for (const [appid, openids] of all)
      await markUnfollowed(this.#deps.store.pool, appid, [...openids].sort());
  }

  #background(work: Promise<void>): void {
    const watched = work
      .catch((error: unknown) => {
        this.#deps.logger.warn({ err: error }, 'storing a change of a campaign failed');
      })
      .finally(() => this.#busy.delete(watched));
    this.#busy.add(watched);
  }
}

/** The same for all attempts at one recipient, on any node: 22 characters of base64url. */
export function clientMsgId(installation: string, campaign: string, no: number): string {
  return createHash('sha256').update(`${installation}:${campaign}:${no}`).digest('base64url').slice(0, 22);
}
