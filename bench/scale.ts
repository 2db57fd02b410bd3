/**
 * Whether a campaign costs the same per recipient whatever its size: memory of the process, bytes of the database,
 * messages per second.
 *
 *     npm run bench:scale [-- --sizes 10000,100000,1000000,5000000]
 *     npm run bench:scale -- --rows 100000,1000000,10000000 [--send 60000] [--data DIR]
 *
 * One process, embedded PostgreSQL, a new database for each size, the responder of bench/throughput.ts. `--sizes` sends to
 * everybody. `--rows` plans, asks for reports and sends to some: --data keeps the databases, so that the next run plans nothing,
 * asks again and sends on.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000,1000000' },
    rows: { type: 'string' },
    send: { type: 'string', default: '60000' },
    data: { type: 'string' },
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

const responder = start([here('./responder.ts'), '0']);
const url = `http://127.0.0.1:${await responder.line}`;
/** A column of the parts' table, and what it takes to fit under its title. */
const columns = [
  ['rows', 'recipients'],
  ['planned', 'plan s'],
  ['planMicros', 'µs CPU/row'],
  ['planPostgres', 'µs PostgreSQL'],
  ['planPeakMb', 'peak MB'],
  ['reportMs', 'report ms'],
  ['firstPageMs', 'first page'],
  ['lastPageMs', 'last page'],
  ['personMs', 'person'],
  ['perSecond', 'messages/s'],
  ['sendMicros', 'µs CPU/message'],
  ['reportAfterMs', 'report ms'],
  ['peakMb', 'peak MB'],
  ['bytes', 'bytes/recipient'],
] as const;

async function parts(sizes: string): Promise<void> {
  const data = values.data ?? (await mkdtemp(join(tmpdir(), 'hongyan-scale-')));
  try {
    await mkdir(data, { recursive: true });
    await chmod(data, 0o711);
    console.log(columns.map(([, title]) => title).join('  '));
    for (const rows of sizes.split(',')) {
      const directory = join(data, rows);
      await mkdir(directory, { recursive: true });
      await chmod(directory, 0o711);
      const part = start([here('./scale/part.ts'), rows, url, directory, values.send]);
      const said: Record<string, number> = JSON.parse(await part.line);
      if (part.child.exitCode === null) await new Promise((resolve) => part.child.once('exit', resolve));
      console.log(columns.map(([key, title]) => String(said[key] ?? '-').padStart(title.length)).join('  '));
      if (values.data === undefined) await rm(directory, { recursive: true, force: true });
    }
  } finally {
    if (values.data === undefined) await rm(data, { recursive: true, force: true });
  }
}

async function wholes(): Promise<void> {
  console.log(
    'recipients    messages/s   peak MB   database bytes/recipient   µs CPU/message   µs PostgreSQL',
  );
  for (const size of values.sizes.split(',').map(Number)) {
    const directory = await mkdtemp(join(tmpdir(), 'hongyan-scale-'));
    await chmod(directory, 0o711);
    try {
      const contender = start([here('./contender.ts'), 'hongyan', url, String(size), '64', directory]);
      const result = JSON.parse(await contender.line);
      if (contender.child.exitCode === null)
        await new Promise((resolve) => contender.child.once('exit', resolve));
      console.log(
        [
          String(result.sent).padStart(10),
          String(result.perSecond).padStart(13),
          String(result.peakMb).padStart(9),
          String(Math.round(result.databaseBytes / result.sent)).padStart(26),
          String(result.cpuMicros).padStart(16),
          String(result.postgresMicros).padStart(15),
        ].join(' '),
      );
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

try {
  if (values.rows === undefined) await wholes();
  else await parts(values.rows);
} finally {
  responder.child.kill('SIGTERM');
}
