/**
 * Requests on a schedule, from a process of its own (open loop): each is due at its time, whether or not earlier ones were
 * answered, and its latency counts from then. A client that is late, or that waits for a connection, does not make it shorter.
 *
 * `runLoad` starts this file as a child, which is told its schedule and tells what it found.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Dispatcher, Pool } from 'undici';
import { type Latencies, latenciesOf } from './figures.ts';
import { type Kind, requestsOf } from './requests.ts';
import { apiToken } from './site.ts';

export interface Schedule {
  url: string;
  kind: Kind;
  /** Requests a second. */
  rate: number;
  count: number;
  /** The number of the first one: two schedules on one database ask for different things. */
  first: number;
  connections: number;
}

export interface Found {
  latencies: Latencies;
  /** Answered with the status that is expected. */
  ok: number;
  /** Other answers by status, and what had none, by code. */
  errors: Record<string, number>;
  /** From the first request's time to the last answer. */
  seconds: number;
  /** Of the process that sent them. */
  cpuSeconds: number;
  /** What the answers held: messages stored, deliveries found. */
  counted: number;
}

/** Runs it to its end, in a process of its own. */
export async function runLoad(schedule: Schedule): Promise<Found> {
  const child = fork(fileURLToPath(import.meta.url), ['load'], { execArgv: [] });
  try {
    return await new Promise<Found>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the load ended with ${code}`)));
      // The only thing that it sends.
      child.once('message', (found) => resolve(found as Found));
      child.send(schedule);
    });
  } finally {
    child.disconnect();
  }
}

async function run({ url, kind, rate, count, first, connections }: Schedule): Promise<Found> {
  // Before the clock runs: making them is the work of whoever asks, and here it would take the cores that are measured.
  const { requests, status: expected, countOf } = requestsOf(kind, first, count);
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiToken}` };
  const pool = new Pool(url, { connections, pipelining: 1 });
  const times = new Float64Array(count);
  const errors: Found['errors'] = {};
  const done = Promise.withResolvers<void>();
  let [ok, counted, answered] = [0, 0, 0];
  const cpu = process.cpuUsage();
  const started = performance.now();
  const finish = (no: number, due: number, error: string | null): void => {
    times[no] = performance.now() - due;
    if (error === null) ok++;
    else errors[error] = (errors[error] ?? 0) + 1;
    if (++answered === count) done.resolve();
  };
  const send = (no: number): void => {
    const due = started + (no / rate) * 1000;
    const { method, path, body } = requests[no]!; // one was made for each number
    const pieces: Buffer[] = [];
    let status = 0;
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart(_, statusCode) {
        status = statusCode;
      },
      onResponseData(_, chunk) {
        pieces.push(chunk);
      },
      onResponseEnd() {
        finish(no, due, status === expected ? null : String(status));
        if (status === expected && countOf !== null) counted += countOf(Buffer.concat(pieces).toString());
      },
      onResponseError(_, error) {
        finish(no, due, 'code' in error ? String(error.code) : error.message);
      },
    };
    pool.dispatch({ path, method, body, headers }, handler);
  };
  let next = 0;
  const timer = setInterval(() => {
    const due = Math.min(count, Math.floor(((performance.now() - started) / 1000) * rate) + 1);
    while (next < due) send(next++);
    if (next === count) clearInterval(timer);
  }, 1);
  await done.promise;
  const seconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  await pool.close();
  const cpuSeconds = (used.user + used.system) / 1e6;
  return { latencies: latenciesOf(times), ok, errors, seconds, cpuSeconds, counted };
}

if (process.argv[2] === 'load' && process.send !== undefined)
  // The only thing that its parent sends.
  process.once('message', (schedule) => {
    run(schedule as Schedule).then(
      (found) => process.send?.(found),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
