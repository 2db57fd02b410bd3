/**
 * How exactly one or several processes keep an account's rate, and what asking for a slot costs.
 *
 *   node bench/pace.ts [RATE] [PROCESSES] [SECONDS]
 *
 * Each process runs the real slots on one PostgreSQL; instead of messages it counts. Prints messages/s of all
 * processes per whole 10 s, the fullest 10 s, and CPU µs per slot.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemClock } from '../src/base/clock.ts';
import { Slots } from '../src/engine/sending/slots.ts';
import { leaseSlots } from '../src/store/accounts/pace.ts';
import { migrate } from '../src/store/database/migrate.ts';
import { type Connection, createPool } from '../src/store/database/pool.ts';
import { openEmbeddedPostgres } from '../src/store/embedded/open.ts';

const appid = 'wx0000000000000000';
const bucketMs = 20;

interface ChildTask {
  connection: Connection;
  rate: number;
  processes: number;
  seconds: number;
  /** Takes per turn of the event loop at most: what a process can send. */
  burst: number;
}

async function child(task: ChildTask): Promise<void> {
  const pool = createPool(task.connection, { max: 2 });
  await pool.query('select 1');
  const counts: Record<number, number> = {};
  let taken = 0;
  const pump = (): void => {
    let n = 0;
    while (n < task.burst && slots.take()) n++;
    if (n === 0) return;
    taken += n;
    const bucket = Math.floor(Date.now() / bucketMs);
    counts[bucket] = (counts[bucket] ?? 0) + n;
  };
  const slots = new Slots(task.rate, {
    clock: systemClock,
    lease: (count) => leaseSlots(pool, appid, count),
    onDue: pump,
    onFailure: (error) => console.error(error),
  });
  slots.change(task.rate, task.processes);
  const cpu = process.cpuUsage();
  const started = Date.now();
  // As answers would: several times a millisecond somebody asks.
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      pump();
      if (Date.now() - started >= task.seconds * 1000) resolve();
      else setTimeout(turn, 1);
    };
    turn();
  });
  const used = process.cpuUsage(cpu);
  slots.close();
  await pool.end();
  process.stdout.write(`${JSON.stringify({ taken, counts, cpuUs: used.user + used.system })}\n`);
}

async function main(): Promise<void> {
  const [rate = 5_000, processes = 1, seconds = 12] = process.argv.slice(2).map(Number);
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-pace-'));
  const database = await openEmbeddedPostgres({ dataDir: join(directory, 'data') });
  const pool = createPool(database.connection, { max: 1 });
  try {
    await migrate(pool);
    await pool.query(
      "insert into accounts (appid, kind, token_source, rate_per_s) values ($1, 'service', 'none', $2)",
      [appid, rate],
    );
    const task: ChildTask = { connection: { ...database.connection }, rate, processes, seconds, burst: 10 };
    const answers = await Promise.all(Array.from({ length: processes }, () => answerOf(spawnChild(task))));
    const counts = new Map<number, number>();
    for (const answer of answers)
      for (const [bucket, n] of Object.entries(answer.counts))
        counts.set(Number(bucket), (counts.get(Number(bucket)) ?? 0) + n);
    const first = Math.min(...counts.keys()) + 1_000 / bucketMs; // a second to start
    const inTen = (from: number): number => {
      let sum = 0;
      for (let b = from; b < from + 10_000 / bucketMs; b++) sum += counts.get(b) ?? 0;
      return sum / 10;
    };
    const starts = Array.from(
      { length: Math.max(1, ((seconds - 11) * 1_000) / bucketMs) },
      (_, i) => first + i,
    );
    const rates = starts.map(inTen);
    const taken = answers.reduce((sum, { taken: n }) => sum + n, 0);
    const cpuUs = answers.reduce((sum, { cpuUs: n }) => sum + n, 0);
    process.stdout.write(
      `rate ${rate}/s, ${processes} process(es): ${Math.min(...rates)} to ${Math.max(...rates)} messages/s over 10 s; ` +
        `${(cpuUs / taken).toFixed(1)} µs CPU per slot, idle loop included; per process ${answers.map((one) => one.taken).join(' ')}\n`,
    );
  } finally {
    await pool.end();
    await database.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function spawnChild(task: ChildTask): ChildProcess {
  return spawn(process.execPath, [process.argv[1] ?? '', '--child', JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function answerOf(
  child: ChildProcess,
): Promise<{ taken: number; cpuUs: number; counts: Record<string, number> }> {
  if (child.stdout === null) throw new Error('the child has no output');
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line);
  throw new Error('the child ended without an answer');
}

if (process.argv[2] === '--child') await child(JSON.parse(process.argv[3] ?? '{}'));
else await main();
