import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { request } from 'undici';
import type { SimulatedWechatView, Simulation } from '../app/simulation/simulated-wechat.ts';
import { errorCode, failure } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { requireFreeAddress } from '../server/listen.ts';
import type { AccountOptions } from '../simulator/options.ts';
import { type SimulatedWechat, startSimulatedWechat } from './simulated-wechat.ts';

/** The phone's usual address; taken while it is free. */
const usualPort = 8780;

/** A server reads new settings of callbacks every 2 s, and until then knows none of this account. */
const takenWithinMs = 6_000;

/** So that lists, tags and errors all have something to show. Reproducible: the first person follows. */
const usualAccount: AccountOptions = {
  appid: 'wx51a51a51a51a51a5',
  kind: 'service',
  followers: 2_000,
  unfollowedShare: 0.01,
  tags: [
    { name: 'VIP', share: 0.2 },
    { name: '新用户', share: 0.3 },
  ],
  openPlatform: 'simulated',
  latencyMs: 20,
  jitterMs: 40,
};

export interface SimulationOptions {
  /** What it needs to be started again the same way lies here. */
  directory: string;
  logger: Logger;
  /** Default: 8780 where it is free, and the same one again. */
  port?: number;
  /** Over the usual ones. */
  account?: AccountOptions;
}

/**
 * A simulated WeChat in a process of its own, which ends with this one. Its people and templates are the same after each start;
 * what they received is not kept.
 */
export class RunningSimulation implements Simulation {
  readonly appid: string;
  readonly #options: SimulationOptions;
  readonly #account: AccountOptions;
  #starting: Promise<SimulatedWechat> | null = null;
  #wechat: SimulatedWechat | null = null;
  #base: string | null = null;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#account = { ...usualAccount, ...options.account };
    this.appid = this.#account.appid ?? '';
  }

  /** Starts it again if it ran when the process before this one ended, and its address is still to be had. */
  async resume(): Promise<boolean> {
    const port = await this.#portBefore();
    if (port === null) return false;
    if (!(await isFree(port))) {
      this.#options.logger.warn({ port }, 'the simulated WeChat is not started again: its port is taken');
      return false;
    }
    await this.start();
    return true;
  }

  /** Where the server of this process listens; by TLS the simulator, which knows no certificate of ours, does not come. */
  listensAt(url: string): void {
    const { protocol, port } = new URL(url);
    this.#base = protocol === 'http:' ? `http://127.0.0.1:${port}` : null;
  }

  running(): SimulatedWechatView | null {
    return this.#wechat === null ? null : viewOf(this.#wechat);
  }

  async start(): Promise<SimulatedWechatView & { secret: string }> {
    this.#starting ??= this.#begin();
    try {
      const wechat = await this.#starting;
      return { ...viewOf(wechat), secret: wechat.account.secret };
    } catch (error) {
      this.#starting = null;
      throw error;
    }
  }

  async end(): Promise<void> {
    await this.close();
    await rm(this.#file('port'), { force: true });
  }

  callbackBase(): string | null {
    return this.#base;
  }

  async pushTo(settings: Parameters<Simulation['pushTo']>[0]): Promise<void> {
    const until = performance.now() + takenWithinMs;
    for (;;) {
      try {
        return await this.#ask('callback', settings);
      } catch (error) {
        if (performance.now() > until) throw error;
        await setTimeout(200);
      }
    }
  }

  async write(openid: string, content: string): Promise<void> {
    await this.#ask('text', { openid, content });
  }

  /** Ends the process; the next one starts it again. */
  async close(): Promise<void> {
    const wechat = await this.#starting?.catch(() => null);
    await wechat?.close();
  }

  async #begin(): Promise<SimulatedWechat> {
    const { directory, logger } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const accounts = this.#file('accounts.json');
    await writeFile(accounts, JSON.stringify([this.#account]), { mode: 0o600 });
    const wechat = await this.#onSomePort(accounts);
    await writeFile(this.#file('port'), new URL(wechat.url).port, { mode: 0o600 });
    this.#wechat = wechat;
    void wechat.gone.then(() => {
      this.#wechat = null;
      this.#starting = null;
    });
    logger.info({ url: wechat.url }, 'the simulated WeChat runs');
    return wechat;
  }

  /** The one from before, so that the account's address stays right; else the usual one, else any. */
  async #onSomePort(accounts: string): Promise<SimulatedWechat> {
    const { port = (await this.#portBefore()) ?? usualPort } = this.#options;
    const on = (n: number): Promise<SimulatedWechat> =>
      startSimulatedWechat(['--port', String(n), '--accounts', accounts]);
    if (this.#options.port !== undefined || (await isFree(port))) return await on(port);
    return await on(0);
  }

  async #portBefore(): Promise<number | null> {
    try {
      return Number(await readFile(this.#file('port'), 'utf8'));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    }
  }

  async #ask(path: string, body: object): Promise<void> {
    const url = `${this.#wechat?.url}/_simulator/accounts/${this.appid}/${path}`;
    const answer = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 400) throw failure('SIMULATOR_ENDED/refused', { path, reason: text });
  }

  #file(name: string): string {
    return join(this.#options.directory, name);
  }
}

function viewOf({ url, account: { appid, openid } }: SimulatedWechat): SimulatedWechatView {
  return { appid, url, openid };
}

async function isFree(port: number): Promise<boolean> {
  try {
    await requireFreeAddress({ host: '127.0.0.1', port });
    return true;
  } catch (error) {
    if (errorCode(error) === 'ADDRESS_IN_USE') return false;
    throw error;
  }
}
