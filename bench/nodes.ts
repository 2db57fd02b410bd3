/**
 * Whether nodes on one database stand in each other's way: the same work, 8 accounts with a campaign each, done by 1 process
 * and by 10. Each claims chunks of every account and flushes them, 200 facts to a statement, as the deliverer does, renews its
 * lease and looks at the database twice a second. The total is paced, so that latencies are those of waiting and not of a
 * full machine.
 *
 *   npm run bench:nodes -- [SECONDS] [FLUSHES/S IN ALL] [NODES,…]
 *
 * Prints for each number of nodes: p50 and p99 of claims and flushes, the smallest and largest account's share of the facts,
 * and in what sessions were seen to wait, other than for their client, with how many of the samples (pg_stat_activity).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { momentOf, systemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/logger.ts';
import { claimChunk } from '../src/store/campaigns/chunks.ts';
import type { Fact } from '../src/store/campaigns/fact-arrays.ts';
import { flushChunk } from '../src/store/campaigns/flush.ts';
import { migrate } from '../src/store/database/migrate.ts';
import { renewNodeLease, takeNodeLease } from '../src/store/database/nodes.ts';
import { type Connection, createPool, type Pool } from '../src/store/database/pool.ts';
import { openEmbeddedPostgres } from '../src/store/embedded/open.ts';
import { factKind } from '../src/store/facts.ts';
import { RestoreGuard } from '../src/store/restore/restore-guard.ts';
import { benchChunkSize, insertBenchCampaign } from './parts/insert-campaign.ts';

const accounts = 8;
const factsPerFlush = 200;
const poolSize = 16;
const warmUpMs = 4_000;

interface Task {
  connection: Connection;
  campaigns: number[];
  seconds: number;
  /** Of this node, on one account. */
  flushesPerS: number;
}

interface Done {
  claims: number[];
  flushes: number[];
  /** By campaign. */
  facts: number[];
}

async function node({ connection, campaigns, seconds, flushesPerS }: Task): Promise<void> {
  const guard = new RestoreGuard(silentLogger, null);
  const pool = createPool(connection, { max: poolSize, guard });
  await guard.start(pool);
  const id = randomUUID();
  const { epoch } = await takeNodeLease(pool, { id, role: 'serve', version: '0' }, 1, 10_000);
  const done: Done = { claims: [], flushes: [], facts: campaigns.map(() => 0) };
  // What it costs to begin is not what is asked: connections are open, and the first claims of all nodes at once are over.
  await pool.keep(accounts + 1);
  const from = performance.now() + warmUpMs;
  const until = from + seconds * 1_000;
  const beats = setInterval(() => void renewNodeLease(pool, id, epoch, 10_000).catch(() => {}), 3_000);
  const looks = setInterval(() => void guard.glance().catch(() => {}), 500);
  await Promise.all(
    campaigns.map((campaign, i) => deliver(pool, campaign, i, { from, until }, flushesPerS, done)),
  );
  clearInterval(beats);
  clearInterval(looks);
  console.log(JSON.stringify(done));
  await pool.end();
}

async function deliver(
  pool: Pool,
  campaign: number,
  index: number,
  { from, until }: { from: number; until: number },
  flushesPerS: number,
  done: Done,
): Promise<void> {
  const owner = randomUUID();
  let due = performance.now() + (Math.random() * 1_000) / flushesPerS;
  while (performance.now() < until) {
    const asked = performance.now();
    const claim = await claimChunk(pool, campaign, owner, 60_000, 0, []);
    if (asked > from) done.claims.push(performance.now() - asked);
    if (claim === null) throw new Error('all chunks are done: fewer seconds, or a smaller rate');
    const counts = {
      accepted: 0,
      rejected: 0,
      unknown: 0,
      held: 0,
      outcomes: { rejected: {}, unknown: {}, unsent: {} },
    };
    for (let no = claim.firstNo, group = 1; no <= claim.lastNo && performance.now() < until; group++) {
      await sleep(Math.max(0, due - performance.now()));
      due = Math.max(due + 1_000 / flushesPerS, performance.now());
      const now = momentOf(systemClock);
      const facts: Fact[] = [];
      for (; no <= claim.lastNo && facts.length < factsPerFlush; no++) {
        const fact = {
          at: now,
          no,
          attempt: 1,
          kind: factKind.accepted,
          errcode: null,
          reason: null,
          waitMs: null,
        };
        facts.push({ ...fact, msgid: String(4_000_000_000_000 + no) });
      }
      counts.accepted += facts.length;
      const begun = performance.now();
      await flushChunk(pool, {
        ...{
          claim,
          group,
          facts,
          counts,
          now,
          doubtFrom: now,
          recount: false,
          leaseMs: 60_000,
          notBeforeMs: null,
        },
        watermark: Math.min(claim.lastNo, no + 100),
        end: no > claim.lastNo ? 'done' : 'keep',
      });
      if (begun > from) done.flushes.push(performance.now() - begun);
      done.facts[index] = (done.facts[index] ?? 0) + facts.length;
    }
  }
}

async function resultOf(one: ChildProcess): Promise<Done> {
  if (one.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: one.stdout })) return JSON.parse(line);
  throw new Error('a process ended without a result');
}

/** In what the sessions wait, until `isOver`: the share of samples of working sessions, by wait event. */
async function watchWaits(pool: Pool, isOver: () => boolean): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  let samples = 0;
  while (!isOver()) {
    const { rows } = await pool.query<{ what: string }>(
      `select coalesce(wait_event_type || ':' || wait_event, 'working') as what from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and wait_event_type is distinct from 'Client'`,
    );
    for (const { what } of rows) seen.set(what, (seen.get(what) ?? 0) + 1);
    samples += rows.length;
    await sleep(50);
  }
  return new Map(
    [...seen].sort(([, a], [, b]) => b - a).map(([what, n]) => [what, n / Math.max(1, samples)]),
  );
}

function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

async function main(seconds: number, flushesPerS: number, nodeCounts: number[]): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-bench-'));
  await chmod(directory, 0o711);
  const postgres = await openEmbeddedPostgres({
    ...{ dataDir: join(directory, 'data'), systemDir: join(directory, 'system') },
    connections: Math.max(...nodeCounts) * poolSize + 20,
  });
  const connection = { ...postgres.connection };
  const pool = createPool(connection, { max: 4 });
  try {
    await migrate(pool);
    await pool.query(
      "insert into installation (key_id, key_check) values ('bench', '') on conflict do nothing",
    );
    console.log('nodes  claim p50/p99 ms  flush p50/p99 ms  share least/most  waits');
    for (const nodes of nodeCounts) {
      const each =
        Math.ceil(
          (1.5 * (seconds + warmUpMs / 1_000) * flushesPerS * factsPerFlush) / accounts / benchChunkSize +
            2 * nodes,
        ) * benchChunkSize;
      const campaigns: number[] = [];
      for (let i = 0; i < accounts; i++) campaigns.push(await insertBenchCampaign(pool, `wxbench${i}`, each));
      await pool.query('vacuum analyze');
      const task: Task = { connection, campaigns, seconds, flushesPerS: flushesPerS / nodes / accounts };
      let isOver = false;
      const waiting = watchWaits(pool, () => isOver);
      const children = Array.from({ length: nodes }, () =>
        spawn(process.execPath, [import.meta.filename, JSON.stringify(task)], {
          stdio: ['ignore', 'pipe', 'inherit'],
        }),
      );
      const results = await Promise.all(children.map(resultOf)).finally(() => {
        isOver = true;
      });
      const waits = [...(await waiting)]
        .slice(0, 4)
        .map(([what, share]) => `${what} ${Math.round(100 * share)} %`);
      const [claims, flushes] = [results.flatMap((one) => one.claims), results.flatMap((one) => one.flushes)];
      const facts = campaigns.map((_, i) => results.reduce((sum, one) => sum + (one.facts[i] ?? 0), 0));
      const total = facts.reduce((sum, n) => sum + n, 0);
      const ms = (values: number[]): string =>
        [0.5, 0.99].map((share) => quantile(values, share).toFixed(1)).join(' / ');
      const shares = [Math.min(...facts), Math.max(...facts)].map(
        (n) => `${((100 * n) / total).toFixed(1)} %`,
      );
      console.log([nodes, ms(claims), ms(flushes), shares.join(' / '), waits.join(', ')].join('  '));
    }
  } finally {
    await pool.end();
    await postgres.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

const [first, rate, counts] = process.argv.slice(2);
if (first?.startsWith('{')) await node(JSON.parse(first));
else await main(Number(first ?? 20), Number(rate ?? 40), (counts ?? '1,10').split(',').map(Number));
