/**
 * Messages per second of Hongyan's durable campaign, side by side with a bare loop that records nothing (the floor),
 * Hongyan's own client in such a loop, and what a user would pick instead.
 *
 *     npm run bench [-- --pairs 5 --messages 100000 --latency 80 --no-pin --tls]
 *     npm run bench -- --senders 2 [--tls --latency 80 --in-flight 200]     one sender and two in turns (bench/senders.ts)
 *
 * Every contender is a process of its own on core 0; the responder and PostgreSQL share core 1. With --no-pin the system
 * decides where each of them runs. With --tls the responder speaks TLS with a certificate of its own (made by openssl), which
 * the contenders trust by file (NODE_EXTRA_CA_CERTS): verification stays on. Rounds are
 * interleaved, so that a noisy neighbour meets all of them; medians are printed, and ratios within one round. *Steady* is between three
 * and nine tenths of the answers; the ramp is the time until 95 % of that rate are held.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cpuSeconds } from './cpu.ts';
import { makeCertificate } from './sending/certificate.ts';
import type { Ramp, Steady } from './sending/steady.ts';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    messages: { type: 'string', default: '100000' },
    'peer-messages': { type: 'string', default: '10000' },
    latency: { type: 'string', default: '0' },
    'in-flight': { type: 'string', default: '' },
    peers: { type: 'boolean', default: true },
    pin: { type: 'boolean', default: true },
    tls: { type: 'boolean', default: false },
    senders: { type: 'string', default: '' },
  },
  allowNegative: true,
});

interface Result {
  name: string;
  sent: number;
  perSecond: number;
  cpuMicros: number;
  postgresMicros: number;
  peakMb: number;
  walBytes: number;
  /** CPU of what answers. */
  responderMicros: number;
  /** Apart from the ramp; of a campaign the ramp's parts too. */
  steady: Steady & { ramp?: Ramp };
}

if (values.senders !== '') {
  // Others are compared there: one sender and several, in turns.
  const { senders, messages, latency, pairs, tls } = values;
  const inFlight = values['in-flight'] === '' ? '200' : values['in-flight'];
  const flags = [
    '--against',
    'one',
    '--senders',
    senders,
    '--in-flight',
    inFlight,
    '--latency',
    latency,
    '--pairs',
    pairs,
  ];
  const all = [...flags, '--messages', messages, ...(tls ? ['--tls'] : [])];
  const file = fileURLToPath(new URL('./senders.ts', import.meta.url));
  const [code] = await once(spawn(process.execPath, [file, ...all], { stdio: 'inherit' }), 'exit');
  process.exit(code);
}

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const pinned =
  values.pin && existsSync('/usr/bin/taskset') && execFileSync('nproc', { encoding: 'utf8' }).trim() !== '1';

/** Of the responder; null without TLS. */
const certificate = values.tls ? await makeCertificate() : null;

function start(core: number, args: string[]): ChildProcess {
  const command = pinned ? ['taskset', '-c', String(core), process.execPath] : [process.execPath];
  return spawn(command[0] ?? '', [...command.slice(1), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...certificate?.env },
  });
}

function line(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('no output'));
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });
}

async function contend(name: string, url: string, messages: number, inFlight: number): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-bench-'));
  await chmod(directory, 0o711);
  try {
    const responderBefore = await cpuSeconds(responder.pid ?? 0);
    const child = start(0, [
      here('./contender.ts'),
      name,
      url,
      String(messages),
      String(inFlight),
      directory,
      '', // no webhook
      String(latency),
    ]);
    const found: Omit<Result, 'responderMicros'> = JSON.parse(await line(child));
    const responderSeconds = (await cpuSeconds(responder.pid ?? 0)) - responderBefore;
    const result: Result = { ...found, responderMicros: (responderSeconds * 1e6) / messages };
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    if (result.sent !== messages) throw new Error(`${name} sent ${result.sent} of ${messages}`);
    return result;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** What the table has no column for: the ramp apart from the rest, and what a message costs elsewhere. Medians as there. */
function steadyLines(rounds: Map<string, Result>[]): string[] {
  const of = (name: string, pick: (result: Result) => number): number =>
    Math.round(median(rounds.map((round) => pick(round.get(name)!)))); // these three are in each round
  const share = (other: string): string =>
    median(
      rounds.map((round) => round.get('hongyan')!.steady.perSecond / round.get(other)!.steady.perSecond),
    ).toFixed(2);
  const rates = ['floor', 'client', 'hongyan'].map(
    (name) => `${name} ${of(name, (r) => r.steady.perSecond)}`,
  );
  const ramp = (part: keyof Ramp): number => of('hongyan', (r) => r.steady.ramp?.[part] ?? Number.NaN);
  const responders = ['floor', 'hongyan'].map((name) => `${of(name, (r) => r.responderMicros)} (${name})`);
  return [
    `steady messages/s: ${rates.join(', ')} = ${share('floor')} of the floor, ${share('client')} of the client`,
    `ramp of hongyan, ms since it was confirmed: first answer ${ramp('firstAnswer')}, probe of 10 ${ramp('probed')}, canary's last answer ${ramp('canary')}, ` +
      `opened ${ramp('opened')}, 95 % of the steady rate ${of('hongyan', (r) => r.steady.rampMs)} (floor ${of('floor', (r) => r.steady.rampMs)})`,
    `also: ${of('hongyan', (r) => r.walBytes)} bytes of WAL a message; µs CPU of the responder ${responders.join(', ')}`,
  ];
}

const latency = Number(values.latency);
const messages = Number(values.messages);
const inFlights =
  values['in-flight'] === '' ? (latency > 0 ? [500] : [50, 200]) : [Number(values['in-flight'])];
const tlsFiles = certificate === null ? [] : [certificate.file, certificate.key];
const responder = start(1, [here('./responder.ts'), String(latency), ...tlsFiles]);
const url = `${certificate === null ? 'http' : 'https'}://127.0.0.1:${await line(responder)}`;
try {
  for (const inFlight of inFlights) {
    const rounds: Map<string, Result>[] = [];
    const contenders: [string, number][] = [
      ['floor', messages],
      ['client', messages],
      ['hongyan', messages],
    ];
    const hasPeers = values.peers && existsSync(here('./peers/node_modules'));
    if (hasPeers)
      contenders.push(
        ['co-wechat-api', Number(values['peer-messages'])],
        ['node-easywechat', Number(values['peer-messages'])],
      );
    else if (values.peers) console.log('peers are left out: run npm ci in bench/peers first');
    for (let round = 0; round < Number(values.pairs); round++) {
      const results = new Map<string, Result>();
      for (const [name, count] of contenders) results.set(name, await contend(name, url, count, inFlight));
      rounds.push(results);
    }
    const over = certificate === null ? '' : ' over TLS';
    console.log(`\n${inFlight} in flight, ${latency} ms latency${over}, medians of ${rounds.length} rounds`);
    console.log(
      'contender          messages/s   µs CPU/message   µs PostgreSQL   peak MB   of the floor   of co-wechat-api',
    );
    for (const [name] of contenders) {
      const of = (pick: (result: Result) => number): number =>
        median(rounds.map((round) => pick(round.get(name)!)));
      const ratio = (other: string): string =>
        rounds[0]?.has(other)
          ? median(rounds.map((round) => round.get(name)!.perSecond / round.get(other)!.perSecond)).toFixed(2)
          : '-';
      console.log(
        [
          name.padEnd(18),
          String(of((r) => r.perSecond)).padStart(10),
          of((r) => r.cpuMicros)
            .toFixed(0)
            .padStart(16),
          of((r) => r.postgresMicros)
            .toFixed(0)
            .padStart(15),
          String(of((r) => r.peakMb)).padStart(9),
          ratio('floor').padStart(14),
          ratio('co-wechat-api').padStart(18),
        ].join(' '),
      );
    }
    for (const said of steadyLines(rounds)) console.log(said);
  }
} finally {
  responder.kill('SIGTERM');
  await certificate?.remove();
}
