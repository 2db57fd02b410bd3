/**
 * The PostgreSQL of the tests. `npm test` holds it from its beginning to its end (`--test-global-setup`), so that it is not
 * stopped and started again whenever no test file uses it for a moment.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../../src/store/embedded/open.ts';

/** Shared by all processes of this user that call it, and stopped by the last one that closes it. */
export async function openTestServer(): Promise<EmbeddedPostgres> {
  const base = join(tmpdir(), `hongyan-test-${process.getuid?.() ?? 'user'}`);
  return await openEmbeddedPostgres({ dataDir: `${base}-data`, systemDir: `${base}-system` });
}

/** Modules as Node has compiled them, for whatever tests start: nothing is compiled, or freed of its types, twice. */
export const compileCache = join(tmpdir(), `hongyan-test-compile-cache-${process.getuid?.() ?? 'user'}`);

let held: EmbeddedPostgres | undefined;

export async function globalSetup(): Promise<void> {
  // For the files: their processes are begun after this, with this one's environment.
  process.env.NODE_COMPILE_CACHE ??= compileCache;
  held = await openTestServer();
}

export async function globalTeardown(): Promise<void> {
  await held?.close();
}
