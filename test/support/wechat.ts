import { after } from 'node:test';
import {
  type SimulatedAccount,
  type SimulatedChannel,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/index.ts';
import { saveAccount } from '../../src/store/accounts/accounts.ts';
import type { Store } from '../../src/store/store.ts';

/** A simulated WeChat that lives as long as the test file. */
export async function startWechat(options: SimulatorOptions): Promise<Simulator> {
  const simulator = await startSimulator(options);
  after(() => simulator.close());
  return simulator;
}

/** Stores a simulated account with its secret and address; by default nothing slows it. */
export async function saveSimulated(
  { pool, sealer }: Pick<Store, 'pool' | 'sealer'>,
  { url }: Simulator,
  { appid, kind, secret }: SimulatedAccount,
  ratePerS = 1_000_000,
): Promise<void> {
  await saveAccount(pool, sealer, {
    ...{ appid, kind, name: '', tokenSource: 'secret', secret },
    ...{ baseUrl: url, proxy: null, ratePerS },
  });
}

/** How many messages each openid was sent, as the simulator's own API says it. */
export async function received(
  simulator: Simulator,
  appid: string,
  filter: { channel?: SimulatedChannel } = {},
): Promise<Map<string, number>> {
  const response = await fetch(`${simulator.url}/_simulator/accounts/${appid}/received.ndjson`);
  const counts = new Map<string, number>();
  for (const line of (await response.text()).split('\n')) {
    if (line === '') continue;
    const row: { openid: string; channel: string; count: number } = JSON.parse(line);
    if (filter.channel !== undefined && row.channel !== filter.channel) continue;
    counts.set(row.openid, (counts.get(row.openid) ?? 0) + row.count);
  }
  return counts;
}

/** The bodies that one person was sent, oldest first. */
export function bodiesOf(account: SimulatedAccount, openid: string): Record<string, unknown>[] {
  return account.messages(openid).map(({ body }) => ({ ...(body as object) })); // every send is a JSON object
}

/** Calls of one path so far. */
export function callsOf(account: SimulatedAccount, path: string): number {
  return account.summary().byApi[path]?.calls ?? 0;
}

/** The id of the account's template of a family. */
export function templateOf(account: SimulatedAccount, title: string): string {
  const found = account.templates().find((one) => one.title === title);
  if (found === undefined) throw new Error(`no template ${title}`);
  return found.template_id;
}

/** `{{keyword1.DATA}}`…: what the tutorials' template wants. */
export const tutorialData = [
  '--data',
  'keyword1=标题',
  '--data',
  'keyword2=内容',
  '--data',
  'keyword3=2026-11-22',
];
