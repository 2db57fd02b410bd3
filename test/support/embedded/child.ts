/**
 * A process that opens the embedded PostgreSQL as Hongyan does, for tests that kill it.
 * Argument: JSON of the options and `holdAt`, a point at which it stops for good.
 * Says on stdout, one JSON a line, what happened; ends cleanly when its stdin ends.
 */
import { once } from 'node:events';
import { errorCode } from '../../../src/base/errors.ts';
import { openEmbeddedPostgres } from '../../../src/store/embedded/open.ts';

const { holdAt, ...options } = JSON.parse(process.argv[2] ?? '{}');

function say(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

process.stdin.resume();
try {
  const server = await openEmbeddedPostgres({
    ...options,
    hooks: {
      reached: async (point) => {
        say({ point });
        if (point === holdAt) await new Promise(() => {});
      },
    },
  });
  say({ opened: { pid: server.pid, cluster: server.clusterDirectory, connection: server.connection } });
  if (!process.stdin.readableEnded) await once(process.stdin, 'end');
  await server.close();
  say({ closed: true });
} catch (error) {
  say({ error: { code: errorCode(error), message: error instanceof Error ? error.message : String(error) } });
  process.exit(1);
}
