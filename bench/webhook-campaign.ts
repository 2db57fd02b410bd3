/**
 * What a webhook on outcomes costs the campaign that it is told of: the same campaign without and with one, in turns.
 *
 *     npm run bench:webhooks:campaign [-- --messages 60000 --latency 0 --in-flight 64 --rounds 3]
 *
 * Every round is a process of its own on a new embedded database, with the responder of bench/throughput.ts; the receiver
 * is in this process.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '60000' },
    latency: { type: 'string', default: '0' },
    'in-flight': { type: 'string', default: '64' },
    rounds: { type: 'string', default: '3' },
  },
});
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

function start(args: string[]) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });
  return { child, line };
}

let told = 0;
const receiver = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (piece: string) => {
    body += piece;
  });
  request.on('end', () => {
    const { items }: { items: unknown[] } = JSON.parse(body);
    told += items.length;
    response.writeHead(204).end();
  });
});
receiver.listen(0, '127.0.0.1');
await once(receiver, 'listening');
const address = receiver.address();
const receiverUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;

interface Result {
  perSecond: number;
  cpuMicros: number;
  postgresMicros: number;
}

async function round(url: string, webhookUrl: string): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-webhook-'));
  await chmod(directory, 0o711);
  try {
    const args = [here('./contender.ts'), 'hongyan', url, values.messages, values['in-flight'], directory];
    const { child, line } = start([...args, webhookUrl]);
    const result: Result = JSON.parse(await line);
    if (child.exitCode === null) await once(child, 'exit');
    return result;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const median = (list: number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

const responder = start([here('./responder.ts'), values.latency]);
const url = `http://127.0.0.1:${await responder.line}`;
const results = { without: [] as Result[], with: [] as Result[] };
const shares: number[] = [];
try {
  for (let i = 0; i < Number(values.rounds); i++) {
    results.without.push(await round(url, ''));
    const before = told;
    results.with.push(await round(url, receiverUrl));
    shares.push((told - before) / Number(values.messages));
  }
} finally {
  responder.child.kill('SIGTERM');
  receiver.closeAllConnections();
  receiver.close();
}
console.log(
  `${cpus().length} cores, load average ${(loadavg()[0] ?? 0).toFixed(1)}; ${values.messages} messages, ${values['in-flight']} in flight, ${values.latency} ms latency, medians of ${values.rounds} rounds`,
);
console.log('webhook      messages/s   µs CPU/message   µs PostgreSQL');
for (const [name, list] of Object.entries(results))
  console.log(
    [
      name.padEnd(8),
      String(median(list.map((one) => one.perSecond))).padStart(14),
      String(median(list.map((one) => one.cpuMicros))).padStart(16),
      String(median(list.map((one) => one.postgresMicros))).padStart(15),
    ].join(' '),
  );
console.log(
  `told when the campaign was done and its process stopped: ${(median(shares) * 100).toFixed(0)} %`,
);
