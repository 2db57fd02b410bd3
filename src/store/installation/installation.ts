import type { ClientBase } from 'pg';
import { failure } from '../../base/errors.ts';
import type { Sealer } from '../../base/seal.ts';
import { liveNodes, type Node } from '../database/nodes.ts';
import { inTransaction, type Pool, type PoolClient, type Queryable } from '../database/pool.ts';
import type { RestoreGuard } from '../restore/restore-guard.ts';

export const checkPlace = 'installation.key_check';
export const checkText = 'hongyan';

export interface Installation {
  /** Part of every client_msg_id, so that two installations never share one. */
  uuid: string;
  /** The one of the keys that holds. */
  sealer: Sealer;
  /** Looks at the database, and at each new connection to it. */
  guard: RestoreGuard;
}

/**
 * Creates the installation's row at first start; later refuses a secret key that is not the one of this database, and
 * looks whether the database was restored.
 *
 * @param others keys that may hold in the place of `sealer`: a rekey that was killed leaves the old one and the new one
 */
export async function openInstallation(
  pool: Pool,
  sealer: Sealer,
  guard: RestoreGuard,
  others: readonly Sealer[] = [],
): Promise<Installation> {
  await pool.query(
    'insert into installation (key_id, key_check) values ($1, $2) on conflict (id) do nothing',
    [sealer.keyId, sealer.seal(checkText, checkPlace)],
  );
  const { uuid, held } = await inTransaction(pool, async (client) => {
    const result = await client.query<{ uuid: string; key_check: Buffer } & HeldKeys>(
      `select uuid, key_check, ${heldKeys} from installation for update`,
    );
    const row = result.rows[0];
    if (row === undefined) throw failure('DATABASE_DAMAGED', {});
    const held = [sealer, ...others].find(({ keyId }) => keyId === row.keyId) ?? sealer;
    requireKeys(row, held.keyIds, true);
    held.open(row.key_check, checkPlace);
    if (held.keyId !== row.keyId && row.nextKeyId === null) await beginNextKey(client, held.keyId);
    return { uuid: row.uuid, held };
  });
  await guard.start(pool);
  return { uuid, guard, sealer: held };
}

/**
 * Refuses a connection of a process whose keys are not those of the database any more: it slept, or was cut off, and would go
 * on sealing with the old one, or could not read what others have sealed with the next. The schema is written out: pg-boss has
 * sessions of its own.
 */
export async function requireKey(client: ClientBase, keyIds: readonly string[]): Promise<void> {
  const { rows } = await client.query<HeldKeys>(`select ${heldKeys} from hongyan.installation`);
  if (rows[0] !== undefined) requireKeys(rows[0], keyIds, false);
}

/** Says in a session which key is sealed with: the database refuses what it stores once that has been replaced. */
export async function nameKey(client: ClientBase, [own = '']: readonly string[]): Promise<void> {
  await client.query("select set_config('hongyan.key_id', $1, false)", [own]);
}

/** Which key the database was set up with; null: it is a new one. */
export async function keyIdOf(database: Queryable): Promise<string | null> {
  const found = await database.query<{ there: boolean }>(
    "select to_regclass('hongyan.installation') is not null as there",
  );
  if (!found.rows[0]?.there) return null;
  const { rows } = await database.query<{ id: string }>('select key_id as id from hongyan.installation');
  return rows[0]?.id ?? null;
}

/** What the database says of its keys. */
interface HeldKeys {
  keyId: string;
  nextKeyId: string | null;
  formerKeyId: string | null;
}

const heldKeys = 'key_id as "keyId", next_key_id as "nextKeyId", former_key_id as "formerKeyId"';

/**
 * Throws `SECRET_KEY_MISMATCH` with the id of the key that is missing.
 *
 * @param mayBegin it may be the first that seals with a new one
 */
function requireKeys(
  { keyId, nextKeyId, formerKeyId }: HeldKeys,
  own: readonly string[],
  mayBegin: boolean,
): void {
  const actual = own.join(', ');
  for (const needed of [keyId, nextKeyId])
    if (needed !== null && !own.includes(needed))
      throw failure(needed === keyId ? 'SECRET_KEY_MISMATCH' : 'SECRET_KEY_MISMATCH/next', {
        expected: needed,
        actual,
      });
  const isUsed = own[0] === keyId || own[0] === nextKeyId;
  // It would seal with one that everybody drops, or with a third one.
  if (!isUsed && !(mayBegin && nextKeyId === null && own[0] !== formerKeyId))
    throw failure('SECRET_KEY_MISMATCH/order', { expected: nextKeyId ?? keyId, actual: own[0] ?? '' });
}

/** From its commit on nobody who lacks this key gets a connection. Throws `REKEY_IN_USE` while a node lacks it. */
async function beginNextKey(client: PoolClient, keyId: string): Promise<void> {
  const behind = (await liveNodes(client)).filter(({ keyIds }) => keyIds?.includes(keyId) !== true);
  if (behind.length > 0) throw failure('REKEY_IN_USE/behind', { key: keyId, nodes: behind.map(nodeName) });
  await client.query('update installation set next_key_id = $1', [keyId]);
}

/** As people know it. */
export function nodeName({ role, host, pid }: Pick<Node, 'role' | 'host' | 'pid'>): string {
  return `${role} (${host}, pid ${pid})`;
}
