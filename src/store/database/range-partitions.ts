import { inTransaction, type Pool, type PoolClient } from './pool.ts';

/** Tables that are partitioned by created_at, each with a default partition. */
export type PartitionedTable = 'events' | 'receipts';

/** Half-open, UTC. */
export interface Period {
  /** Digits that sort as the time does, e.g. `20261125`. */
  digits: string;
  from: Date;
  to: Date;
}

/** Only one node changes partitions at a time; any constant will do, this one is "hongyb" in ASCII. */
const lockKey = 0x686f6e677962;

/** False when it is there. Rows of that time that lie in the default partition move. */
export async function makePartition(pool: Pool, table: PartitionedTable, period: Period): Promise<boolean> {
  const name = `${table}_${period.digits}`;
  const [from, to] = [period.from.toISOString(), period.to.toISOString()];
  return await oneByOne(pool, async (client) => {
    const { rows } = await client.query<{ is: boolean }>(
      "select to_regclass('hongyan.' || $1) is not null as is",
      [name],
    );
    if (rows[0]?.is) return false;
    await client.query(`lock table ${table}_default in access exclusive mode`);
    // Names and bounds are made of a fixed word, digits and ISO times; DDL takes no parameters.
    await client.query(`create table ${name} (like ${table} including defaults including constraints)`);
    await client.query(
      `with moved as (delete from ${table}_default where created_at >= $1::timestamptz and created_at < $2::timestamptz returning *)
       insert into ${name} select * from moved`,
      [from, to],
    );
    await client.query(
      `alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}')`,
    );
    return true;
  });
}

/**
 * Drops the partitions whose digits sort before these; returns how many.
 *
 * @param owed SQL: a partition with such a row stays
 */
export async function dropPartitionsBefore(
  pool: Pool,
  table: PartitionedTable,
  digits: string,
  owed = 'false',
): Promise<number> {
  const result = await pool.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = ('hongyan.' || $1)::regclass and c.relname ~ ('^' || $1 || '_\\d+$') and c.relname < $1 || '_' || $2
     order by 1`,
    [table, digits],
  );
  let dropped = 0;
  for (const { name } of result.rows)
    await oneByOne(pool, async (client) => {
      // Another node may have dropped it since.
      const there = await client.query(`select 1 where to_regclass('hongyan.${name}') is not null`);
      if (there.rowCount === 0) return;
      // Without a lock: what is so old does not come any more.
      if ((await client.query(`select 1 from ${name} where ${owed} limit 1`)).rowCount !== 0) return;
      await client.query(`drop table ${name}`);
      dropped++;
    });
  return dropped;
}

/** One node after another. What waits for too long fails, and is tried again at the next hour. */
async function oneByOne<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return inTransaction(pool, async (client) => {
    // DDL waits for running transactions, and whoever comes later waits behind it: better try again.
    await client.query("set local lock_timeout = '2s'");
    await client.query('select pg_advisory_xact_lock($1)', [lockKey]);
    return await work(client);
  });
}
