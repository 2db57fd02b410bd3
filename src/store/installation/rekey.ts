import { errorCode, failure } from '../../base/errors.ts';
import type { Sealer } from '../../base/seal.ts';
import { answerPlace } from '../access/idempotency.ts';
import { secretPlace as accountSecretPlace, proxyPlace } from '../accounts/accounts.ts';
import { tokenPlace } from '../accounts/tokens.ts';
import { targetPlace } from '../alerts/channels.ts';
import { liveNodes } from '../database/nodes.ts';
import type { PatientPool } from '../database/patient-pool.ts';
import { inTransaction, type PoolClient } from '../database/pool.ts';
import { callbackPlace } from '../events/callbacks.ts';
import { urlPlace, secretPlace as webhookSecretPlace } from '../webhooks/webhooks.ts';
import { checkPlace, checkText, nodeName } from './installation.ts';

/** Somebody who reads the installation's row for longer than this holds the key: it is in use, ms. */
const lockTimeoutMs = 5_000;
const lockNotAvailable = '55P03';

export type Row = Record<string, unknown> & { appid: string };

export interface SealedTable {
  table: string;
  /** The columns that a row is found by. */
  key: readonly string[];
  /** Each sealed column, with what its value is bound to. */
  columns: Readonly<Record<string, (row: Row, from: Sealer) => string>>;
}

/** Everything that is sealed. A test compares it with the columns of the database. */
export const sealedTables: readonly SealedTable[] = [
  {
    table: 'accounts',
    key: ['appid'],
    columns: {
      secret_sealed: accountPlace,
      proxy_sealed: ({ appid }) => proxyPlace(appid),
    },
  },
  { table: 'account_tokens', key: ['appid'], columns: { token_sealed: ({ appid }) => tokenPlace(appid) } },
  {
    table: 'account_callbacks',
    key: ['appid'],
    columns: {
      token_sealed: ({ appid }) => callbackPlace('token', appid),
      previous_token_sealed: ({ appid }) => callbackPlace('previous_token', appid),
      aes_key_sealed: ({ appid }) => callbackPlace('aes_key', appid),
      previous_aes_key_sealed: ({ appid }) => callbackPlace('previous_aes_key', appid),
      forward_to_sealed: ({ appid }) => callbackPlace('forward_to', appid),
    },
  },
  {
    table: 'webhooks',
    key: ['id'],
    columns: {
      url_sealed: ({ appid }) => urlPlace(appid),
      secret_sealed: ({ appid }) => webhookSecretPlace(appid),
      previous_secret_sealed: ({ appid }) => webhookSecretPlace(appid),
    },
  },
  {
    table: 'alert_channels',
    key: ['id'],
    columns: { target_sealed: ({ kind, host }) => targetPlace(String(kind), String(host)) },
  },
  {
    table: 'idempotency_keys',
    key: ['actor', 'key'],
    columns: { answer_sealed: ({ actor, key }) => answerPlace(String(actor), String(key)) },
  },
];

/**
 * Opens everything that is sealed with one key and seals it with another, in one transaction: afterwards either all of it
 * needs the new key, or all of it the old one.
 *
 * Whoever opens the database meanwhile waits for the installation's row, and so for the key that holds then; whoever has
 * it open already would go on sealing with the old one, and so nobody may.
 *
 * Throws `REKEY_IN_USE`, `REKEY_SAME_KEY`, `SECRET_UNREADABLE`, `SECRET_KEY_MISMATCH`; then nothing is changed.
 *
 * @returns how many values were sealed anew
 */
export async function reseal(pool: PatientPool, from: Sealer, to: Sealer): Promise<number> {
  if (from.keyId === to.keyId) throw failure('REKEY_SAME_KEY', { key: to.keyId });
  const nodes = (await liveNodes(pool)).map(nodeName);
  if (nodes.length > 0) throw failure('REKEY_IN_USE/nodes', { nodes });
  return await inTransaction(pool, async (client) => {
    await lockInstallation(client);
    // Behind the lock: who comes later waits for it, and is then refused for the old key.
    const others = await otherSessions(client, pool.pids);
    if (others.length > 0) throw failure('REKEY_IN_USE/sessions', { pids: others.map(String) });
    const { rows } = await client.query<{ key_id: string }>('select key_id from installation');
    const expected = rows[0]?.key_id;
    if (expected !== from.keyId) {
      throw failure('SECRET_KEY_MISMATCH', { expected: expected ?? '?', actual: from.keyId });
    }
    let count = 0;
    for (const sealed of sealedTables) count += await resealTable(client, sealed, from, to);
    await client.query(
      'update installation set former_key_id = case when key_id = $1 then former_key_id else key_id end, key_id = $1, key_check = $2, next_key_id = null',
      [to.keyId, to.seal(checkText, checkPlace)],
    );
    return count;
  });
}

async function lockInstallation(client: PoolClient): Promise<void> {
  try {
    await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
    await client.query('lock table installation in access exclusive mode');
  } catch (error) {
    if (errorCode(error) !== lockNotAvailable) throw error;
    throw failure('REKEY_IN_USE/locked', {}, { cause: error });
  }
}

/** Sessions of Hongyan on this database that are not this process's. Of an idle process there may be none. */
async function otherSessions(client: PoolClient, own: readonly number[]): Promise<number[]> {
  const { rows } = await client.query<{ pid: number }>(
    `select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'
       and application_name = current_setting('application_name') and pid <> all ($1::int[]) order by pid`,
    [own],
  );
  return rows.map(({ pid }) => pid);
}

async function resealTable(
  client: PoolClient,
  { table, key, columns }: SealedTable,
  from: Sealer,
  to: Sealer,
): Promise<number> {
  const names = Object.keys(columns);
  const { rows } = await client.query<Row>(
    `select * from ${table} where num_nonnulls(${names.join()}) > 0 order by ${key.join()} for update`,
  );
  const sets = names.map((name, index) => `${name} = $${index + 1}`).join();
  const found = key.map((name, index) => `${name} = $${names.length + index + 1}`).join(' and ');
  let count = 0;
  for (const row of rows) {
    const values = Object.entries(columns).map(([name, placeOf]) => {
      const sealed = row[name];
      if (!Buffer.isBuffer(sealed)) return null;
      const place = placeOf(row, from);
      count++;
      return to.seal(from.open(sealed, place), place);
    });
    await client.query(`update ${table} set ${sets} where ${found}`, [
      ...values,
      ...key.map((name) => row[name]),
    ]);
  }
  return count;
}

/** The AppSecret is bound to the account as it was given for, and to its proxy in the clear. */
function accountPlace(row: Row, from: Sealer): string {
  const { appid, proxy_sealed: proxySealed } = row;
  const proxy = Buffer.isBuffer(proxySealed) ? from.open(proxySealed, proxyPlace(appid)) : null;
  // Columns of the table, by its constraints.
  const account = row as Row & {
    kind: 'service' | 'official' | 'miniprogram' | 'sandbox';
    token_source: 'secret' | 'url' | 'none';
    base_url: string | null;
  };
  const { kind, token_source: tokenSource, base_url: baseUrl } = account;
  return accountSecretPlace({ appid, kind, tokenSource, baseUrl, proxy });
}

/** Looks whether everything that is sealed opens, and with which key; gives `table.column KEY` of what does not. */
export async function findUnreadable(
  pool: PatientPool,
  sealer: Sealer,
): Promise<{ count: number; unreadable: string[]; byKey: Record<string, number> }> {
  let count = 0;
  const byKey: Record<string, number> = Object.fromEntries(sealer.keyIds.map((id) => [id, 0]));
  const unreadable: string[] = [];
  for (const { table, key, columns } of sealedTables) {
    const isSealed = Object.keys(columns).map((name) => `${name} is not null`);
    const { rows } = await pool.query<Row>(
      `select * from ${table} where ${isSealed.join(' or ')} order by ${key.join(', ')}`,
    );
    for (const row of rows)
      for (const [name, placeOf] of Object.entries(columns)) {
        const sealed = row[name];
        if (!Buffer.isBuffer(sealed)) continue;
        count++;
        const keyId = keyIdOf(sealer, sealed, row, placeOf);
        if (keyId === null)
          unreadable.push(`${table}.${name} ${key.map((one) => String(row[one])).join(' ')}`);
        else byKey[keyId] = (byKey[keyId] ?? 0) + 1;
      }
  }
  return { count, unreadable, byKey };
}

/** Null too where the place cannot be told, because what is part of it does not open. */
function keyIdOf(
  sealer: Sealer,
  sealed: Buffer,
  row: Row,
  placeOf: (row: Row, from: Sealer) => string,
): string | null {
  try {
    return sealer.keyIdOf(sealed, placeOf(row, sealer));
  } catch (error) {
    if (errorCode(error) !== 'SECRET_UNREADABLE') throw error;
    return null;
  }
}
