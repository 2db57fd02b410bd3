/**
 * How many events a second the simulator pushes on one core, and what the waiting ones cost in memory. Receiver and load
 * are a child process.
 *
 *   node --expose-gc bench/simulator-events.ts [--messages 200000] [--mode plain|compatible|secure] [--connections 64]
 *
 * First the events of all messages are held back and then let go (`backlog`); then messages are sent while their events
 * come (`along`). On Linux, `taskset` binds the simulator to core 0 and the child to core 1 if it is there.
 */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { type CallbackMode, startSimulator } from '../src/simulator/index.ts';

interface Load {
  url: string;
  path: string;
  bodies: string[];
  messages: number;
}

const LOAD_CONNECTIONS = 16;
const MB = 1e6;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      messages: { type: 'string', default: '200000' },
      mode: { type: 'string', default: 'secure' },
      connections: { type: 'string', default: '64' },
    },
  });
  const messages = Number(values.messages);
  bind(process.pid, 0);
  const child = fork(import.meta.filename, ['child']);
  bind(child.pid, 1);
  const [url] = (await once(child, 'message')) as [string];
  await using simulator = await startSimulator({
    kind: 'service',
    followers: 1_000_000,
    keepMessages: 0,
    // Only names of modes pass the simulator's own check.
    callback: { url, mode: values.mode as CallbackMode, verify: false },
    events: { connections: Number(values.connections), jitterMs: 1000 },
  });
  const account = simulator.account();
  account.setQuota('/cgi-bin/message/template/send', null);
  const answer = await fetch(
    `${simulator.url}/cgi-bin/token?grant_type=client_credential&appid=${account.appid}&secret=${account.secret}`,
  );
  // The simulator's own answer to a right request.
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const template = account.templates().find(({ family }) => family === 'oa');
  const bodies = Array.from({ length: 20_000 }, (_, index) =>
    JSON.stringify({ touser: account.openid(index), template_id: template?.template_id, data: {} }),
  );
  const path = `/cgi-bin/message/template/send?access_token=${token}`;
  const load: Load = { url: simulator.url, path, bodies, messages };
  const send = async (): Promise<number> => {
    child.send(load);
    const [seconds] = (await once(child, 'message')) as [number];
    return seconds;
  };

  account.events.pause();
  const before = memory();
  await send();
  const waiting = memory() - before;
  const backlog = await measure(messages, async () => {
    account.events.resume();
    await account.events.drained(600_000);
  });
  show('backlog', { messages, mode: values.mode, waitingMb: Number((waiting / MB).toFixed(1)), ...backlog });

  account.events.clear();
  let sending = 0;
  const along = await measure(messages, async () => {
    sending = await send();
    await account.events.drained(600_000);
  });
  const { delivered, failures } = account.events.summary();
  show('along', { sendsPerSecond: Math.round(messages / sending), ...along, delivered, failures });
  child.disconnect();
}

async function measure(events: number, work: () => Promise<void>): Promise<object> {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    eventsPerSecond: Math.round(events / seconds),
    cpuMicrosPerEvent: Number(((user + system) / events).toFixed(1)),
    rssMb: Math.round(process.memoryUsage().rss / MB),
  };
}

/** Heap and buffers after a collection, if node was started with --expose-gc; else as they are. */
function memory(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function show(name: string, figures: object): void {
  process.stdout.write(`${JSON.stringify({ name, ...figures })}\n`);
}

/** The child: answers every event with `success`, and sends messages when it is told to. */
function child(parent: NodeJS.Process): void {
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    request.resume();
    request.on('end', () => response.end('success'));
  });
  server.listen(0, '127.0.0.1', () => {
    // A listening TCP server has an AddressInfo.
    parent.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`);
  });
  parent.on('message', (load) => sendAll(parent, load as Load)); // sent by main above
  parent.once('disconnect', () => parent.exit());
}

function sendAll(parent: NodeJS.Process, { url, path, bodies, messages }: Load): void {
  const pool = new Pool(url, { connections: LOAD_CONNECTIONS, pipelining: 1 });
  const startedAt = performance.now();
  let [sent, answered] = [0, 0];
  const send = (): void => {
    if (sent === messages) return;
    pool.dispatch(
      {
        method: 'POST',
        path,
        headers: ['content-type', 'application/json'],
        body: bodies[sent++ % bodies.length] ?? '',
      },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd() {
          if (++answered < messages) send();
          else {
            parent.send?.((performance.now() - startedAt) / 1000);
            void pool.destroy();
          }
        },
        onResponseError(_controller, error) {
          throw error;
        },
      },
    );
  };
  for (let open = 0; open < LOAD_CONNECTIONS; open++) send();
}

/** One core for one process, where the system has `taskset`; elsewhere the scheduler decides. */
function bind(pid: number | undefined, core: number): void {
  if (process.platform === 'linux' && pid !== undefined) {
    spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)]);
  }
}

if (process.argv[2] === 'child') child(process);
else await main();
