/**
 * How many facts per second one PostgreSQL takes, without HTTP: 1 to 4 processes that do nothing but claim chunks and flush
 * them as the deliverer does, 200 facts to a statement; and what it costs to remove them again.
 *
 *   node bench/store-ceiling.ts [RECIPIENTS] [PROCESSES,…] [OPEN CHUNKS PER PROCESS]
 *
 * Prints for each number of processes: facts/s, commits/s, CPU µs per fact of the flushing processes and of PostgreSQL,
 * and WAL bytes per fact; in the end the time of removing all of them, in pages, and of the vacuum after it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { momentOf, systemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/logger.ts';
import { claimChunk } from '../src/store/campaigns/chunks.ts';
import type { Fact } from '../src/store/campaigns/fact-arrays.ts';
import { type ChunkCounts, flushChunk } from '../src/store/campaigns/flush.ts';
import { endPrune, removeRecipients } from '../src/store/campaigns/retention.ts';
import { type Connection, createPool, type Pool } from '../src/store/database/pool.ts';
import { openEmbeddedPostgres } from '../src/store/embedded/open.ts';
import { factKind } from '../src/store/facts.ts';
import { RestoreGuard } from '../src/store/restore/restore-guard.ts';
import { openBenchStore } from './bench-campaign.ts';
import { insertBenchCampaign } from './parts/insert-campaign.ts';

const factsPerFlush = 200;
/** Of /proc/PID/stat. */
const ticksPerSecond = 100;

interface Task {
  connection: Connection;
  campaign: number;
  open: number;
}

interface Done {
  facts: number;
  flushes: number;
  cpuMs: number;
  startedAt: number;
  endedAt: number;
}

async function child(task: Task): Promise<void> {
  const guard = new RestoreGuard(silentLogger, null);
  const pool = createPool(task.connection, { max: task.open, guard });
  await guard.start(pool);
  const cpu = process.cpuUsage();
  const startedAt = Date.now();
  const done = { facts: 0, flushes: 0 };
  await Promise.all(Array.from({ length: task.open }, () => deliver(pool, task.campaign, done)));
  const used = process.cpuUsage(cpu);
  const result: Done = { ...done, cpuMs: (used.user + used.system) / 1000, startedAt, endedAt: Date.now() };
  console.log(JSON.stringify(result));
  await pool.end();
}

/** Claims chunk after chunk and flushes it full, like a deliverer whose WeChat answers at once. */
async function deliver(
  pool: Pool,
  campaign: number,
  done: { facts: number; flushes: number },
): Promise<void> {
  const owner = randomUUID();
  for (;;) {
    const claim = await claimChunk(pool, campaign, owner, 60_000, 0, []);
    if (claim === null) return;
    const counts: ChunkCounts = {
      accepted: 0,
      rejected: 0,
      unknown: 0,
      held: 0,
      outcomes: { rejected: {}, unknown: {}, unsent: {} },
    };
    let group = 0;
    for (let no = claim.firstNo; no <= claim.lastNo; ) {
      const now = momentOf(systemClock);
      const facts: Fact[] = [];
      for (; no <= claim.lastNo && facts.length < factsPerFlush; no++)
        facts.push({
          at: now,
          no,
          attempt: 1,
          kind: factKind.accepted,
          errcode: null,
          msgid: String(4_000_000_000_000 + no),
          reason: null,
          waitMs: null,
        });
      counts.accepted += facts.length;
      const answer = await flushChunk(pool, {
        claim,
        group: ++group,
        facts,
        watermark: Math.min(claim.lastNo, no + 100),
        counts,
        recount: false,
        leaseMs: 60_000,
        now,
        doubtFrom: now,
        end: no > claim.lastNo ? 'done' : 'keep',
        notBeforeMs: null,
      });
      if (!answer.owned) throw new Error('another process has the chunk');
      done.facts += facts.length;
      done.flushes++;
    }
  }
}

async function run(task: Task, processes: number): Promise<Done[]> {
  const children = Array.from({ length: processes }, () => {
    const one = spawn(process.execPath, [import.meta.filename, JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return resultOf(one);
  });
  return await Promise.all(children);
}

async function resultOf(one: ChildProcess): Promise<Done> {
  if (one.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: one.stdout })) return JSON.parse(line);
  throw new Error('a process ended without a result');
}

/** CPU seconds of the server and its backends, those that have ended included. */
async function serverCpuSeconds(postmaster: number): Promise<number> {
  let ticks = 0;
  const program = await readlink(`/proc/${postmaster}/exe`);
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isServer = Number(name) === postmaster;
    if (!isServer && Number(fields[1]) !== postmaster) continue;
    // One that has just ended and is not waited for yet has no program any more.
    const runs = async () => (await readlink(`/proc/${name}/exe`).catch(() => '')) === program;
    if (!isServer && fields[0] !== 'Z' && !(await runs())) continue;
    ticks += Number(fields[11]) + Number(fields[12]);
    // Of its children that have ended.
    if (isServer) ticks += Number(fields[13]) + Number(fields[14]);
  }
  return ticks / ticksPerSecond;
}

async function main(recipients: number, processCounts: number[], open: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-bench-'));
  await chmod(directory, 0o711);
  const postgres = await openEmbeddedPostgres({
    dataDir: join(directory, 'data'),
    systemDir: join(directory, 'system'),
  });
  const connection = { ...postgres.connection };
  const { store, clients } = await openBenchStore(connection, 1);
  const { pool } = store;
  try {
    await pool.query(
      "insert into accounts (appid, kind, token_source) values ('wxbench', 'service', 'none')",
    );
    console.log('processes  facts/s  commits/s  µs/fact client  µs/fact PostgreSQL  WAL bytes/fact');
    const campaigns: number[] = [];
    for (const processes of processCounts) {
      const id = await insertBenchCampaign(pool, 'wxbench', recipients);
      campaigns.push(id);
      await pool.query('checkpoint');
      const before = await wal(pool);
      const cpu = await serverCpuSeconds(postgres.pid);
      const results = await run({ connection, campaign: id, open }, processes);
      const facts = results.reduce((sum, one) => sum + one.facts, 0);
      const flushes = results.reduce((sum, one) => sum + one.flushes, 0);
      const begun = Math.min(...results.map((one) => one.startedAt));
      const seconds = (Math.max(...results.map((one) => one.endedAt)) - begun) / 1000;
      const clientUs = (results.reduce((sum, one) => sum + one.cpuMs, 0) * 1000) / facts;
      const serverUs = (((await serverCpuSeconds(postgres.pid)) - cpu) * 1e6) / facts;
      const bytes = ((await wal(pool)) - before) / facts;
      const cells = [processes, facts / seconds, flushes / seconds, clientUs, serverUs, bytes];
      console.log(cells.map((cell, i) => cell.toFixed(i > 2 && i < 5 ? 1 : 0).padStart(9)).join('  '));
    }
    await remove(pool, campaigns, recipients);
  } finally {
    await clients.close();
    await store.close();
    await postgres.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Removes the first campaign as retention does, without its rests. */
async function remove(pool: Pool, campaigns: number[], recipients: number): Promise<void> {
  const id = campaigns[0] ?? 0;
  await pool.query(
    "update campaigns set state = 'done', pruned_at = clock_timestamp(), pruning = true where id = $1",
    [id],
  );
  const size = await megabytes(pool);
  const before = await wal(pool);
  const pages: number[] = [];
  for (let after = 0; ; ) {
    const begun = performance.now();
    const page = await removeRecipients(pool, id, after, 10_000);
    if (page === null) break;
    pages.push(performance.now() - begun);
    after = page.last;
  }
  await endPrune(pool, id);
  const seconds = pages.reduce((sum, ms) => sum + ms, 0) / 1000;
  const bytes = ((await wal(pool)) - before) / recipients;
  console.log(
    `removed ${recipients} recipients with their facts in ${seconds.toFixed(1)} s, ${pages.length} pages, the longest ${Math.max(...pages).toFixed(0)} ms, ${bytes.toFixed(0)} WAL bytes each`,
  );
  const begun = performance.now();
  await pool.query('vacuum recipients, facts, chunks');
  console.log(
    `vacuum ${((performance.now() - begun) / 1000).toFixed(1)} s; tables and indexes ${size.toFixed(0)} MB before, ${(await megabytes(pool)).toFixed(0)} MB after`,
  );
  // The next campaign finds the room: the tables do not grow.
  const again = await insertBenchCampaign(pool, 'wxbench', recipients);
  console.log(
    `a campaign of the same size into the room: ${(await megabytes(pool)).toFixed(0)} MB (its facts are not written yet)`,
  );
  await pool.query('delete from campaigns where id = $1', [again]);
}

async function wal(pool: Pool): Promise<number> {
  const result = await pool.query<{ bytes: number }>(
    "select (pg_current_wal_lsn() - '0/0')::double precision as bytes",
  );
  return result.rows[0]?.bytes ?? 0;
}

async function megabytes(pool: Pool): Promise<number> {
  const result = await pool.query<{ mb: number }>(
    `select sum(pg_total_relation_size(t::regclass))::double precision / 1048576 as mb
     from unnest(array['hongyan.recipients', 'hongyan.facts', 'hongyan.chunks']) t`,
  );
  return result.rows[0]?.mb ?? 0;
}

const [first = '1000000', counts = '1,2,4', open = '3'] = process.argv.slice(2);
if (first.startsWith('{')) await child(JSON.parse(first));
else await main(Number(first), counts.split(',').map(Number), Number(open));
