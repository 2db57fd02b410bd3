import { failure } from '../../base/errors.ts';
import type { Sealer } from '../../base/seal.ts';
import { liveNodes } from '../database/nodes.ts';
import { inTransaction, type Pool } from '../database/pool.ts';
import { checkPlace, checkText, nodeName } from './installation.ts';
import { type Row, type SealedTable, sealedTables } from './rekey.ts';

/** See sql/0102_sealing_key.sql. */
export const sealingLock = 0x685f6b6b;

/** Rows of one transaction: whoever wants one of them waits for some milliseconds. */
const pageRows = 100;

/**
 * Seals everything with the key that `sealer` seals with, while nodes run that have that key and seal with it, a page at a
 * time. Killed anywhere, it is begun again and finds most of it done. From its end on the other keys are not needed.
 *
 * Throws `REKEY_IN_USE` while a node still seals with another key, `REKEY_SAME_KEY` when there is no other one,
 * `SECRET_UNREADABLE`.
 *
 * @returns how many values were sealed anew
 */
export async function resealRunning(pool: Pool, sealer: Sealer, signal?: AbortSignal): Promise<number> {
  if (sealer.keyIds.length === 1) throw failure('REKEY_SAME_KEY', { key: sealer.keyId });
  await requireSealers(pool, sealer.keyId);
  let count = await resealAll(pool, sealer, signal);
  await inTransaction(pool, async (client) => {
    // Behind these nobody stores what is sealed with another key, and no node begins: see takeNodeLease.
    await client.query('select pg_advisory_xact_lock($1)', [sealingLock]);
    await client.query('select 1 from installation for update');
    await requireSealers(client, sealer.keyId);
    await client.query(
      'update installation set former_key_id = case when key_id = $1 then former_key_id else key_id end, key_id = $1, key_check = $2, next_key_id = null',
      [sealer.keyId, sealer.seal(checkText, checkPlace)],
    );
  });
  // What a command sealed with the old one meanwhile: from the commit on it can store none.
  count += await resealAll(pool, sealer, signal);
  return count;
}

async function requireSealers(db: Parameters<typeof liveNodes>[0], keyId: string): Promise<void> {
  const others = (await liveNodes(db)).filter(({ keyIds }) => keyIds?.[0] !== keyId);
  if (others.length > 0) throw failure('REKEY_IN_USE/sealing', { key: keyId, nodes: others.map(nodeName) });
}

async function resealAll(pool: Pool, sealer: Sealer, signal: AbortSignal | undefined): Promise<number> {
  let count = 0;
  for (const table of sealedTables) {
    for (let after: unknown[] | null = []; after !== null; ) {
      signal?.throwIfAborted();
      const page = await resealPage(pool, table, sealer, after);
      count += page.count;
      after = page.last;
    }
  }
  return count;
}

/** The rows behind `after`, the key of one (empty: from the first); `last` null: there are no more. */
async function resealPage(
  pool: Pool,
  { table, key, columns }: SealedTable,
  sealer: Sealer,
  after: readonly unknown[],
): Promise<{ count: number; last: unknown[] | null }> {
  const names = Object.keys(columns);
  const places = key.map((_, index) => `$${index + 1}`).join();
  const behind = after.length === 0 ? '' : ` and (${key.join()}) > (${places})`;
  return await inTransaction(pool, async (client) => {
    const { rows } = await client.query<Row>(
      `select * from ${table} where num_nonnulls(${names.join()}) > 0${behind} order by ${key.join()} limit ${pageRows} for update`,
      [...after],
    );
    let count = 0;
    for (const row of rows) {
      const anew = Object.entries(columns).flatMap(([name, placeOf]) => {
        const sealed = row[name];
        if (!Buffer.isBuffer(sealed)) return [];
        const place = placeOf(row, sealer);
        if (sealer.keyIdOf(sealed, place) === sealer.keyId) return [];
        return [{ name, value: sealer.seal(sealer.open(sealed, place), place) }];
      });
      if (anew.length === 0) continue;
      count += anew.length;
      const sets = anew.map(({ name }, index) => `${name} = $${index + 1}`).join();
      const found = key.map((name, index) => `${name} = $${anew.length + index + 1}`).join(' and ');
      await client.query(`update ${table} set ${sets} where ${found}`, [
        ...anew.map(({ value }) => value),
        ...key.map((name) => row[name]),
      ]);
    }
    const last = rows.at(-1);
    return {
      count,
      last: rows.length < pageRows || last === undefined ? null : key.map((name) => last[name]),
    };
  });
}
