import { errorCode, failure, type HongyanError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { within } from '../base/within.ts';
import type { NotReadyReason } from '../contract/shapes.ts';
import type { Engine } from '../engine/engine.ts';
import { newestMigration } from '../store/database/migrate.ts';
import { schemaNumbers } from '../store/installation/database-facts.ts';
import type { Store } from '../store/store.ts';

/** What was found holds for so long, ms: whoever asks oftener costs the database nothing. */
const holdsMs = 1_000;
/** A database that has not answered by then does not answer, ms; waiting for a connection counts. */
const patienceMs = 2_000;

type OfDatabase = 'database' | 'schema' | null;

export interface ReadinessDeps {
  store: Pick<Store, 'pool'>;
  engine: Pick<Engine, 'canSend'>;
  logger: Logger;
}

/** Whether this process can do its work: the database answers, its schema is ours, and the node may send. */
export class Readiness {
  readonly #deps: ReadinessDeps;
  #isLeaving = false;
  #found: { reason: OfDatabase; until: number } | null = null;
  /** One at a time, for all who ask meanwhile. */
  #looking: Promise<OfDatabase> | null = null;
  #ours: number | null = null;
  #said: NotReadyReason | null = null;

  constructor(deps: ReadinessDeps) {
    this.#deps = deps;
  }

  /** The process is to end: whoever asks is told so from now on. */
  leave(): void {
    this.#isLeaving = true;
  }

  /** Throws `NOT_READY` with the reason. */
  async require(): Promise<void> {
    const reason = await this.#reason();
    if (reason !== this.#said) {
      this.#said = reason;
      if (reason === null) this.#deps.logger.info({}, 'ready again');
      else if (reason !== 'stopping') this.#deps.logger.warn({ reason }, 'not ready');
    }
    if (reason !== null) throw notReady(reason);
  }

  async #reason(): Promise<NotReadyReason | null> {
    const ofDatabase = this.#isLeaving ? null : await this.#ofDatabase();
    // It may have been told while the database was asked.
    if (this.#isLeaving) return 'stopping';
    if (ofDatabase !== null) return ofDatabase;
    return this.#deps.engine.canSend() ? null : 'lease';
  }

  async #ofDatabase(): Promise<OfDatabase> {
    if (this.#found !== null && performance.now() < this.#found.until) return this.#found.reason;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    const looking = this.#looking;
    return (await within(patienceMs, looking)) ? await looking : 'database';
  }

  async #look(): Promise<OfDatabase> {
    const reason = await this.#ask();
    this.#found = { reason, until: performance.now() + holdsMs };
    return reason;
  }

  async #ask(): Promise<OfDatabase> {
    this.#ours ??= await newestMigration();
    try {
      const { newest, newestBreaking } = await schemaNumbers(this.#deps.store.pool, patienceMs);
      // Newer ones that are not breaking are those of a rolling update.
      return newest < this.#ours || newestBreaking > this.#ours ? 'schema' : null;
    } catch (error) {
      // It answers, and has no such table.
      return errorCode(error) === '42P01' ? 'schema' : 'database';
    }
  }
}

function notReady(reason: NotReadyReason): HongyanError {
  const options = { details: { reason } };
  switch (reason) {
    case 'database':
      return failure('NOT_READY/database', {}, options);
    case 'schema':
      return failure('NOT_READY/schema', {}, options);
    case 'lease':
      return failure('NOT_READY/lease', {}, options);
    case 'stopping':
      return failure('NOT_READY/stopping', {}, options);
  }
}
