import { keepEventDays } from './event-partitions.ts';
import { inTransaction, type Pool, type PoolClient } from './pool.ts';

/** Only one node changes partitions at a time; any constant will do, this one is "hongyc" in ASCII. */
const lockKey = 0x686f6e677963;

/**
 * Makes the partitions of this month and the next, and drops months that ended longer ago than the installation keeps
 * events: which recipient has which receipt is then still known (chunk_receipts), only its time and words are not.
 * By month, not by day as events are: the matcher looks into all of them every second. Repeating it is harmless, and
 * another node that is at it makes this one do nothing.
 */
export async function maintainReceiptPartitions(pool: Pool, now: number = Date.now()): Promise<void> {
  const date = new Date(now);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
  for (const one of [month, month + 1]) await withLock(pool, (client) => makePartition(client, one));
  const kept = await keepEventDays(pool);
  const oldest = new Date(now - kept * 86_400_000);
  const name = partitionName(oldest.getUTCFullYear() * 12 + oldest.getUTCMonth());
  for (const old of await partitionsBefore(pool, name)) {
    await withLock(pool, (client) => dropPartition(client, old));
  }
  await pool.query(
    'delete from receipts_default where received_at < clock_timestamp() - make_interval(days => $1)',
    [kept],
  );
}

async function withLock(pool: Pool, work: (client: PoolClient) => Promise<void>): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_xact_lock($1) as locked',
      [lockKey],
    );
    if (!rows[0]?.locked) return;
    // DDL waits for running transactions, and whoever comes later waits behind it: better try again.
    await client.query("set local lock_timeout = '2s'");
    await work(client);
  });
}

/** Receipts of that month that lie in the default partition move. */
async function makePartition(client: PoolClient, month: number): Promise<void> {
  const name = partitionName(month);
  const { rows } = await client.query<{ is: boolean }>(
    "select to_regclass('hongyan.' || $1) is not null as is",
    [name],
  );
  if (rows[0]?.is) return;
  const [from, to] = [firstDay(month), firstDay(month + 1)];
  await client.query('lock table receipts_default in access exclusive mode');
  // Names and bounds are made of digits by partitionName and firstDay; DDL takes no parameters.
  await client.query(`create table ${name} (like receipts including defaults including constraints)`);
  await client.query(
    `with moved as (delete from receipts_default where created_at >= $1::timestamptz and created_at < $2::timestamptz returning *)
     insert into ${name} select * from moved`,
    [from, to],
  );
  await client.query(
    `alter table receipts attach partition ${name} for values from ('${from}') to ('${to}')`,
  );
}

async function partitionsBefore(pool: Pool, name: string): Promise<string[]> {
  const result = await pool.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'hongyan.receipts'::regclass and c.relname ~ '^receipts_\\d{6}$' and c.relname < $1 order by 1`,
    [name],
  );
  return result.rows.map((row) => row.name);
}

async function dropPartition(client: PoolClient, name: string): Promise<void> {
  await client.query(`drop table if exists ${name}`);
}

/** @param month months since the year 0 */
function firstDay(month: number): string {
  return new Date(Date.UTC(Math.floor(month / 12), month % 12, 1)).toISOString();
}

function partitionName(month: number): string {
  return `receipts_${firstDay(month).slice(0, 7).replace('-', '')}`;
}
