/**
 * Campaigns delivered by several `hongyan serve` processes while these are killed with -9, and afterwards the simulated
 * WeChat's own record compared with what Hongyan says of every recipient.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '../../src/base/logger.ts';
import { createSealer, parseSecretKey } from '../../src/base/seal.ts';
import { campaignReport } from '../../src/engine/campaigns/report.ts';
import { type SimulatedAccount, type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { saveAccount } from '../../src/store/accounts/accounts.ts';
import { findCampaign } from '../../src/store/campaigns/campaigns.ts';
import { recipientOutcomes } from '../../src/store/campaigns/outcomes.ts';
import type { Connection, Pool } from '../../src/store/database/pool.ts';
import { openStore } from '../../src/store/store.ts';
import { insertCampaign, type TestChannel } from '../support/delivery/insert-campaign.ts';
import { inTime } from '../support/in-time.ts';

const program = fileURLToPath(new URL('../../bin/hongyan.js', import.meta.url));
const secretKey = Buffer.alloc(32, 9).toString('base64');

export interface ChaosOptions {
  database: { connection: Connection; url: string };
  campaigns: { channel: TestChannel; planned: number }[];
  nodes: number;
  /** Messages a second of each account. */
  ratePerS: number;
  latencyMs: number;
  /** What goes wrong while they run; resolves when it has had enough. */
  disturb(chaos: Chaos): Promise<void>;
  /** The campaigns must be done within this time, ms. */
  withinMs: number;
}

export interface ChaosResult {
  channel: TestChannel;
  planned: number;
  accepted: number;
  unknown: number;
  /** In doubt at some time. */
  doubted: number;
}

/** A running set of processes, for whoever disturbs it. */
export class Chaos {
  readonly pool: Pool;
  readonly campaigns: number[] = [];
  readonly accounts: SimulatedAccount[] = [];
  readonly #env: Record<string, string>;
  readonly #restarts = new Set<Promise<void>>();
  #ending = false;
  #nodes: { child: ChildProcess; log: string }[] = [];

  constructor(pool: Pool, env: Record<string, string>) {
    this.pool = pool;
    this.#env = env;
  }

  get size(): number {
    return this.#nodes.length;
  }

  startNode(): void {
    const child = spawn(process.execPath, [program, '--log-level', 'warn', 'serve'], {
      env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', HONGYAN_LISTEN: 'off', ...this.#env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const node = { child, log: '' };
    child.once('exit', (code) => {
      // One that finds no database when it starts says so and ends; whatever supervises it starts it again.
      if (code !== 1 || !node.log.includes('DATABASE_UNREACHABLE') || !this.#nodes.includes(node)) return;
      this.#nodes.splice(this.#nodes.indexOf(node), 1);
      this.#restarts.add(
        sleep(500).then(() => {
          if (!this.#ending) this.startNode();
        }),
      );
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      node.log = (node.log + text).slice(-20_000);
    });
    this.#nodes.push(node);
  }

  /** Kills the oldest process; gives its pid. */
  async kill(): Promise<number> {
    await Promise.all(this.#restarts);
    const node = this.#nodes.shift();
    assert.ok(node?.child.pid !== undefined, 'no process to kill');
    assert.equal(node.child.exitCode, null, `it ended by itself:\n${node.log}`);
    node.child.kill('SIGKILL');
    await inTime('a killed process ends', once(node.child, 'exit'));
    return node.child.pid;
  }

  async stopAll(): Promise<void> {
    this.#ending = true;
    await Promise.all(this.#restarts);
    const nodes = this.#nodes;
    this.#nodes = [];
    for (const { child, log } of nodes) {
      if (child.exitCode !== null || child.signalCode !== null)
        assert.fail(`a process ended by itself:\n${log}`);
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      const [code] = await inTime('a process stops', exit);
      assert.equal(code, 0, log);
    }
  }

  async killAll(): Promise<void> {
    this.#ending = true;
    await Promise.all(this.#restarts);
    for (const { child } of this.#nodes.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await inTime('a killed process ends', once(child, 'exit'));
    }
  }

  /** Waits for a state of the database; an unreachable one is asked again. */
  async until(what: string, condition: () => Promise<boolean>, withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const holds = await condition().catch(() => false);
      if (holds) return;
      if (performance.now() > deadline) {
        const logs = this.#nodes.map(({ log }) => log.slice(-2_000)).join('\n---\n');
        assert.fail(`not within ${withinMs} ms: ${what}\n${logs}`);
      }
      await sleep(100);
    }
  }
}

export async function runChaos(options: ChaosOptions): Promise<ChaosResult[]> {
  const sealer = createSealer(parseSecretKey(secretKey));
  const store = await openStore({
    connection: options.database.connection,
    sealer,
    logger: silentLogger,
    poolSize: 4,
  });
  await (await store.jobs()).stop(1_000);
  const most = Math.max(...options.campaigns.map((one) => one.planned));
  const simulator: Simulator = await startSimulator({
    followers: most,
    creditsPerUser: 100,
    latencyMs: options.latencyMs,
    jitterMs: options.latencyMs,
    record: 'counts',
    keepMessages: 0,
    quotas: { '/cgi-bin/message/template/send': null, '/cgi-bin/message/subscribe/send': null },
    accounts: options.campaigns.map(({ channel }, seed) => ({
      kind: channel === 'oa-template' ? 'service' : 'miniprogram',
      seed,
    })),
  });
  const chaos = new Chaos(store.pool, {
    HONGYAN_DATABASE_URL: options.database.url,
    HONGYAN_SECRET_KEY: secretKey,
    HONGYAN_DATA_DIR: '/nonexistent/hongyan',
    HONGYAN_STATE_DIR: join(tmpdir(), `hongyan-test-state-${process.getuid?.() ?? 'user'}`),
  });
  try {
    for (const [i, { channel, planned }] of options.campaigns.entries()) {
      const account = simulator.accounts[i];
      assert.ok(account);
      chaos.accounts.push(account);
      await saveAccount(store.pool, sealer, {
        appid: account.appid,
        kind: account.kind,
        name: '',
        tokenSource: 'secret',
        secret: account.secret,
        baseUrl: simulator.url,
        proxy: null,
        ratePerS: options.ratePerS,
      });
      chaos.campaigns.push(
        await insertCampaign(store.pool, account, channel, planned, { chunkSize: 1000, probed: false }),
      );
    }
    for (let i = 0; i < options.nodes; i++) chaos.startNode();
    await options.disturb(chaos);
    const done = async (): Promise<boolean> => {
      const states = await Promise.all(chaos.campaigns.map((id) => findCampaign(store.pool, id)));
      return states.every((one) => one?.state === 'done');
    };
    await chaos.until('the campaigns are done', done, options.withinMs);
    await chaos.stopAll();
    const results: ChaosResult[] = [];
    for (const [i, { channel, planned }] of options.campaigns.entries()) {
      const [id, account] = [chaos.campaigns[i], chaos.accounts[i]];
      assert.ok(id !== undefined && account !== undefined);
      results.push(await compare(store.pool, id, account, channel, planned));
    }
    return results;
  } finally {
    await chaos.killAll();
    await simulator.close();
    await store.close();
  }
}

/** Nobody twice, nobody forgotten, and the report says of everyone what the record says. */
async function compare(
  pool: Pool,
  id: number,
  account: SimulatedAccount,
  channel: TestChannel,
  planned: number,
): Promise<ChaosResult> {
  const received = new Map<string, number>();
  for (const { openid, count } of account.counts()) received.set(openid, (received.get(openid) ?? 0) + count);
  const twice = [...received.values()].filter((count) => count > 1).length;
  assert.equal(twice, 0, `${twice} people got it twice`);
  const named: Record<string, number> = {};
  let both = 0;
  for (let after = 0; after < planned; ) {
    const rows = await recipientOutcomes(pool, id, after, 5_000);
    assert.ok(rows.length > 0, 'the export ends before the last recipient');
    for (const { no, openid, outcome, reason } of rows) {
      after = no;
      named[outcome] = (named[outcome] ?? 0) + 1;
      const got = received.get(openid) ?? 0;
      if (outcome === 'accepted') assert.equal(got, 1, `no. ${no} is called accepted and got nothing`);
      if (outcome === 'rejected' || outcome === 'unsent')
        assert.equal(got, 0, `no. ${no} is called ${outcome} and got it`);
      if (outcome === 'unknown') assert.ok(reason !== null, `no. ${no} is unknown without a reason`);
      if (got === 1) both++;
    }
  }
  assert.equal(both, received.size);
  const report = await campaignReport(pool, id);
  assert.deepEqual(
    { accepted: report.accepted, rejected: report.rejected, unknown: report.unknown, unsent: report.unsent },
    {
      accepted: named.accepted ?? 0,
      rejected: named.rejected ?? 0,
      unknown: named.unknown ?? 0,
      unsent: named.unsent ?? 0,
    },
    'the counts are those of the export',
  );
  assert.equal(report.rejected + report.unsent, 0, 'nothing refused them');
  const doubted = await pool.query<{ n: number }>(
    'select count(distinct no) as n from facts where campaign_id = $1 and kind = 2',
    [id],
  );
  return {
    channel,
    planned,
    accepted: report.accepted,
    unknown: report.unknown,
    doubted: doubted.rows[0]?.n ?? 0,
  };
}
