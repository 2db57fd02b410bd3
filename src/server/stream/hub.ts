import { Readable } from 'node:stream';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { Rounds } from '../../base/rounds.ts';
import type { Pool } from '../../store/database/pool.ts';
import { liveAccounts } from '../../store/stream/live.ts';
import { readStreamLog, type StreamPlace, type StreamRow, streamNow } from '../../store/stream/log.ts';
import { isMoving, LiveCounts } from './live-counts.ts';
import { placeText } from './place.ts';
import { type StreamMessage, type StreamView, seenBy } from './view.ts';

/** Two updates a second at most, for however many streams: the database is asked once for all of them. */
const everyMs = 500;
const heartbeatMs = 15_000;
/** While the database tells nothing for longer than this, streams end: they would only seem to be live, ms. */
const silentMs = 10_000;
/** More changes at once are not told one by one: the client is told to read its lists anew. */
const mostRows = 2_000;
/** A reader that does not read holds so much of this process, and is told the rest when it reads again. */
const bufferBytes = 64 * 1024;
/** Of one key or person half of them: nobody shuts the others out. */
const mostOf = { all: 2_000, one: 1_000 };
/** Beginnings that are kept within a round for others that ask for the same. */
const mostShared = 20;

interface Stream {
  /** Whose it is. */
  owner: string;
  readable: Readable;
  view: StreamView;
  /** Up to where it was told; of a new one, from where it goes on. */
  place: StreamPlace | null;
  /** It is told what is going on, and what it missed: it is new, or its reader did not keep up for a while. */
  isBehind: boolean;
  /** Its reader does not read just now. */
  isFull: boolean;
  /** When a heartbeat is due. */
  beatAt: number;
  /** Whether whoever opened it may still; asked with each heartbeat. */
  mayGoOn(): Promise<boolean>;
}

/** What changed since the last round. */
interface Changes extends StreamMessage {
  place: StreamPlace;
  /** Something may have been missed. */
  isGap: boolean;
}

/**
 * The live streams of this process. One reader of the log and of what is going on, whatever the number of streams; it looks
 * at nothing while there is none. Everything that a stream is told can be told again by any node: its place is in the database.
 */
export class StreamHub {
  readonly #pool: Pool;
  readonly #streams = new Set<Stream>();
  readonly #most: { all: number; one: number };
  readonly #rounds: Rounds;
  #isStarted = false;
  /** When all that streams are told was read last. */
  #lookedAt = performance.now();
  #place: StreamPlace | null = null;
  readonly #counts: LiveCounts;
  /** What was told last of campaigns that something happens to, and of accounts. */
  #campaigns = new Map<number, string>();
  #accounts = new Map<string, string>();

  /** @param most streams of all callers, and of one; for tests */
  constructor(pool: Pool, logger: Logger, most: { all: number; one: number } = mostOf) {
    this.#pool = pool;
    this.#counts = new LiveCounts(pool);
    this.#most = most;
    this.#rounds = new Rounds(
      () => this.#round(),
      (error) => {
        logger.debug({ code: errorCode(error) }, 'live streams wait for the database');
        // Whoever comes back is told what the matter is.
        if (performance.now() - this.#lookedAt > silentMs) this.#endAll();
      },
    );
  }

  /** Why it takes no more of this caller. */
  refuses(owner: string): 'full' | 'own' | null {
    if (this.#streams.size >= this.#most.all || this.#rounds.isClosed) return 'full';
    let own = 0;
    for (const stream of this.#streams) if (stream.owner === owner) own++;
    return own >= this.#most.one ? 'own' : null;
  }

  /**
   * A stream for whoever sees this much, from a place on or (null) from now. It begins with all that is going on.
   *
   * @param mayGoOn asked every 15 s; false ends it
   */
  open(
    owner: string,
    view: StreamView,
    after: StreamPlace | null,
    mayGoOn: () => Promise<boolean>,
  ): Readable {
    const readable = new Readable({
      highWaterMark: bufferBytes,
      read: () => {
        stream.isFull = false;
      },
    });
    const stream: Stream = {
      ...{ owner, readable, view, mayGoOn },
      ...{ place: after, isBehind: true, isFull: false },
      beatAt: performance.now() + heartbeatMs,
    };
    readable.once('close', () => this.#streams.delete(stream));
    readable.on('error', () => {});
    this.#streams.add(stream);
    if (!this.#isStarted) this.#rounds.start(everyMs);
    else if (this.#streams.size === 1) this.#rounds.wake();
    this.#isStarted = true;
    return readable;
  }

  /** Ends all streams: their clients come back, here or on another node, and go on where they were. */
  async close(): Promise<void> {
    const closed = this.#rounds.close();
    this.#endAll();
    await closed;
  }

  #endAll(): void {
    for (const { readable } of this.#streams) readable.push(null);
    this.#streams.clear();
  }

  async #round(): Promise<void> {
    if (this.#streams.size === 0) {
      this.#lookedAt = performance.now();
      this.#place = null;
      this.#campaigns.clear();
      this.#accounts.clear();
      this.#counts.forget();
      return;
    }
    const changes = await this.#look();
    const now = performance.now();
    this.#lookedAt = now;
    /** Streams that see the same are told the same words. */
    const told = new Map<string, string>();
    const begun = new Map<string, string>();
    for (const stream of [...this.#streams]) {
      if (stream.isFull) stream.isBehind = true;
      else if (stream.isBehind || changes.isGap) await this.#catchUp(stream, changes, begun);
      else {
        const { id } = stream.view;
        const text = told.get(id) ?? updateText(stream.view, changes);
        told.set(id, text);
        if (text !== '') push(stream, text);
        stream.place = changes.place;
      }
      if (now >= stream.beatAt) await this.#beat(stream, now);
    }
  }

  async #look(): Promise<Changes> {
    const from = this.#place ?? (await streamNow(this.#pool));
    const read = await readStreamLog(this.#pool, from, mostRows);
    const isGap = read?.isAll !== true;
    const rows = isGap ? [] : read.rows;
    const place = isGap ? await streamNow(this.#pool) : read.place;
    this.#place = place;
    const live = await this.#counts.read(campaignIds(rows), [...this.#campaigns.keys()]);
    const campaigns = live.filter((one) => this.#campaigns.get(one.id) !== JSON.stringify(one));
    this.#campaigns = new Map(live.filter(isMoving).map((one) => [one.id, JSON.stringify(one)]));
    const states = await liveAccounts(this.#pool);
    const accounts = states.filter((one) => this.#accounts.get(one.appid) !== JSON.stringify(one));
    this.#accounts = new Map(states.map((one) => [one.appid, JSON.stringify(one)]));
    return { campaigns, accounts, rows, place, isGap };
  }

  /**
   * Tells what a stream missed up to the place of this round, and all that is going on. Consoles that come back after a node's
   * restart were all told the same last: what the first of them is told, the others are.
   */
  async #catchUp(stream: Stream, changes: Changes, begun: Map<string, string>): Promise<void> {
    const key = `${stream.view.id}|${stream.place === null ? '' : placeText(stream.place)}`;
    const text = begun.get(key) ?? (await this.#beginning(stream, changes));
    if (begun.size < mostShared) begun.set(key, text);
    push(stream, text);
    stream.place = changes.place;
    stream.isBehind = false;
  }

  async #beginning({ view, place: after }: Stream, { place, ...changes }: Changes): Promise<string> {
    const read = after === null ? undefined : await readStreamLog(this.#pool, after, mostRows, place);
    const isGap = after !== null && (changes.isGap || read?.isAll !== true);
    const rows = isGap ? [] : (read?.rows ?? []);
    // Read behind the log, so that nothing falls between the two.
    const campaigns = await new LiveCounts(this.#pool).read(campaignIds(rows));
    const message = { campaigns, accounts: await liveAccounts(this.#pool), rows };
    return eventText('start', { isGap, ...seenBy(view, message) }, place);
  }

  async #beat(stream: Stream, now: number): Promise<void> {
    stream.beatAt = now + heartbeatMs;
    if (!(await stream.mayGoOn())) return void stream.readable.push(null);
    // Its place moves on also while nothing is told, or it would be too old one day.
    const id = stream.place === null ? '' : `id: ${placeText(stream.place)}\n`;
    if (!stream.isFull) push(stream, `: heartbeat\n${id}\n`);
  }
}

function push(stream: Stream, text: string): void {
  if (stream.readable.destroyed) return;
  stream.isFull = !stream.readable.push(text);
}

/** Empty when there is nothing to tell. */
function updateText(view: StreamView, changes: Changes): string {
  const seen = seenBy(view, changes);
  const isEmpty = seen.campaigns.length + seen.accounts.length + seen.events.length === 0;
  return isEmpty ? '' : eventText('update', seen, changes.place);
}

function eventText(event: string, data: object, place: StreamPlace): string {
  return `event: ${event}\nid: ${placeText(place)}\ndata: ${JSON.stringify(data)}\n\n`;
}

function campaignIds(rows: readonly StreamRow[]): number[] {
  return [...new Set(rows.flatMap(({ topic, ref }) => (topic === 'campaigns' ? [Number(ref)] : [])))];
}
