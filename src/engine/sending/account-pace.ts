import { isOver, type Moment, momentOf, shifted } from '../../base/clock.ts';
import { pauseAccount } from '../../store/accounts/account-states.ts';
import {
  blockNode,
  holdMinute,
  leaseSlots,
  type PaceState,
  type Park,
  storeWindow,
  unblockNode,
} from '../../store/accounts/pace.ts';
import { endPark, leaseQuota, parkApi, returnQuota, startProbe } from '../../store/accounts/quotas.ts';
import type { SendAnswer } from '../../wechat/http/answer.ts';
import { answerKind } from './answer-kind.ts';
import { Circuit } from './circuit.ts';
import { Concurrency } from './concurrency.ts';
import { Lane } from './lane.ts';
import { answerClass, type Measures } from './measures.ts';
import { NodeAddress, type NodeAddressDeps } from './node-address.ts';
import { QuotaLease } from './quota-lease.ts';
import { Slots } from './slots.ts';
import type { Scope, Verdict } from './verdict.ts';

/** While one of these is parked nothing of the account can be sent: there is no token. */
const tokenPaths = ['/cgi-bin/stable_token', '/cgi-bin/token'];

/** The limit of the account was lowered for past violations: it waits like 45009, and a person must hear of it. */
const lowered = 40251;

/** The parked paths that stop sends to `path`. */
export function pathsThatStop(path: string): string[] {
  return [path, ...tokenPaths];
}

export interface AccountPaceDeps extends NodeAddressDeps {
  /** Connections, and so the largest number in flight. */
  window: number;
  measures: Measures;
}

/** The pace of one account on this node: its lane, and everything that may slow it down or stop it. */
export class AccountPace {
  readonly appid: string;
  readonly lane: Lane;
  /** The day's attempts for single messages, which may use the reserve. */
  readonly messageQuota: QuotaLease;
  readonly #deps: AccountPaceDeps;
  readonly #slots: Slots;
  readonly #quota: QuotaLease;
  readonly #concurrency: Concurrency;
  readonly #circuit = new Circuit();
  readonly #address: NodeAddress;
  #nodes = 1;
  #ratePerS: number;
  #active = true;
  #knownLimit: number | null = null;
  #parks: Park[] = [];
  /** Being stored: what the database says of them is older. */
  readonly #parking = new Set<string>();
  #pausing = false;
  #minuteUntil: Moment = { monotonic: 0, wall: 0 };
  #storedAt = 0;
  readonly #probing = new Set<string>();

  constructor(appid: string, ratePerS: number, deps: AccountPaceDeps) {
    this.appid = appid;
    this.#deps = deps;
    this.#ratePerS = ratePerS;
    const { clock, pool, users, window } = deps;
    this.#concurrency = new Concurrency(window);
    this.#address = new NodeAddress(appid, deps);
    this.#slots = new Slots(ratePerS, {
      clock,
      lease: (count) => leaseSlots(pool, appid, count),
      onDue: () => this.lane.pump(),
      onFailure: (error) => this.#tellFailure('slots', error),
    });
    const quota = (forMessages: boolean, handBack: (path: string) => void): QuotaLease =>
      new QuotaLease({
        lease: (path, block, out) => leaseQuota(pool, appid, path, block, out, forMessages),
        giveBack: (path, count) => returnQuota(pool, appid, path, count),
        onChange: (path, closed) => {
          if (closed) handBack(path);
          else this.lane.pump();
        },
        onFailure: (error) => this.#tellFailure('quota', error),
      });
    this.#quota = quota(false, (path) => users.handBack(appid, path));
    this.#quota.ratePerS = ratePerS;
    this.messageQuota = quota(true, (path) => users.handBackReserve(appid, path));
    this.messageQuota.ratePerS = 0;
    this.lane = new Lane(window, clock, {
      take: (now) => this.#slots.take(now),
      untake: () => this.#slots.untake(),
      isOpen: (path) => this.#quota.isOpen(path),
      use: (path) => this.#quota.use(path),
    });
  }

  /** The account's ceiling, over all nodes. */
  get ratePerS(): number {
    return this.#ratePerS;
  }

  /** Nodes that are alive, and share what is leased. */
  get nodes(): number {
    return this.#nodes;
  }

  /** What this node does for the account at this moment. */
  get activity(): { inFlight: number; window: number; latencyMs: number } {
    return { inFlight: this.lane.inFlight, window: this.lane.window, latencyMs: this.#concurrency.latencyMs };
  }

  /**
   * Takes over what the database says.
   *
   * @param readAt monotonic ms before it was asked: what was stored since is newer
   */
  apply(state: PaceState, readAt: number): void {
    this.#nodes = Math.max(1, state.nodes);
    this.#ratePerS = state.ratePerS;
    this.#slots.change(state.ratePerS, this.#nodes);
    this.#quota.ratePerS = state.ratePerS;
    const share = state.messageSharePercent / 100;
    this.messageQuota.ratePerS = Math.ceil(state.ratePerS * share);
    // What was not used of the share is kept for a second.
    this.lane.reserve(share, Math.ceil((state.ratePerS * share) / this.#nodes));
    if (this.#active && !state.isActive) this.#handBack(null);
    this.#active = state.isActive;
    this.#shareWindow(state.windowLimit);
    if (state.minuteMs !== null && state.minuteMs > 0) this.#holdMinute(state.minuteMs);
    this.#address.apply(state.blockedMs, readAt);
    if (readAt >= this.#storedAt) this.#applyParks(state.parks);
  }

  /**
   * Whether chunks for this path may be claimed now. `probe`: the path was parked, and one message of one chunk
   * may find out whether it is open again.
   *
   * @param forMessages the same for single messages, which may use the reserve
   */
  async admit(path: string, forMessages = false): Promise<'open' | 'probe' | 'closed'> {
    const stopping = pathsThatStop(path);
    if (this.hasStopped(path) || stopping.some((one) => this.#probing.has(one))) return 'closed';
    const parks = this.#parks.filter(
      (park) => stopping.includes(park.path) && (park.why === 'quota' || !forMessages),
    );
    const [park] = parks;
    if (park === undefined) return 'open';
    if (parks.some((one) => one.why === 'reserve')) return 'closed';
    this.#probing.add(park.path);
    const { pool, nodeId } = this.#deps;
    if (await startProbe(pool, this.appid, park.path, nodeId)) return 'probe';
    this.#probing.delete(park.path);
    return 'closed';
  }

  /** Whether a single message for the path may leave without being asked for first. */
  isOpenForMessages(path: string): boolean {
    const stopping = pathsThatStop(path);
    return (
      !this.hasStopped(path) &&
      !this.messageQuota.isClosed(path) &&
      !this.#parks.some((park) => park.why === 'quota' && stopping.includes(park.path))
    );
  }

  /** Nothing may be sent to the path from here; a chunk that was being claimed meanwhile is handed back unopened. */
  hasStopped(path: string): boolean {
    if (this.#address.isRefused || this.#pausing || !this.#active) return true;
    const stopping = pathsThatStop(path);
    return (
      stopping.some((one) => this.#parking.has(one)) ||
      this.#parks.some((park) => park.why === 'quota' && park.ms > 0 && stopping.includes(park.path))
    );
  }

  /** The probing chunk came to its end without a clear answer, or there was none to claim. */
  probeEnded(path: string): void {
    for (const one of pathsThatStop(path)) this.#probing.delete(one);
  }

  /**
   * Sees how long an answer took and what it says of WeChat: latency, overload and outages.
   *
   * @param sentAt monotonic ms, as `now`
   */
  seeAnswer(answer: SendAnswer, path: string, sentAt: number, now: number): void {
    this.#deps.measures.answered(this.appid, path, answerClass(answer, path), now - sentAt);
    const kind = answerKind(answer, path);
    if (kind === 'neutral') return;
    if (kind === 'failed') {
      this.#concurrency.decrease(now);
      const pauseMs = this.#circuit.fail(sentAt, now);
      if (pauseMs !== null) this.#openCircuit(pauseMs, answer);
    } else {
      if (this.#circuit.succeed()) this.#closeCircuit();
      if (kind === 'slower') this.#seeMinute();
      else if (kind === 'accepted') {
        const { lane } = this;
        this.#concurrency.accepted(now - sentAt, lane.inFlight >= lane.window, now);
      }
    }
    this.lane.window = this.#circuit.open ? 1 : this.#concurrency.window;
  }

  /** Sees what an answer means beyond its recipient. */
  seeVerdict(verdict: Verdict, path: string): void {
    const { scope } = verdict;
    if (scope !== null) {
      this.#act(scope, verdict);
    } else if (['accepted', 'rejected', 'held'].includes(verdict.outcome)) {
      if (this.#probing.size > 0) this.#open(path);
    }
  }

  async close(): Promise<void> {
    this.#slots.close();
    this.lane.close();
    await this.#quota.close();
    await this.messageQuota.close();
  }

  #openCircuit(pauseMs: number, answer: SendAnswer): void {
    this.lane.hold(pauseMs);
    // Of single messages nothing else says what came instead of an answer.
    const err = 'error' in answer ? answer.error : undefined;
    this.#deps.logger.warn(
      { appid: this.appid, pauseMs, err },
      'WeChat does not answer; one message at a time tries again',
    );
    const { pool, nodeId } = this.#deps;
    const block = { nodeId, appid: this.appid, reason: 'circuit', ms: pauseMs, ip: null } as const;
    this.#untilStored(() => blockNode(pool, block));
  }

  #closeCircuit(): void {
    this.#concurrency.set(0);
    this.#deps.logger.info({ appid: this.appid }, 'WeChat answers again');
    const { pool, nodeId } = this.#deps;
    this.#untilStored(() => unblockNode(pool, nodeId, this.appid, 'circuit'));
  }

  /** 45011: until the next minute for all nodes, then with half the window. */
  #seeMinute(): void {
    const { clock } = this.#deps;
    const now = momentOf(clock);
    this.#concurrency.decrease(now.monotonic);
    if (!isOver(this.#minuteUntil, now)) return;
    this.#holdMinute(60_250 - (now.wall % 60_000));
    this.#untilStored(() => holdMinute(this.#deps.pool, this.appid));
  }

  #holdMinute(ms: number): void {
    this.#minuteUntil = shifted(momentOf(this.#deps.clock), ms);
    this.lane.hold(ms);
  }

  #act(scope: Scope, verdict: Verdict): void {
    if (scope.action === 'park') this.#park(scope.path, verdict.errcode);
    else if (scope.action === 'node-ip') this.#address.see(verdict);
    else this.#pause(verdict);
  }

  #park(path: string, errcode: number | null): void {
    if (this.#parking.has(path)) return;
    this.#parking.add(path);
    this.#probing.delete(path);
    this.#handBack(path);
    this.#untilStored(async () => {
      const until = await parkApi(this.#deps.pool, this.appid, path, errcode);
      this.#storedAt = this.#deps.clock.monotonic();
      if (!this.#parking.delete(path)) return;
      this.#parks = [...this.#parks.filter((one) => one.path !== path), parked(path)];
      const where = { appid: this.appid, path, errcode, until };
      if (errcode === lowered)
        this.#deps.logger.error(
          where,
          'WeChat lowered this limit for violations, and it is used up; a person must look',
        );
      else this.#deps.logger.warn(where, "today's quota is used up; this API waits");
    });
  }

  #open(path: string): void {
    const probed = pathsThatStop(path).filter((one) => this.#probing.has(one));
    for (const one of probed) {
      this.#probing.delete(one);
      this.#parks = this.#parks.filter((park) => park.path !== one);
      this.#deps.logger.info({ appid: this.appid, path: one }, 'the quota is there again');
      const { pool, nodeId } = this.#deps;
      this.#untilStored(() => endPark(pool, this.appid, one, nodeId));
    }
    if (probed.length > 0) this.#deps.users.onOpened(this.appid, path);
  }

  #pause(verdict: Verdict): void {
    if (this.#pausing) return;
    this.#pausing = true;
    const { errcode, detail, reason } = verdict;
    this.#deps.logger.error({ appid: this.appid, errcode, reason }, 'account paused: a person must mend it');
    this.#handBack(null);
    const { pool, clients } = this.#deps;
    const why = errcode === null ? (reason ?? 'unknown') : `errcode:${errcode}`;
    this.#untilStored(async () => {
      await pauseAccount(pool, this.appid, why, detail);
      // It holds the old secret, and the last error for up to 30 s.
      await clients.forget(this.appid);
      this.#pausing = false;
    });
  }

  #applyParks(parks: Park[]): void {
    const known = new Set(this.#parks.map((park) => park.path));
    const now = new Set(parks.map((park) => park.path));
    for (const park of parks) {
      // Where only the reserve is left, each node still uses what it had taken before.
      if (park.why === 'quota' && park.ms > 0 && !known.has(park.path) && !this.#parking.has(park.path))
        this.#handBack(park.path);
    }
    for (const path of known) {
      if (now.has(path)) continue;
      this.#quota.reopen(path);
      this.messageQuota.reopen(path);
    }
    this.#parks = parks;
    if (known.size > 0 && now.size === 0) this.lane.pump();
  }

  /** Brings this node's window and the account's stored limit together. */
  #shareWindow(stored: number | null): void {
    const { window, max } = this.#concurrency;
    const mine = window >= max ? null : window * this.#nodes;
    if (stored !== this.#knownLimit) {
      this.#knownLimit = stored;
      this.#concurrency.set(stored === null ? max : Math.floor(stored / this.#nodes));
      if (!this.#circuit.open) this.lane.window = this.#concurrency.window;
      return;
    }
    if (mine === stored) return;
    this.#untilStored(async () => {
      if (await storeWindow(this.#deps.pool, this.appid, stored, mine)) this.#knownLimit = mine;
    });
  }

  /** @param what could not be leased */
  #tellFailure(what: 'slots' | 'quota', err: unknown): void {
    const { appid } = this;
    this.#deps.logger.warn(
      { appid, what, err },
      'nothing is sent until the database gives what is needed for it',
    );
  }

  /** Of one path, or (null, and where there is no token) all of the account. */
  #handBack(path: string | null): void {
    this.#deps.users.handBack(this.appid, path !== null && tokenPaths.includes(path) ? null : path);
  }

  #untilStored(store: () => Promise<unknown>): void {
    this.#deps.untilStored(store);
  }
}

function parked(path: string): Park {
  // How long is read from the database with the next look; until then it is not yet time to probe.
  return { path, why: 'quota', ms: Number.POSITIVE_INFINITY, probeOwner: null, probeMs: 0 };
}
