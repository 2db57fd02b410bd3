/**
 * More senders in one machine: child processes, as `serve --senders N` starts them, against worker threads of one
 * process, which is what they could be instead. One campaign, one database, the same code in each sender.
 *
 *     node bench/senders.ts [--senders 2] [--messages 60000] [--in-flight 50] [--pairs 3] [--latency 0]
 *
 * Nothing is pinned to a core. Prints messages/s, CPU µs per message of all senders, and their memory: the sum of the
 * processes' proportional share (PSS), or that of the one process with its threads, less what it had before them.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { silentLogger } from '../src/base/logger.ts';
import { startEngine } from '../src/engine/engine.ts';
import type { Connection } from '../src/store/database/pool.ts';
import { openBenchDatabase, openBenchStore, planBenchCampaign, runCampaign } from './bench-campaign.ts';

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
  memoryMb: number;
}

async function measure(
  start: (order: Order) => Promise<Sender>,
  url: string,
  { senders, messages, inFlight }: Record<'senders' | 'messages' | 'inFlight', number>,
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
    const cpuBefore = cpu();
    const begun = performance.now();
    const accepted = await runCampaign(opened.store, id, messages);
    const seconds = (performance.now() - begun) / 1000;
    clearInterval(watch);
    if (accepted !== messages) throw new Error(`${accepted} of ${messages} were accepted`);
    const own = pids.includes(process.pid) ? before : 0;
    return {
      perSecond: messages / seconds,
      cpuMicros: ((cpu() - cpuBefore) * 1000) / messages,
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
    },
  });
  const options = {
    senders: Number(values.senders),
    messages: Number(values.messages),
    inFlight: Number(values['in-flight']),
  };
  const responder = spawn(process.execPath, [join(import.meta.dirname, 'responder.ts'), values.latency], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(createInterface({ input: responder.stdout }), 'line');
  const url = `http://127.0.0.1:${port}`;
  const kinds = [
    ['child processes', childSender],
    ['worker threads', threadSender],
  ] as const;
  const results = kinds.map((): Result[] => []);
  try {
    for (let round = 0; round < Number(values.pairs); round++)
      for (const [i, [, start]] of kinds.entries()) results[i]?.push(await measure(start, url, options));
  } finally {
    responder.kill();
  }
  console.log(
    `${options.senders} senders, ${options.messages} messages, medians of ${values.pairs} rounds\n` +
      'senders            messages/s   µs CPU/message   MB of all senders',
  );
  for (const [i, [name]] of kinds.entries()) {
    const of = (pick: (result: Result) => number): string => median((results[i] ?? []).map(pick)).toFixed(0);
    console.log(
      name.padEnd(18) +
        of((r) => r.perSecond).padStart(11) +
        of((r) => r.cpuMicros).padStart(17) +
        of((r) => r.memoryMb).padStart(20),
    );
  }
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
