/** An embedded database of a test's own, and nodes on it: for what is done to its files. */

import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Logger, silentLogger } from '../../../src/base/logger.ts';
import { createSealer, parseSecretKey } from '../../../src/base/seal.ts';
import { type Engine, startEngine } from '../../../src/engine/engine.ts';
import { AccountClients } from '../../../src/engine/sending/account-clients.ts';
import type { SimulatedAccount, Simulator } from '../../../src/simulator/index.ts';
import { keepRunning } from '../../../src/store/embedded/keep-running.ts';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../../../src/store/embedded/open.ts';
import { openStore, type Store } from '../../../src/store/store.ts';
import { unhurriedMs } from '../in-time.ts';
import { saveSimulated } from '../wechat.ts';

const sealer = createSealer(parseSecretKey(Buffer.alloc(32, 7).toString('base64')));

export interface OpenSite {
  store: Store;
  postgres: EmbeddedPostgres;
  /** A working node; stopped by `close` at the latest. */
  work(): Promise<Engine>;
  close(): Promise<void>;
}

export interface EmbeddedSite {
  /** Everything that a copy of the data would take along. */
  readonly files: string;
  readonly witnessDirectory: string;
  open(options?: { witness?: boolean; logger?: Logger; answerTimeoutMs?: number }): Promise<OpenSite>;
  add(store: Store, simulator: Simulator, account: SimulatedAccount, ratePerS: number): Promise<void>;
}

/** @param files where the data lies; default: a directory in the temporary one */
export async function makeEmbeddedSite(t: TestContext, files?: string): Promise<EmbeddedSite> {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-embedded-'));
  const place = files ?? join(directory, 'files');
  await mkdir(place, { recursive: true });
  // As root, PostgreSQL runs as another user.
  for (const one of [directory, place]) await chmod(one, 0o711);
  const witnessDirectory = join(directory, 'state');
  const opened = new Set<OpenSite>();
  t.after(async () => {
    for (const one of opened) await one.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return {
    files: place,
    witnessDirectory,
    async open({ witness = true, logger = silentLogger, answerTimeoutMs = unhurriedMs } = {}) {
      const postgres = await openEmbeddedPostgres({
        dataDir: join(place, 'data'),
        systemDir: join(place, 'system'),
      });
      const store = await openStore({
        connection: { ...postgres.connection },
        sealer,
        logger,
        witnessDirectory: witness ? witnessDirectory : null,
      });
      const stopLooking = keepRunning(postgres, logger);
      const clients = new AccountClients({ store, logger, answerTimeoutMs });
      let engine: Engine | null = null;
      const site: OpenSite = {
        store,
        postgres,
        async work() {
          engine ??= await startEngine({ store, clients, logger, role: 'serve', version: '0' });
          return engine;
        },
        async close() {
          if (!opened.delete(site)) return;
          await engine?.stop(3_000);
          await clients.close();
          await store.close();
          await stopLooking();
          await postgres.close();
        },
      };
      opened.add(site);
      return site;
    },
    async add(store, simulator, account, ratePerS) {
      await saveSimulated(store, simulator, account, ratePerS);
    },
  };
}
