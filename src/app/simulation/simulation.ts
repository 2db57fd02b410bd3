import { failure } from '../../base/errors.ts';
import { findAccountSettings } from '../../store/accounts/rules.ts';
import { findCallback } from '../../store/events/callbacks.ts';
import { simulatedAccount } from '../../texts/account-words.ts';
import { removeAccount } from '../accounts/accounts.ts';
import { addAccount } from '../accounts/save-account.ts';
import { action } from '../action.ts';
import type { Actor } from '../actor.ts';
import type { App } from '../app.ts';
import { changeCallback } from '../callback/callback.ts';
import type { SimulatedWechatView, Simulation } from './simulated-wechat.ts';

export interface SimulationView {
  /** Whether this node may run one; `simulator` in its settings. */
  allowed: boolean;
  running: SimulatedWechatView | null;
  /** Of its account, as soon as it was started once. */
  appid: string | null;
}

/** Whether there is a simulated WeChat, and where its phone is. */
export const showSimulation = action<Record<string, never>, SimulationView>(
  { name: 'simulation.show', permission: 'account.read', audit: 'none' },
  async ({ store, simulation = null }) => {
    if (simulation === null) return { allowed: false, running: null, appid: null };
    const isThere = (await findAccountSettings(store.pool, simulation.appid)) !== null;
    return {
      allowed: true,
      running: simulation.running(),
      appid: isThere ? simulation.appid : null,
    };
  },
);

/**
 * Starts the simulated WeChat, adds its account, and lets it push its events here. Whatever is there already stays.
 *
 * Throws `SIMULATION_OFF`, `SIMULATOR_ENDED`.
 */
export const startSimulation = action<Record<string, never>, SimulatedWechatView>(
  { name: 'simulation.start', permission: 'account.manage', audit: 'change' },
  async (app, _input, { actor, trail, require }) => {
    const simulation = required(app);
    await require(simulation.appid);
    const { secret, ...view } = await simulation.start();
    await addAccount(app, actor, {
      appid: view.appid,
      kind: 'service',
      name: simulatedAccount.name[actor.lang],
      token: { source: 'secret', secret },
      baseUrl: view.url,
      check: true,
    });
    await connectSimulation(app, actor, simulation, view);
    trail.after = { url: view.url };
    return view;
  },
);

/** Ends the simulated WeChat and removes its account with all that was sent there. False: there was none. */
export const endSimulation = action<Record<string, never>, { removed: boolean }>(
  { name: 'simulation.end', permission: 'account.manage', audit: 'change' },
  async (app, _input, { actor, require }) => {
    const simulation = required(app);
    await require(simulation.appid);
    const isThere = (await findAccountSettings(app.store.pool, simulation.appid)) !== null;
    if (isThere) await removeAccount(app, actor, { appid: simulation.appid });
    await simulation.end();
    return { removed: isThere };
  },
);

/** A simulated WeChat that was started again has forgotten where its events go. */
export async function reconnectSimulation(app: App, simulation: Simulation): Promise<void> {
  const callback = await findCallback(app.store.pool, app.store.sealer, simulation.appid);
  const base = simulation.callbackBase();
  if (callback === null || base === null) return;
  const { token, aesKey, mode } = callback;
  await simulation.pushTo({ url: urlOf(base, simulation.appid), token, encodingAESKey: aesKey, mode });
}

/** Lets a new one push its events here. */
export async function connectSimulation(
  app: App,
  actor: Actor,
  simulation: Simulation,
  { appid, openid }: SimulatedWechatView,
): Promise<void> {
  const base = simulation.callbackBase();
  if (base === null) return;
  const { token, encodingAesKey, mode } = await changeCallback(app, actor, { appid, publicUrl: base });
  await simulation.pushTo({ url: urlOf(base, appid), token, encodingAESKey: encodingAesKey, mode });
  // So that there is an event to look at.
  await simulation.write(openid, simulatedAccount.hello[actor.lang]);
}

function urlOf(base: string, appid: string): string {
  return `${base}/callback/${appid}`;
}

function required({ simulation = null }: App): Simulation {
  if (simulation === null) throw failure('SIMULATION_OFF', {});
  return simulation;
}
