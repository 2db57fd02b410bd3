import type { ClientBase } from 'pg';
import { type Clock, type Moment, momentOf, msSince, systemClock } from '../../base/clock.ts';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { DatabaseError, undecided } from '../database/explain.ts';
import { confirmTimeline } from '../database/nodes.ts';
import type { Pool } from '../database/pool.ts';
import { Acknowledged } from './acknowledged.ts';
import { FailoverEvidence, type Unproven } from './failover.ts';
import { holdEverything } from './hold-restored.ts';
import { type Beat, type Known, type Look, lookAt, type Sought, type WentBack } from './look.ts';
import { isBehind, type Position, readWitness, type Witness, writeWitness } from './witness.ts';

/** Rows of nodes that were not seen for a day are removed: one that is missing says nothing about a node that slept, ms. */
const freshBeatMs = 3_600_000;
/**
 * So long those who know that a failover has forgotten nothing wait for others that were alive to say the same, ms: whoever
 * is there still looks within a second, and one whose machine is gone has no lease any more.
 */
const othersMs = 12_000;
/** So long somebody who cannot know waits for one who can, ms. */
const knowingMs = 20_000;
const againMs = 250;

/** So long after its server's start nothing is claimed where others may be, ms: each of them looks within a second of it. */
const quietMs = 3_000;

/**
 * Notices that the database went back in time: restored from a backup, moved, failed over, or its data directory put back
 * as it was. Then it may have forgotten who was messaged.
 *
 * Whatever answers in the place of a database is looked at before anything is asked of it: each new connection, before
 * the pool hands it out. A dump restored elsewhere has another system identifier, a promotion or a recovery to an earlier
 * time another timeline; a data directory put back as it was has neither, but is behind what this process has seen of it,
 * or, for one that has just begun, behind the witness, a file outside of it.
 *
 * Who notices it first holds everything and begins another history. To the others that history is newer than theirs:
 * what they claimed before is no longer theirs, and they go on in the new one.
 *
 * A promotion that has provably forgotten nothing (`FailoverEvidence`) is none of this: once every node that is there has
 * found its own again, the new timeline is written down and everything goes on.
 */
export class RestoreGuard {
  /** What the database must show again on each new connection. */
  readonly acknowledged = new Acknowledged();
  readonly #logger: Logger;
  /** Where the witness lies; null: without one. */
  readonly #directory: string | null;
  #pool: Pool | null = null;
  #known: Known | null = null;
  readonly #beats = new Map<string, Beat & { at: Moment }>();
  /** Histories that another one has followed, which is not yet written into their witnesses. */
  readonly #followed = new Map<string, string>();
  #checking: Promise<void> | null = null;
  #hasChecked = false;
  #saidWhy = '';
  #quietUntil = 0;
  readonly #evidence: FailoverEvidence;
  /** Since when this process has seen a server on another timeline than is recorded, of which it is not yet known what it is. */
  #undecided: { timeline: number | null; since: number } | null = null;

  readonly #clock: Clock;

  constructor(logger: Logger, directory: string | null, clock: Clock = systemClock) {
    this.#clock = clock;
    this.#logger = logger;
    this.#directory = directory;
    this.#evidence = new FailoverEvidence(clock);
  }

  /** The history that this process knows; empty before `start`. */
  get history(): string {
    return this.#known?.history ?? '';
  }

  /**
   * Nothing is to be claimed for now: the server has just started, and others may know what it has forgotten. Until they have
   * looked, what they have may seem to be nobody's.
   */
  get isQuiet(): boolean {
    return performance.now() < this.#quietUntil;
  }

  /** What PostgreSQL does not say of itself: by that no restore can be noticed. */
  get blindSpots(): (keyof Position)[] {
    const { systemIdentifier, timeline, lsn } = this.#known?.position ?? {};
    const said = { systemIdentifier, timeline, lsn };
    return (['systemIdentifier', 'timeline', 'lsn'] as const).filter((part) => said[part] == null);
  }

  /** The database is there and migrated; from now on each connection is looked at. */
  async start(pool: Pool): Promise<void> {
    this.#pool = pool;
    for (;;) {
      try {
        return await this.check();
      } catch (error) {
        if (errorCode(error) !== undecided) throw error;
        await this.#clock.sleep(againMs);
      }
    }
  }

  /**
   * Looks at the database through a connection before anything else is asked through it. Rejects when it is not the
   * database it was, or takes no writes: then the pool drops the connection, and tries another one later.
   */
  async look(client: ClientBase): Promise<void> {
    if (this.#pool !== null) await this.#look(client, null, this.acknowledged);
  }

  /** Looks again, and moves the witness on. At start, and every few seconds while a node works. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  /** Looks again, through one of the pool's connections: what is known is then as far as the database is. */
  async glance(): Promise<void> {
    await this.#withClient((client) => this.#look(client, null, null));
  }

  /** The database has acknowledged so many renewals of a node, in this history. */
  sawBeat(beat: Beat): void {
    if (beat.history !== this.history) return;
    this.#beats.set(beat.nodeId, { ...beat, at: momentOf(this.#clock) });
    this.#evidence.renewed();
    this.acknowledged.renewed();
  }

  #freshBeats(): Beat[] {
    const now = momentOf(this.#clock);
    return [...this.#beats.values()].filter(({ at }) => msSince(at, now) < freshBeatMs);
  }

  /** The node has ended, and its row may be removed. */
  forgetNode(nodeId: string): void {
    this.#beats.delete(nodeId);
  }

  /** Something that the database acknowledged in this history is missing. */
  async alarm(history: string): Promise<void> {
    if (history !== this.history) return; // it was dealt with meanwhile
    await this.#withClient((client) => this.#settle(client, this.#known, null, history));
  }

  async #check(): Promise<void> {
    const directory = this.#directory;
    await this.#withClient(async (client) => {
      // The file first: what it says was true of the database before, so a position read later cannot lie behind it.
      const named = (await client.query<{ id: string }>('select history_id as id from hongyan.installation'))
        .rows[0]?.id;
      const witness = directory === null || named === undefined ? null : await readWitness(directory, named);
      // That another one followed it counts for one that begins: who works in it knows better.
      const isKnown = this.#hasChecked && witness?.followedIn != null;
      const isSaid = named !== undefined && witness !== null && !isKnown;
      await this.#look(client, isSaid ? { named, witness } : null, null);
    });
    this.#hasChecked = true;
    const known = this.#known;
    if (directory === null || known === null || known.position.lsn === null) return;
    await this.#markFollowed(directory);
    const refused = await writeWitness(directory, known.history, known.position);
    if (refused === null || refused === this.#saidWhy) return;
    this.#saidWhy = refused;
    this.#logger.warn(
      { code: refused, stateDir: directory },
      'the witness file cannot be written, so a data directory that is put back as it was would not be noticed by a process that starts on it',
    );
  }

  /**
   * A database that still has one of these was put back in the place of its successor: as far as it ever was, but of what was
   * sent in the new history it knows nothing.
   */
  async #markFollowed(directory: string): Promise<void> {
    for (const [history, followedIn] of this.#followed) {
      const seen = (await readWitness(directory, history)) ?? nowhere;
      if ((await writeWitness(directory, history, { ...seen, followedIn })) === null)
        this.#followed.delete(history);
    }
  }

  async #withClient<T>(work: (client: ClientBase) => Promise<T>): Promise<T | undefined> {
    const client = await this.#pool?.connect();
    if (client === undefined) return undefined;
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  async #look(client: ClientBase, witness: Named | null, acknowledged: Acknowledged | null): Promise<void> {
    for (;;) {
      // What is known before the question is asked: an answer must not be held against what was learnt meanwhile.
      const before = this.#known;
      const look = await usableLook(client, { beats: this.#freshBeats(), acknowledged }, before);
      if (this.#whyBack(look, before, witness) !== null || isNewer(look)) {
        await this.#settle(client, before, witness, null);
        return;
      }
      this.#remember(look);
      const knowsNothing = before === null && witness === null && !look.isNew;
      // Negative after the clock was set back: then it says nothing, least of all that the server has only just started.
      const isYoung = look.uptimeMs >= 0 && look.uptimeMs < quietMs;
      if (isYoung && (look.hasOthers || knowsNothing))
        this.#quietUntil = Math.max(this.#quietUntil, performance.now() + quietMs - look.uptimeMs);
      // Another connection began a new history while this one was answered: its mark is of the old one.
      if (look.history === this.history) return;
    }
  }

  /**
   * Looks again, alone, and draws the consequences once: everything is held and a new history begun.
   *
   * @param forgotten the history in which something was found missing; null: only what the look says counts
   */
  async #settle(
    client: ClientBase,
    before: Known | null,
    witness: Named | null,
    forgotten: string | null,
  ): Promise<void> {
    const sought = { beats: this.#freshBeats(), acknowledged: this.acknowledged };
    let why: WentBack | null = null;
    let failover: Failover | null = null;
    let paused: number[] = [];
    await client.query('begin');
    try {
      await client.query('set local search_path = hongyan');
      await client.query('select 1 from installation for update');
      let look = await usableLook(client, sought, before);
      const had = look.history;
      why = this.#whyBack(look, before, witness);
      if (why === 'timeline') {
        why = this.#whyBack(asRecorded(look), before, witness);
        failover = why === null ? this.#judge(look) : null;
        if (failover?.verdict === 'wait' || failover?.verdict === 'go-on')
          await confirmTimeline(client, failover.confirmed, look.position.timeline);
        if (failover?.verdict === 'wait') {
          await client.query('commit');
          throw new DatabaseError(undecided, 'whether the database has forgotten something is not known yet');
        }
        if (failover?.verdict === 'hold') why = 'timeline';
      }
      why ??= look.history === forgotten ? 'forgot' : null;
      if (why !== null) paused = await holdEverything(client, before?.historyAt ?? 0);
      if (why !== null || failover !== null || isNewer(look)) {
        await client.query('update installation set system_identifier = $1, timeline = $2, oids = $3', [
          look.position.systemIdentifier ?? look.recorded.systemIdentifier,
          look.position.timeline ?? look.recorded.timeline,
          look.oids,
        ]);
        look = await usableLook(client, { beats: [], acknowledged: null }, null);
      }
      await client.query('commit');
      this.#undecided = null;
      if (had !== look.history) this.#followed.set(had, placeOf(look));
      this.#remember(look);
    } catch (error) {
      await client.query('rollback').catch(() => {}); // the connection is dropped by whoever gave it
      throw error;
    }
    // At once: a process that only looks in may be gone before its next check.
    if (this.#directory !== null) await this.#markFollowed(this.#directory);
    if (why === null) {
      if (failover === null) return;
      const { unconfirmed } = failover;
      this.#logger.warn(
        { unconfirmed },
        'the database failed over and has forgotten nothing: what was under way goes on',
      );
      return;
    }
    this.#logger.error(
      { campaigns: paused, why, ...(failover === null ? {} : { unproven: failover.unproven }) },
      'the database was restored or failed over: running campaigns are paused, and whoever may have been messaged since is unknown',
    );
  }

  /** What to do about a server on another timeline that shows everything else that is known. */
  #judge(look: Look): Failover {
    const now = this.#clock.monotonic();
    const { timeline } = look.position;
    if (this.#undecided?.timeline !== timeline) this.#undecided = { timeline, since: now };
    const waitedMs = now - this.#undecided.since;
    const unproven = this.#evidence.judge(look);
    const { unconfirmed } = look;
    const confirmed = unproven === null ? [...this.#beats.keys()] : [];
    if (unproven === null) {
      const verdict = unconfirmed > 0 && waitedMs < othersMs ? 'wait' : 'go-on';
      return { verdict, unproven, confirmed, unconfirmed };
    }
    // Who does not know must not decide while others are there who may.
    const isForOthers = unproven === 'nobody-knows' && look.living > 0 && waitedMs < knowingMs;
    return { verdict: isForOthers ? 'wait' : 'hold', unproven, confirmed, unconfirmed };
  }

  /** Null: it is the database that it was, and has forgotten nothing that is known. */
  #whyBack(look: Look, before: Known | null, witness: Named | null): WentBack | null {
    const { position, recorded } = look;
    if (differs(recorded.systemIdentifier, position.systemIdentifier)) return 'cluster';
    if (differs(recorded.timeline, position.timeline)) return 'timeline';
    if (differs(recorded.oids, look.oids)) return 'dump';
    if (before !== null && before.history !== look.history && look.historyAt <= before.historyAt)
      return 'history';
    if (before?.history === look.history) {
      if (differs(before.position.systemIdentifier, position.systemIdentifier)) return 'cluster';
      if (isBehind(position, before.position)) return 'position';
      if (look.lostBeat) return 'beat';
      // One that is handed back at this moment is not this process's any more.
      if (look.lostFlush || this.acknowledged.hasClaimed(look.lostMessages)) return 'forgot';
    }
    if (witness?.named !== look.history) return null;
    // What became of a copy in another place is not this one's.
    if (witness.witness.followedIn === placeOf(look)) return 'history';
    return isBehind(position, witness.witness) ? 'position' : null;
  }

  #remember(look: Look): void {
    const { installation, history, historyAt, position } = look;
    const known = this.#known;
    if (known !== null && historyAt < known.historyAt) return;
    this.#evidence.saw(look);
    if (known !== null && known.history !== history) this.#followed.set(known.history, placeOf(look));
    const isFurther = known?.history !== history || !isBehind(position, known.position);
    if (known?.history !== history) {
      this.#beats.clear();
      this.acknowledged.clear();
    }
    if (isFurther) this.#known = { installation, history, historyAt, position };
  }
}

interface Named {
  /** The history after which the file is named. */
  named: string;
  witness: Witness;
}

interface Failover {
  verdict: 'go-on' | 'wait' | 'hold';
  unproven: Unproven | null;
  /** Nodes of this process that have found everything again. */
  confirmed: string[];
  /** How many others were alive and have not said so. */
  unconfirmed: number;
}

/** As if its timeline were the one that was written down. */
function asRecorded(look: Look): Look {
  return { ...look, recorded: { ...look.recorded, timeline: look.position.timeline } };
}

/** Before everything. */
const nowhere: Witness = { systemIdentifier: '', timeline: 0, lsn: '0/0', followedIn: null };

/** Which database of which cluster it is; a copy of the cluster's files is in the same one. */
function placeOf({ position, oids }: Look): string {
  return `${position.systemIdentifier} ${oids}`;
}

/** It says more of itself than was written down. */
function isNewer({ recorded, position }: Look): boolean {
  return (
    recorded.oids === null ||
    (recorded.systemIdentifier === null && position.systemIdentifier !== null) ||
    (recorded.timeline === null && position.timeline !== null)
  );
}

function differs<T>(one: T | null, other: T | null): boolean {
  return one !== null && other !== null && one !== other;
}

/** Throws when it takes no writes, or is not the installation that this process began with. */
async function usableLook(client: ClientBase, sought: Sought, before: Known | null): Promise<Look> {
  const look = await lookAt(client, sought).catch((error: unknown) => {
    // No such table, column, function or schema: an empty database, or one of an older Hongyan.
    if (['42P01', '42703', '42883', '3F000'].includes(errorCode(error) ?? '')) return null;
    throw error;
  });
  if (look === null || (before !== null && before.installation !== look.installation))
    throw new DatabaseError('57H03', 'this is another database than the one that this process began with');
  if (look.isStandby) throw new DatabaseError('25006', 'this server is a standby and takes no writes');
  return look;
}
