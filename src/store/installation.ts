import { errorCode, HongyanError } from '../base/errors.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import type { Sealer } from '../base/seal.ts';
import { inTransaction, type Pool } from './pool.ts';

const checkPlace = 'installation.key_check';
const checkText = 'hongyan';

export interface Installation {
  /** Part of every client_msg_id, so that two installations never share one. */
  uuid: string;
}

/** Creates the installation's row at first start; later refuses a secret key that is not the one of this database. */
export async function openInstallation(
  pool: Pool,
  sealer: Sealer,
  logger: Logger = silentLogger,
): Promise<Installation> {
  await pool.query(
    'insert into installation (key_id, key_check) values ($1, $2) on conflict (id) do nothing',
    [sealer.keyId, sealer.seal(checkText, checkPlace)],
  );
  const result = await pool.query<{ uuid: string; key_id: string; key_check: Buffer }>(
    'select uuid, key_id, key_check from installation',
  );
  const row = result.rows[0];
  if (row === undefined)
    throw new HongyanError('DATABASE_DAMAGED', 'the table installation is empty; restore a backup');
  if (row.key_id !== sealer.keyId) {
    throw new HongyanError(
      'SECRET_KEY_MISMATCH',
      `this database was set up with the secret key ${row.key_id}, and this process has ${sealer.keyId}; ` +
        'set HONGYAN_SECRET_KEY to the right one, or use the data directory whose secret.key belongs to this database',
    );
  }
  sealer.open(row.key_check, checkPlace);
  await guardAgainstRestore(pool, logger);
  return { uuid: row.uuid };
}

/**
 * Notices that the database was restored from a backup, moved or failed over: then it may have forgotten who was
 * messaged. Campaigns that were under way are paused, those that were not started are cancelled, and everybody of whom it has no outcome counts as messaged,
 * longer ago than WeChat drops repeats: in the end they are `unknown`, never sent again by themselves.
 *
 * A data directory that was copied and put back as it was looks like itself and is not noticed.
 */
async function guardAgainstRestore(pool: Pool, logger: Logger): Promise<void> {
  const now = await clusterIdentity(pool);
  if (now === null) return;
  const paused = await inTransaction(pool, async (client) => {
    const known = await client.query<{ system_identifier: string | null; timeline: number | null }>(
      'select system_identifier, timeline from installation for update',
    );
    const before = known.rows[0];
    if (before === undefined) return null;
    if (before.system_identifier === now.system_identifier && before.timeline === now.timeline) return null;
    await client.query('update installation set system_identifier = $1, timeline = $2', [
      now.system_identifier,
      now.timeline,
    ]);
    if (before.system_identifier === null) return null;
    await client.query(
      `update chunks ch set watermark = last_no, epoch = greatest(epoch, 1), owner = gen_random_uuid(),
         lease_until = null, not_before = null,
         doubt_from = least(coalesce(ch.doubt_from, clock_timestamp()), clock_timestamp() - interval '1 hour')
       from campaigns c where c.id = ch.campaign_id and c.state in ('running', 'paused') and ch.state = 'open'`,
    );
    // Under an owner that never was, so that the next look takes them over; those that waited may have been sent since.
    await client.query(
      `update open_messages set owner = gen_random_uuid(), epoch = 0, batch = 0, claimed_at = clock_timestamp(),
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
  });
  if (paused === null) return;
  logger.error(
    { campaigns: paused },
    'the database was restored or failed over: running campaigns are paused, and whoever may have been messaged since is unknown',
  );
}

/** Null where PostgreSQL does not tell (some hosted ones forbid it); then a restore cannot be noticed. */
async function clusterIdentity(pool: Pool): Promise<{ system_identifier: string; timeline: number } | null> {
  try {
    const result = await pool.query<{ system_identifier: string; timeline: number }>(
      `select s.system_identifier::text, c.timeline_id as timeline from pg_control_system() s, pg_control_checkpoint() c`,
    );
    return result.rows[0] ?? null;
  } catch (error) {
    if (errorCode(error) === '42501' || errorCode(error) === '42883') return null;
    throw error;
  }
}
