import { randomBytes } from 'node:crypto';
import { firstLink } from '../../app/access/users.ts';
import { changeCallback } from '../../app/callback/callback.ts';
import { connectSimulation } from '../../app/simulation/simulation.ts';
import { errorCode, failure } from '../../base/errors.ts';
import { Undo } from '../../base/undo.ts';
import { startEngine } from '../../engine/engine.ts';
import { type ListenAddress, parseListen, requireFreeAddress } from '../../server/listen.ts';
import { startServer } from '../../server/server.ts';
import { webhookAllowList } from '../config.ts';
import type { CliContext } from '../context.ts';
import type { Session } from '../open.ts';
import type { RunningSimulation } from '../simulation.ts';

/**
 * Where the demo's console may listen, once both it and the phone have found their addresses free.
 *
 * Throws `ADDRESS_IN_USE`, `LISTEN_FAILED`, and `CONFIG_INVALID` where nothing is to listen.
 */
export async function freeAddresses({ config }: CliContext, phonePort: number): Promise<ListenAddress> {
  const listen = parseListen(config.listen);
  if (listen === null) throw failure('CONFIG_INVALID/demo-listen', {});
  await requireFree(listen, 'demo');
  await requireFree({ host: '127.0.0.1', port: phonePort }, 'phone');
  return listen;
}

async function requireFree(address: ListenAddress, whose: 'demo' | 'phone'): Promise<void> {
  try {
    await requireFreeAddress(address);
  } catch (error) {
    if (errorCode(error) !== 'ADDRESS_IN_USE') throw error;
    const values = { address: `${address.host}:${address.port}` };
    throw failure(`ADDRESS_IN_USE/${whose}`, values, { cause: error });
  }
}

/** A node with its console on the demo's database, to which the simulated WeChat pushes its events. */
export async function openConsole(
  context: CliContext,
  session: Session,
  { version, listen, simulation }: { version: string; listen: ListenAddress; simulation: RunningSimulation },
): Promise<{ link: string; close(): Promise<void> }> {
  const { logger, config, actor, signal } = context;
  const { store, clients } = session;
  const webhookAllow = webhookAllowList(config);
  const begun = new Undo();
  try {
    const engine = await startEngine({
      ...{ store, clients, logger, role: 'serve', version, webhookAllow, signal },
      auditKeepDays: config.auditKeepDays,
    });
    begun.add(async () => void (await engine.stop(context.msLeft() * 0.7)));
    // Its keys are there before the server reads which accounts it knows.
    await changeCallback(session, actor, { appid: simulation.appid });
    const server = await startServer({
      ...{ store, clients, logger, engine, version, webhookAllow, listen, simulation },
      apiToken: randomBytes(32).toString('base64url'),
    });
    begun.add(() => server.close(context.msLeft() * 0.7));
    simulation.listensAt(server.url);
    const running = simulation.running();
    if (running !== null) await connectSimulation(session, actor, simulation, running);
    const link = await firstLink(session);
    return { link: server.url + (link?.path ?? '/'), close: () => begun.all() };
  } catch (error) {
    await begun.all();
    throw error;
  }
}

export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
