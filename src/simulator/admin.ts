import type { ServerResponse } from 'node:http';
import { SimulatedAccount } from './handle.ts';
import type { Incoming } from './process.ts';
import type { World } from './world.ts';

/** Where the simulator's own API lives; no path of WeChat's begins so. */
export const ADMIN_PATH = '/_simulator';

export function handleAdmin(world: World, incoming: Incoming, response: ServerResponse): void {
  const accounts = [...world.accounts.values()].map((account) => new SimulatedAccount(account).summary());
  void incoming;
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ accounts }));
}
