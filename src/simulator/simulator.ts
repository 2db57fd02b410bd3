import type { AddressInfo } from 'node:net';
import { errorCode, failure } from '../base/errors.ts';
import { silentLogger } from '../base/logger.ts';
import { WebPages } from '../base/web-pages.ts';
import { verifyUrl } from './callback/verify-url.ts';
import { SimulatedAccount } from './control/simulated-account.ts';
import type { SimulatorOptions } from './options.ts';
import { parseFault, resolveOptions } from './resolve-options.ts';
import { SimulatorServer } from './server.ts';
import type { FaultRule } from './state/faults.ts';
import { createWorld, resetWorld, type World } from './state/world.ts';

/** A running simulator. */
export interface Simulator extends AsyncDisposable {
  /** Base URL for clients, e.g. `http://127.0.0.1:40123`; no slash at the end. */
  readonly url: string;
  readonly port: number;
  /** The accounts in the order of the options. */
  readonly accounts: readonly SimulatedAccount[];
  /** An account by its appid; without one, the first. Throws `SIMULATOR_ACCOUNT` if there is none. */
  account(appid?: string): SimulatedAccount;
  /** Adds a fault from now on. */
  addFault(rule: FaultRule): void;
  /** Ends all faults. */
  clearFaults(): void;
  /** Moves the simulator's time on by so many milliseconds: tokens expire, windows close, quotas start again. */
  advance(ms: number): void;
  /** The simulator's time, Unix milliseconds. */
  now(): number;
  /** All accounts as at the start, no faults, real time. Connections stay. */
  reset(): void;
  /** Stops listening, drops open connections and pending answers. Repeating it is harmless. */
  close(): Promise<void>;
}

/**
 * Starts a WeChat on a local port: tokens, followers, templates, all send channels, quotas, faults, over real HTTP,
 * with the checks and error texts of the protocol. Without options: one verified service account with 1,000 followers.
 *
 * Throws `SIMULATOR_OPTIONS` for a wrong option, `SIMULATOR_LISTEN` if the port cannot be had, and `SIMULATOR_CALLBACK` if
 * a callback URL does not verify (it is asked while the simulator listens already).
 *
 * @example
 * await using simulator = await startSimulator({ kind: 'miniprogram', followers: 5_000_000 });
 * const { appid, secret } = simulator.account();
 * @see https://developers.weixin.qq.com/doc/service/api/
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const resolved = resolveOptions(options);
  const world = createWorld(resolved, options);
  const server = new SimulatorServer(world, options.logger ?? silentLogger, new WebPages('phone.html'));
  await listen(server, resolved.host, resolved.port);
  // A listening TCP server has an AddressInfo.
  const { port } = server.http.address() as AddressInfo;
  try {
    for (const { options: own, clock } of world.accounts.values()) {
      if (own.callback === undefined || !own.verifiesCallback) continue;
      await verifyUrl(own.callback, clock.now(), own.events.timeoutMs);
    }
  } catch (error) {
    await server.close();
    throw error;
  }
  const host = resolved.host.includes(':') ? `[${resolved.host}]` : resolved.host;
  return handleOf(world, server, `http://${host}:${port}`, port);
}

function handleOf(world: World, server: SimulatorServer, url: string, port: number): Simulator {
  const accounts = [...world.accounts.values()].map((account) => new SimulatedAccount(account));
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= server.close());
  return {
    url,
    port,
    accounts,
    account(appid) {
      const found = appid === undefined ? accounts[0] : accounts.find((account) => account.appid === appid);
      if (found !== undefined) return found;
      throw failure('SIMULATOR_ACCOUNT', { appid: appid ?? '?' });
    },
    addFault(rule) {
      world.faults.add(parseFault(rule));
    },
    clearFaults: () => world.faults.clear(),
    advance: (ms) => world.clock.advance(ms),
    now: () => world.clock.now(),
    reset: () => resetWorld(world),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function listen({ http }: SimulatorServer, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause) => {
      const isUsed = errorCode(cause) === 'EADDRINUSE';
      reject(
        failure(
          isUsed ? 'SIMULATOR_LISTEN/in-use' : 'SIMULATOR_LISTEN/unusable',
          { port: String(port), host },
          { cause },
        ),
      );
    });
    http.listen(port, host, resolve);
  });
}
