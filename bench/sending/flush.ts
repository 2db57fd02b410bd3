/**
 * What a flush costs PostgreSQL, and what the rows of facts would cost in other ways.
 *
 *     node bench/sending/flush.ts
 *
 * CPU µs of the one backend by /proc/PID/schedstat, which counts nanoseconds and not what others do meanwhile: the least of five rounds of
 * 40, so that a busy machine says nearly the same as a quiet one. First the real statement with so many facts, inside a transaction and with
 * a commit of its own; then the ways, in transactions, with all indexes of `facts` and without. Linux.
 */
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { momentOf, systemClock } from '../../src/base/clock.ts';
import { type Claim, claimChunk } from '../../src/store/campaigns/chunks.ts';
import type { Fact } from '../../src/store/campaigns/fact-arrays.ts';
import { flushChunk } from '../../src/store/campaigns/flush.ts';
import { createPool } from '../../src/store/database/pool.ts';
import { factKind } from '../../src/store/facts.ts';
import { openBenchDatabase, openBenchStore } from '../bench-campaign.ts';

const rounds = 5;
const repeats = 40;
const facts = 200;

const directory = await mkdtemp(join(tmpdir(), 'hongyan-bench-'));
await chmod(directory, 0o711);
const database = await openBenchDatabase(directory);
const { store, clients } = await openBenchStore(database.connection, 1);
// One connection: everything runs in one backend, whose CPU is read.
const pool = createPool(database.connection, { max: 1, guard: store.installation.guard });
const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
const cpuNs = async (): Promise<number> =>
  Number((await readFile(`/proc/${rows[0]?.pid}/schedstat`, 'utf8')).split(' ')[0]);
const walBytes = async (): Promise<number> => {
  const found = await pool.query<{ at: number }>(
    "select (pg_current_wal_insert_lsn() - '0/0')::double precision as at",
  );
  return found.rows[0]?.at ?? 0;
};

/** The least CPU µs of one. */
async function least(work: () => Promise<unknown>, inTransaction: boolean): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    if (inTransaction) await pool.query('begin');
    await work();
    const before = await cpuNs();
    for (let i = 0; i < repeats; i++) await work();
    best = Math.min(best, (await cpuNs()) - before);
    if (inTransaction) await pool.query('commit');
  }
  return best / repeats / 1000;
}

let no = 0;
let msgid = 3_557_254_367_693_750_277n;
const nextMsgid = (): string => {
  msgid += 16_384n;
  return String(msgid);
};

/** A chunk that never ends. */
async function claim(): Promise<Claim> {
  await pool.query("insert into accounts (appid, kind, token_source) values ('wxbench', 'service', 'none')");
  const made = await pool.query<{ id: number }>(
    `insert into campaigns (appid, channel, state, fingerprint, audience, message, variables, dedupe, on_invalid, plan_bucket, audience_count,
       planned_count, probed, started_at)
     values ('wxbench', 'oa-template', 'running', '', '{"kind":"all"}', '{}', '{}', 'openid', 'reject', 64, 2000000000, 2000000000, true, clock_timestamp())
     returning id`,
  );
  const id = made.rows[0]?.id ?? 0;
  await pool.query(
    'insert into chunks (campaign_id, first_no, last_no, watermark) values ($1, 1, 2000000000, 0)',
    [id],
  );
  const claimed = await claimChunk(pool, id, randomUUID(), 600_000, 0, []);
  if (claimed === null) throw new Error('nothing to claim');
  return claimed;
}

const claimed = await claim();
const counts = {
  accepted: 0,
  rejected: 0,
  unknown: 0,
  held: 0,
  outcomes: { rejected: {}, unknown: {}, unsent: {} },
};
let group = 0;

async function flush(count: number): Promise<void> {
  const now = momentOf(systemClock);
  const fact = (): Fact => ({
    ...{
      at: now,
      no: ++no,
      attempt: 1,
      kind: factKind.accepted,
      errcode: null,
      msgid: nextMsgid(),
      reason: null,
      waitMs: null,
    },
  });
  counts.accepted += count;
  const { owned } = await flushChunk(pool, {
    ...{
      claim: claimed,
      group: ++group,
      facts: Array.from({ length: count }, fact),
      watermark: no + 100,
      counts,
      recount: false,
    },
    ...{ leaseMs: 600_000, now, doubtFrom: now, end: 'keep', notBeforeMs: null },
  });
  if (!owned) throw new Error('the chunk has another owner');
}

console.log('facts of a flush   µs   … each   with its commit µs   … each');
for (const count of [1, 100, 200, 400]) {
  const [inside, alone] = [await least(() => flush(count), true), await least(() => flush(count), false)];
  const cells = [
    inside.toFixed(0),
    (inside / count).toFixed(2),
    alone.toFixed(0),
    (alone / count).toFixed(2),
  ];
  console.log(
    String(count).padStart(16) + cells.map((cell, i) => cell.padStart([5, 9, 21, 9][i] ?? 0)).join(''),
  );
}

const columns = 'campaign_id, at, msgid, no, errcode, epoch, flush_group, attempt, kind, reason, next_at';
const list = (of: () => unknown): string => `{${Array.from({ length: facts }, of).join(',')}}`;
const ago = "clock_timestamp() - ago * interval '1 microsecond'";

const ways: Record<string, () => Promise<unknown>> = {
  'nine arrays, unnest': () =>
    pool.query({
      name: 'nine',
      text: `insert into facts (${columns}) select 1, ${ago}, msgid, no, errcode, 1, 7, attempt, kind, reason, clock_timestamp() + wait * interval '1 millisecond'
        from unnest($1::smallint[], $2::bigint[], $3::integer[], $4::integer[], $5::smallint[], $6::smallint[], $7::text[], $8::integer[], $9::bigint[])
          as t (entry, msgid, no, errcode, attempt, kind, reason, wait, ago)`,
      values: [
        ...[
          list(() => 0),
          list(nextMsgid),
          list(() => ++no),
          list(() => 'NULL'),
          list(() => 1),
          list(() => 5),
        ],
        ...[list(() => 'NULL'), list(() => 'NULL'), list(() => 12_345)],
      ],
    }),
  'four arrays, unnest': () =>
    pool.query({
      name: 'four',
      text: `insert into facts (${columns}) select 1, ${ago}, msgid, no, null, 1, 7, 1, 5, null, null
        from unnest($1::smallint[], $2::bigint[], $3::integer[], $4::bigint[]) as t (entry, msgid, no, ago)`,
      values: [list(() => 0), list(nextMsgid), list(() => ++no), list(() => 12_345)],
    }),
  'three arrays by subscript': () =>
    pool.query({
      name: 'three',
      text: `insert into facts (${columns})
        select 1, clock_timestamp() - ($3::bigint[])[i] * interval '1 microsecond', ($1::bigint[])[i], ($2::integer[])[i], null, 1, 7, 1, 5, null, null
        from generate_series(1, ${facts}) i`,
      values: [list(nextMsgid), list(() => ++no), list(() => 12_345)],
    }),
  'COPY, binary': () => copy(),
};

async function copy(): Promise<void> {
  const client = await pool.connect();
  try {
    const stream = client.query(
      copyFrom(
        'copy facts (campaign_id, at, msgid, no, epoch, flush_group, attempt, kind) from stdin binary',
      ),
    );
    const pieces = [Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')];
    for (let i = 0; i < facts; i++) {
      const row = Buffer.alloc(74);
      let at = row.writeInt16BE(8, 0);
      for (const long of [1n, 800_000_000_000_000n, BigInt(nextMsgid())])
        at = row.writeBigInt64BE(long, row.writeInt32BE(8, at));
      for (const int of [++no, 1, 7]) at = row.writeInt32BE(int, row.writeInt32BE(4, at));
      for (const short of [1, 5]) at = row.writeInt16BE(short, row.writeInt32BE(2, at));
      pieces.push(row);
    }
    pieces.push(Buffer.from([0xff, 0xff]));
    stream.end(Buffer.concat(pieces));
    await finished(stream);
  } finally {
    client.release();
  }
}

async function compare(title: string): Promise<void> {
  console.log(`\n${title.padEnd(40)}  µs a fact   bytes of WAL`);
  for (const [name, way] of Object.entries(ways)) {
    const micros = (await least(way, true)) / facts;
    const before = await walBytes();
    for (let i = 0; i < repeats; i++) await way();
    const bytes = ((await walBytes()) - before) / repeats / facts;
    console.log(name.padEnd(40) + micros.toFixed(2).padStart(11) + bytes.toFixed(0).padStart(15));
  }
}

await compare('with all indexes');
await pool.query('drop index facts_errcode, facts_maybe_sent, facts_unsettled');
await compare('without the three partial ones');
await pool.query('drop index facts_msgid');
await compare('and without that of msgids');
await pool.query('drop index facts_recipient');
await compare('and without that of recipients');

await pool.end();
await clients.close();
await store.close();
await database.close();
await rm(directory, { recursive: true, force: true });
