import { inTransaction, type Pool, type PoolClient } from './pool.ts';

/** Only one node changes partitions at a time; any constant will do, this one is "hongyb" in ASCII. */
const lockKey = 0x686f6e677962;
const dayMs = 86_400_000;
/** Partitions are made for yesterday (repeats) until so many days ahead. */
const daysAhead = 7;

/**
 * Makes the partitions of the coming days and drops those whose events are older than the installation keeps them.
 * Repeating it is harmless, also on several nodes at once.
 *
 * @returns how many partitions were made and dropped.
 */
export async function maintainEventPartitions(
  pool: Pool,
  now: number = Date.now(),
): Promise<{ made: number; dropped: number }> {
  let made = 0;
  const today = Math.floor(now / dayMs);
  for (let day = today - 1; day <= today + daysAhead; day++) {
    if (await withLock(pool, (client) => makePartition(client, day))) made++;
  }
  const kept = await keepEventDays(pool);
  // A whole day more, because a partition ends a day after it begins.
  const oldest = today - kept - 1;
  let dropped = 0;
  for (const name of await partitionsBefore(pool, partitionName(oldest))) {
    if (await withLock(pool, (client) => dropPartition(client, name))) dropped++;
  }
  await pool.query(
    'delete from events_default where received_at < clock_timestamp() - make_interval(days => $1)',
    [kept],
  );
  return { made, dropped };
}

/** How many days events are kept. */
export async function keepEventDays(pool: Pool): Promise<number> {
  const result = await pool.query<{ days: number }>('select event_days as days from installation');
  return result.rows[0]!.days; // the row is made when the store is opened
}

export async function setEventDays(pool: Pool, days: number): Promise<void> {
  await pool.query('update installation set event_days = $1', [days]);
}

/** One node after another. What waits for too long fails, and is tried again at the next hour. */
async function withLock<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return inTransaction(pool, async (client) => {
    // DDL waits for running transactions, and whoever comes later waits behind it: better try again.
    await client.query("set local lock_timeout = '2s'");
    await client.query('select pg_advisory_xact_lock($1)', [lockKey]);
    return await work(client);
  });
}

/** False when it is there. Rows of that day that lie in the default partition move. */
async function makePartition(client: PoolClient, day: number): Promise<boolean> {
  const name = partitionName(day);
  const { rows } = await client.query<{ is: boolean }>(
    "select to_regclass('hongyan.' || $1) is not null as is",
    [name],
  );
  if (rows[0]?.is) return false;
  const [from, to] = [isoDay(day), isoDay(day + 1)];
  await client.query('lock table events_default in access exclusive mode');
  // Names and bounds are made of digits by partitionName and isoDay; DDL takes no parameters.
  await client.query(`create table ${name} (like events including defaults including constraints)`);
  await client.query(
    `with moved as (delete from events_default where created_at >= $1::timestamptz and created_at < $2::timestamptz returning *)
     insert into ${name} select * from moved`,
    [`${from}Z`, `${to}Z`],
  );
  await client.query(
    `alter table events attach partition ${name} for values from ('${from}Z') to ('${to}Z')`,
  );
  return true;
}

async function partitionsBefore(pool: Pool, name: string): Promise<string[]> {
  const result = await pool.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'hongyan.events'::regclass and c.relname ~ '^events_\\d{8}$' and c.relname < $1 order by 1`,
    [name],
  );
  return result.rows.map((row) => row.name);
}

async function dropPartition(client: PoolClient, name: string): Promise<boolean> {
  await client.query(`drop table if exists ${name}`);
  return true;
}

function isoDay(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 19);
}

function partitionName(day: number): string {
  return `events_${isoDay(day).slice(0, 10).replaceAll('-', '')}`;
}
