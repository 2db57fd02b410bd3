import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { failure } from '../base/errors.ts';
import { partFlag } from './parent.ts';

/** What `hongyan simulate --json` prints of an account. */
export interface SimulatedWechatAccount {
  appid: string;
  secret: string;
  followers: number;
  /** Of one of its followers. */
  openid: string;
}

/** A simulated WeChat in a process of its own. */
export interface SimulatedWechat {
  url: string;
  account: SimulatedWechatAccount;
  /** Settles when its process is gone, by whatever end. */
  gone: Promise<void>;
  close(): Promise<void>;
}

/**
 * `hongyan simulate` in a process of its own, as a user would run it; it ends with this one, however this one ends.
 *
 * Throws `SIMULATOR_ENDED`.
 */
export async function startSimulatedWechat(args: readonly string[]): Promise<SimulatedWechat> {
  const main = fileURLToPath(new URL('../../bin/hongyan.js', import.meta.url));
  const child = spawn(
    process.execPath,
    [main, 'simulate', '--json', ...args, partFlag],
    // A group of its own: ctrl-C is ours to handle, and the simulator must outlive the last answers. It ends with the
    // channel to us, however we end.
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], detached: true },
  );
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const said: { url: string; accounts: SimulatedWechatAccount[] } = JSON.parse(await firstLine(child));
  const [account] = said.accounts;
  if (account === undefined) throw failure('SIMULATOR_ENDED/account', {});
  return {
    ...{ url: said.url, account, gone },
    async close() {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('the simulator has no output'));
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(failure('SIMULATOR_ENDED', { code: String(code) })));
  });
}
