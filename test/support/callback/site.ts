/** A server in this process on a database of its own, and accounts whose pushes it takes. */
import type { Logger } from '../../../src/base/logger.ts';
import { startEngine } from '../../../src/engine/engine.ts';
import { AccountClients } from '../../../src/engine/sending/account-clients.ts';
import type { OnEvent } from '../../../src/server/callback/endpoint.ts';
import { startServer } from '../../../src/server/server.ts';
import { saveAccount } from '../../../src/store/accounts/accounts.ts';
import { type CallbackSettings, saveCallback } from '../../../src/store/events/callbacks.ts';
import { makeSite, type Site } from '../campaign.ts';
import { until } from '../cli.ts';
import { callbackSettings, makeVerification } from '../push.ts';

export interface CallbackSite extends Site {
  url: string;
  /** What the server logged from `warn` on. */
  logged: { fields: Record<string, unknown>; message: string }[];
  /** The embedder's hook; a test may set it. */
  onEvent: OnEvent;
  /** An account that the server knows. */
  account(kind: 'service' | 'miniprogram', more?: Partial<CallbackSettings>): Promise<CallbackSettings>;
  counter(appid: string, kind: string): Promise<number>;
}

let serial = 0;

/** An account with callback settings, which a server knows a moment later. */
export async function addCallbackAccount(
  { store }: Site,
  kind: 'service' | 'miniprogram',
  more: Partial<CallbackSettings> = {},
): Promise<CallbackSettings> {
  const appid = `wx${String(++serial).padStart(16, '0')}`;
  await saveAccount(store.pool, store.sealer, {
    ...{ appid, kind, name: '', secret: null, baseUrl: null, proxy: null },
    tokenSource: 'none',
  });
  const settings = callbackSettings(appid, { format: kind === 'service' ? 'xml' : 'json', ...more });
  await saveCallback(store.pool, store.sealer, settings);
  return settings;
}

export async function makeCallbackSite(): Promise<CallbackSite> {
  const site = await makeSite();
  const { store } = site;
  const logged: CallbackSite['logged'] = [];
  const note = (fields: object, message: string): void => {
    logged.push({ fields: { ...fields }, message });
  };
  const logger: Logger = { debug() {}, info() {}, warn: note, error: note };
  const clients = new AccountClients({ store, logger });
  const engine = await startEngine({ store, clients, logger, role: 'serve', version: 'test' });
  const server = await startServer({
    ...{ store, clients, engine, logger, version: 'test', apiToken: 'x'.repeat(32) },
    listen: { host: '127.0.0.1', port: 0 },
    onEvent: (appid, event) => all.onEvent(appid, event),
  });
  // Before the hook of makeSite, which closes the store.
  const closeStore = store.close;
  store.close = async () => {
    await server.close();
    await engine.stop();
    await clients.close();
    await closeStore();
  };
  const all: CallbackSite = {
    ...site,
    url: server.url,
    logged,
    onEvent: () => undefined,
    async account(kind, more) {
      const settings = await addCallbackAccount(site, kind, more);
      const query = makeVerification(settings.token, 'x');
      const verification = `${server.url}/callback/${settings.appid}?${query}`;
      await until('the server knows it', async () => (await fetch(verification)).status === 200);
      return settings;
    },
    async counter(appid, kind) {
      const { rows } = await store.pool.query<{ count: number }>(
        'select count from callback_counters where appid = $1 and kind = $2',
        [appid, kind],
      );
      return rows[0]?.count ?? 0;
    },
  };
  return all;
}
