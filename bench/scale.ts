/**
 * Whether a campaign costs the same per recipient whatever its size: memory of the process, bytes of the database,
 * messages per second.
 *
 *     npm run bench:scale [-- --sizes 10000,100000,1000000,5000000]
 *
 * One process, embedded PostgreSQL, a new database for each size, the responder of bench/throughput.ts.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { sizes: { type: 'string', default: '10000,100000,1000000' } } });
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
try {
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
} finally {
  responder.child.kill('SIGTERM');
}
