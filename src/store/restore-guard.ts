import { errorCode } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { inTransaction, type Pool, type Queryable } from './pool.ts';
import { isBehind, type Position, readWitness, writeWitness } from './witness.ts';

/**
 * Notices that the database went back in time: restored from a backup, moved, failed over, or its data directory put back
 * as it was. Then it may have forgotten who was messaged.
 *
 * A dump restored elsewhere has another system identifier, a promotion or a recovery to an earlier time another timeline; a
 * data directory put back as it was has neither, but is behind the witness, a file outside of it.
 */
export class RestoreGuard {
  readonly #pool: Pool;
  readonly #logger: Logger;
  /** Where the witness lies; null: without one. */
  readonly #directory: string | null;
  #saidWhy = '';

  constructor(pool: Pool, logger: Logger, directory: string | null) {
    this.#pool = pool;
    this.#logger = logger;
    this.#directory = directory;
  }

  /**
   * Looks whether the database went back, and moves the witness on. At start, and every few seconds while a node works: a
   * database may fail over, or be exchanged, under running nodes.
   */
  async check(): Promise<void> {
    const known = await knownPosition(this.#pool);
    if (known === null) return;
    // The file first: what it says was true of the database before, so a position read later cannot lie behind it.
    const witness = await this.#witness(known.witness_id);
    const now = await currentPosition(this.#pool);
    if (now === null) return; // some hosted ones forbid it; then nothing can be noticed
    const isSame = known.system_identifier === now.systemIdentifier && known.timeline === now.timeline;
    const wentBack = witness !== null && isBehind(now, witness);
    const id = isSame && !wentBack ? known.witness_id : await this.#settle();
    if (this.#directory === null || id === null) return;
    const refused = await writeWitness(this.#directory, id, now);
    if (refused === null || refused === this.#saidWhy) return;
    this.#saidWhy = refused;
    this.#logger.warn(
      { code: refused, stateDir: this.#directory },
      'the witness file cannot be written, so a data directory that is put back as it was would not be noticed',
    );
  }

  async #witness(id: string): Promise<Position | null> {
    return this.#directory === null ? null : await readWitness(this.#directory, id);
  }

  /** Looks again, alone, and draws the consequences once. Gives the name of the witness from now on. */
  async #settle(): Promise<string | null> {
    const settled = await inTransaction(this.#pool, async (client) => {
      await client.query('select 1 from installation for update');
      const known = await knownPosition(client);
      if (known === null) return null;
      const witness = await this.#witness(known.witness_id);
      const now = await currentPosition(client);
      if (now === null) return null;
      const isFirst = known.system_identifier === null;
      const isSame = known.system_identifier === now.systemIdentifier && known.timeline === now.timeline;
      const wentBack = witness !== null && isBehind(now, witness);
      if (isSame && !wentBack) return { id: known.witness_id, paused: null };
      // Another name: the old witness stays ahead of every copy, and is not held against this database again.
      const moved = await client.query<{ witness_id: string }>(
        `update installation set system_identifier = $1, timeline = $2,
           witness_id = case when $3 then witness_id else gen_random_uuid() end returning witness_id`,
        [now.systemIdentifier, now.timeline, isFirst],
      );
      const id = moved.rows[0]?.witness_id ?? known.witness_id;
      return { id, paused: isFirst ? null : await holdEverything(client) };
    });
    if (settled === null) return null;
    if (settled.paused !== null)
      this.#logger.error(
        { campaigns: settled.paused },
        'the database was restored or failed over: running campaigns are paused, and whoever may have been messaged since is unknown',
      );
    return settled.id;
  }
}

/**
 * Campaigns that were under way are paused, those that were not started are cancelled, and everybody of whom the database
 * has no outcome counts as messaged, longer ago than WeChat drops repeats: in the end they are `unknown`, never sent
 * again by themselves. Gives the paused ones.
 */
async function holdEverything(client: Queryable): Promise<number[]> {
  await client.query(
    `update chunks ch set watermark = last_no, epoch = greatest(epoch, 1), owner = gen_random_uuid(),
       lease_until = null, not_before = null,
       doubt_from = least(coalesce(ch.doubt_from, clock_timestamp()), clock_timestamp() - interval '1 hour')
     from campaigns c where c.id = ch.campaign_id and c.state in ('running', 'paused') and ch.state = 'open'`,
  );
  // Under an owner that never was, so that the next look takes them over; those that waited may have been sent since.
  await client.query(
    `with fenced as (update nodes set epoch = epoch + 1)
     update open_messages set owner = gen_random_uuid(), epoch = 0, batch = 0, claimed_at = clock_timestamp(),
       doubt_from = least(coalesce(doubt_from, clock_timestamp()), clock_timestamp() - interval '1 hour')`,
  );
  const campaigns = await client.query<{ id: number }>(
    `update campaigns set state = 'paused', state_reason = 'restored', state_detail = null where state = 'running' returning id`,
  );
  // One that waited for its confirmation may have been confirmed, and sent, after the backup.
  await client.query(
    `update campaigns set state = 'cancelled', state_reason = 'restored', finished_at = clock_timestamp()
     where state in ('staging', 'planning', 'planned')`,
  );
  return campaigns.rows.map((row) => row.id);
}

interface Known {
  system_identifier: string | null;
  timeline: number | null;
  witness_id: string;
}

async function knownPosition(db: Queryable): Promise<Known | null> {
  const known = await db.query<Known>('select system_identifier, timeline, witness_id from installation');
  return known.rows[0] ?? null;
}

/** Null where PostgreSQL does not tell. */
async function currentPosition(db: Queryable): Promise<Position | null> {
  try {
    const result = await db.query<Position>(
      `select s.system_identifier::text as "systemIdentifier", c.timeline_id as timeline, pg_current_wal_flush_lsn()::text as lsn
       from pg_control_system() s, pg_control_checkpoint() c`,
    );
    return result.rows[0] ?? null;
  } catch (error) {
    if (['42501', '42883', '0A000'].includes(errorCode(error) ?? '')) return null;
    throw error;
  }
}
