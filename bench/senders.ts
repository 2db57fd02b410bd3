/**
 * More senders in one machine: child processes, as `serve --senders N` starts them, against worker threads of one
 * process, which is what they could be instead. One campaign, one database, the same code in each sender.
 *
 *     node bench/senders.ts [--senders 2] [--messages 60000] [--in-flight 50] [--pairs 3] [--latency 0] [--against threads] [--tls]
 *
 * With `--against one` (`npm run bench -- --senders 2`) it compares child processes with a single one instead: what a second sender
 * brings. Each has `--in-flight` messages under way, so that latency bounds what it sends and not the cores, which senders, database
 * and WeChat share here; how many of them were busy is printed, and says whether that is so.
 *
 * Nothing is pinned to a core. Prints messages/s (steady, apart from the ramp), CPU µs per message of all senders, of PostgreSQL and of what
 * answers, how many cores that is, and the senders' memory: the sum of the
 * processes' proportional share (PSS), or that of the one process with its threads, less what it had before them.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { silentLogger } from '../src/base/logger.ts';
import { startEngine } from '../src/engine/engine.ts';
import type { Connection } from '../src/store/database/pool.ts';
import { openBenchDatabase, openBenchStore, planBenchCampaign, runCampaign } from './bench-campaign.ts';
import { databaseCpuSeconds } from './cpu.ts';
import { makeCertificate } from './sending/certificate.ts';
import { steadyOfCampaign } from './sending/steady.ts';

interface Order {
  connection: Connection;
  inFlight: number;
}

interface Sender {
  stop(): Promise<void>;
  pid: number;
}

const program = import.meta.filename;

/** What each sender runs. */
async function send({ connection, inFlight }: Order): Promise<() => Promise<void>> {
  const { store, clients } = await openBenchStore(connection, inFlight);
  const role = 'demo';
  const engine = await startEngine({
    store,
    clients,
    logger: silentLogger,
    role,
    version: 'bench',
    window: inFlight,
  });
  return async () => {
    await engine.stop();
    await clients.close();
    await store.close();
  };
}

async function childSender(order: Order): Promise<Sender> {
  const child = fork(program, ['sender']);
  child.send(order);
  await once(child, 'message');
  return {
    pid: child.pid ?? 0,
    async stop() {
      child.send('stop');
      await once(child, 'exit');
    },
  };
}

async function threadSender(order: Order): Promise<Sender> {
  const worker = new Worker(program, { workerData: order });
  await once(worker, 'message');
  return {
    pid: process.pid,
    async stop() {
      worker.postMessage('stop');
      await once(worker, 'exit');
    },
  };
}

/** Kilobytes that are this process's own, its share of what it has in common with others included. */
function memoryKb(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
}

/** CPU of one process with its threads, ms. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

interface Result {
  perSecond: number;
  cpuMicros: number;
  postgresMicros: number;
  responderMicros: number;
  /** Cores that all of them used, on average. */
  cores: number;
  memoryMb: number;
}

async function measure(
  start: (order: Order) => Promise<Sender>,
  { url, pid: responder }: { url: string; pid: number },
  { senders, messages, inFlight, latency }: Record<'senders' | 'messages' | 'inFlight' | 'latency', number>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-bench-'));
  await chmod(directory, 0o711);
  const database = await openBenchDatabase(directory);
  const opened = await openBenchStore(database.connection, inFlight);
  const running: Sender[] = [];
  try {
    const id = await planBenchCampaign(opened, url, messages);
    const before = memoryKb(process.pid);
    for (let i = 0; i < senders; i++)
      running.push(await start({ connection: database.connection, inFlight }));
    const pids = [...new Set(running.map(({ pid }) => pid))];
    const cpu = (): number => pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(
        most,
        pids.reduce((sum, pid) => sum + memoryKb(pid), 0),
      );
    }, 200);
    const others = async (): Promise<[postgres: number, responder: number]> => [
      (await databaseCpuSeconds(opened.store.pool)) * 1000,
      cpuMs(responder),
    ];
    const [postgresBefore, responderBefore] = await others();
    const cpuBefore = cpu();
    const begun = performance.now();
    const accepted = await runCampaign(opened.store, id, messages);
    const seconds = (performance.now() - begun) / 1000;
    clearInterval(watch);
    if (accepted !== messages) throw new Error(`${accepted} of ${messages} were accepted`);
    const own = pids.includes(process.pid) ? before : 0;
    const ms = cpu() - cpuBefore;
    const [postgres, responding] = await others();
    const [postgresMs, responderMs] = [postgres - postgresBefore, responding - responderBefore];
    const { perSecond } = await steadyOfCampaign(opened.store, id, latency);
    return {
      perSecond,
      cpuMicros: (ms * 1000) / messages,
      postgresMicros: (postgresMs * 1000) / messages,
      responderMicros: (responderMs * 1000) / messages,
      cores: (ms + postgresMs + responderMs) / 1000 / seconds,
      memoryMb: (most - own) / 1024,
    };
  } finally {
    for (const sender of running) await sender.stop();
    await opened.clients.close();
    await opened.store.close();
    await database.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      senders: { type: 'string', default: '2' },
      messages: { type: 'string', default: '60000' },
      'in-flight': { type: 'string', default: '50' },
      pairs: { type: 'string', default: '3' },
      latency: { type: 'string', default: '0' },
      against: { type: 'string', default: 'threads' },
      tls: { type: 'boolean', default: false },
    },
  });
  const options = {
    senders: Number(values.senders),
    messages: Number(values.messages),
    inFlight: Number(values['in-flight']),
    latency: Number(values.latency),
  };
  // Node reads it when it starts: this process has.
  if (values.tls && values.against !== 'one') throw new Error('--tls needs processes: --against one');
  const certificate = values.tls ? await makeCertificate() : null;
  Object.assign(process.env, certificate?.env);
  const files = certificate === null ? [] : [certificate.file, certificate.key];
  const program = [join(import.meta.dirname, 'responder.ts'), values.latency, ...files];
  const responder = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(createInterface({ input: responder.stdout }), 'line');
  const wechat = {
    url: `${certificate === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    pid: responder.pid ?? 0,
  };
  const { senders } = options;
  const several = { name: `${senders} processes`, start: childSender, senders };
  const kinds =
    values.against === 'one'
      ? [{ name: '1 process', start: childSender, senders: 1 }, several]
      : [several, { name: `${senders} worker threads`, start: threadSender, senders }];
  const results = kinds.map((): Result[] => []);
  try {
    for (let round = 0; round < Number(values.pairs); round++)
      for (const [i, kind] of kinds.entries())
        results[i]?.push(await measure(kind.start, wechat, { ...options, senders: kind.senders }));
  } finally {
    responder.kill();
    await certificate?.remove();
  }
  console.log(
    `${options.messages} messages, ${options.inFlight} in flight each, ${options.latency} ms latency${values.tls ? ' over TLS' : ''}, medians of ${values.pairs} rounds\n` +
      'senders            steady messages/s   µs CPU/message   µs PostgreSQL   µs responder   cores busy   MB of all senders',
  );
  const of = (i: number, pick: (result: Result) => number): number => median((results[i] ?? []).map(pick));
  for (const [i, { name }] of kinds.entries())
    console.log(
      name.padEnd(18) +
        of(i, (r) => r.perSecond)
          .toFixed(0)
          .padStart(18) +
        of(i, (r) => r.cpuMicros)
          .toFixed(0)
          .padStart(17) +
        of(i, (r) => r.postgresMicros)
          .toFixed(0)
          .padStart(16) +
        of(i, (r) => r.responderMicros)
          .toFixed(0)
          .padStart(15) +
        of(i, (r) => r.cores)
          .toFixed(2)
          .padStart(13) +
        of(i, (r) => r.memoryMb)
          .toFixed(0)
          .padStart(20),
    );
  const ratios = (results[1] ?? []).map(
    (one, round) => one.perSecond / (results[0]?.[round]?.perSecond ?? Number.NaN),
  );
  console.log(
    `${kinds[1]?.name} send ${median(ratios).toFixed(2)} times as much as ${kinds[0]?.name}; this machine has ${availableParallelism()} cores`,
  );
}

if (!isMainThread) {
  const stop = await send(workerData as Order); // from threadSender
  parentPort?.postMessage('ready');
  parentPort?.once('message', () => void stop().then(() => parentPort?.close()));
} else if (process.argv[2] === 'sender') {
  // As bin/hongyan.js does, and for the same reason.
  setFlagsFromString('--semi-space-growth-factor=1');
  process.once('message', (order: Order) => {
    void send(order).then((stop) => {
      process.send?.('ready');
      process.once('message', () => void stop().then(() => process.disconnect()));
    });
  });
} else {
  setFlagsFromString('--semi-space-growth-factor=1');
  await main();
}
