/** So many are remembered of each; what was acknowledged later lies behind it in the log, and is lost first. */
const most = 200;

/** A chunk as the last acknowledged flush left it. */
interface Chunk {
  campaignId: number;
  firstNo: number;
  epoch: number;
  group: number;
}

/**
 * What the database has acknowledged to this process lately, and must show again when a new connection is made to it: the
 * position of its log cannot tell a database that lost its last commits and has written something since from one that lost
 * nothing.
 */
export class Acknowledged {
  readonly #chunks = new Map<string, Chunk>();
  /** Attempt by id. */
  readonly #messages = new Map<number, number>();
  /** The last message since the last renewal of the lease, and between the two before. */
  #lastMessages: [sinceRenewal: number | null, before: number | null] = [null, null];

  get chunks(): Chunk[] {
    return [...this.#chunks.values()];
  }

  get messages(): [id: number, attempt: number][] {
    return [...this.#messages];
  }

  flushed(chunk: Chunk): void {
    remember(this.#chunks, `${chunk.campaignId} ${chunk.firstNo}`, chunk);
  }

  /** A message is this process's: its attempt may leave, or has left. */
  claimed(id: number, attempt: number): void {
    remember(this.#messages, id, attempt);
    this.#lastMessages[0] = id;
  }

  /** Where a renewal of the lease is there, what was stored before it is there too; one may have overtaken a claim. */
  renewed(): void {
    this.#lastMessages = [null, this.#lastMessages[0]];
  }

  /** Messages that must still be there, whatever became of them. */
  get lastMessages(): number[] {
    return this.#lastMessages.filter((id) => id !== null);
  }

  /** It is about to be handed back. */
  released(ids: readonly number[]): void {
    for (const id of ids) this.#messages.delete(id);
  }

  /** Whether one of these is still taken for this process's, or was until its outcome was stored. */
  hasClaimed(ids: readonly number[]): boolean {
    return ids.some((id) => this.#messages.has(id));
  }

  clear(): void {
    this.#chunks.clear();
    this.#messages.clear();
    this.#lastMessages = [null, null];
  }
}

/** The latest comes last, and the first is forgotten. */
function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key);
  map.set(key, value);
  const [first] = map.keys();
  if (map.size > most && first !== undefined) map.delete(first);
}
