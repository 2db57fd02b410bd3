/**
 * `hongyan serve` processes behind one callback URL, a simulated WeChat that pushes to it, and the comparison of what the
 * report says with what WeChat did.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createSealer, parseSecretKey } from '../../../src/base/seal.ts';
import { withReceipts } from '../../../src/engine/campaigns/receipt-report.ts';
import { campaignReport } from '../../../src/engine/campaigns/report.ts';
import type { EventOptions, SimulatedAccount, Simulator } from '../../../src/simulator/index.ts';
import { saveAccount } from '../../../src/store/accounts/accounts.ts';
import { recipientOutcomes } from '../../../src/store/campaigns/outcomes.ts';
import type { Pool } from '../../../src/store/database/pool.ts';
import { saveCallback } from '../../../src/store/events/callbacks.ts';
import type { ReceiptStatus } from '../../../src/wechat/callback/event.ts';
import { inTime } from '../in-time.ts';
import { startWechat } from '../wechat.ts';

const program = fileURLToPath(new URL('../../../bin/hongyan.js', import.meta.url));

/** One address in front of several nodes, in turn; a connection to one that is gone is cut. */
export class Gate {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #ports: number[] = [];
  #turn = 0;

  constructor() {
    this.#server = createServer((incoming) => this.#join(incoming));
  }

  get url(): string {
    const address = this.#server.address();
    assert.ok(address !== null && typeof address === 'object');
    return `http://127.0.0.1:${address.port}`;
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await inTime('it listens', once(this.#server, 'listening'));
    return this;
  }

  /** Where new connections go; with none they are cut. */
  set ports(ports: number[]) {
    this.#ports = ports;
    // Connections are kept for long: none may stay with a node that is no longer there, or all with one of them.
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.ports = [];
    this.#server.close();
    await inTime('it closes', once(this.#server, 'close'));
  }

  #join(incoming: Socket): void {
    const port = this.#ports[this.#turn++ % Math.max(1, this.#ports.length)];
    incoming.on('error', () => {});
    if (port === undefined) {
      incoming.destroy();
      return;
    }
    const outgoing = connect(port, '127.0.0.1');
    outgoing.on('error', () => {});
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      this.#sockets.add(one);
      one.pipe(other);
      one.once('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}

/** A `hongyan serve` of its own. */
export class ServingNode {
  readonly port: number;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exit;
  }
}

export async function startServing(env: Record<string, string>): Promise<ServingNode> {
  const child = spawn(process.execPath, [program, '--log-level', 'warn', 'serve'], {
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', HONGYAN_LISTEN: '127.0.0.1:0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  const listening = new Promise<number>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const found = /Listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(out)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${out}`)));
  });
  return new ServingNode(child, await inTime('serve listens', listening));
}

/** A simulated service account that pushes to the gate, as Hongyan knows it too. */
export async function startPushing(
  pool: Pool,
  secretKey: string,
  gate: Gate,
  options: {
    people: number;
    ratePerS: number;
    latencyMs?: number;
    exclusive?: boolean;
    events: Partial<EventOptions>;
  },
): Promise<{ simulator: Simulator; account: SimulatedAccount }> {
  const sealer = createSealer(parseSecretKey(secretKey));
  const simulator = await startWechat({
    kind: 'service',
    followers: options.people,
    record: 'counts',
    keepMessages: 0,
    latencyMs: options.latencyMs ?? 0,
    quotas: { '/cgi-bin/message/template/send': null },
    callback: { url: `${gate.url}/callback/{appid}`, mode: 'secure', verify: false },
    events: options.events,
  });
  const account = simulator.account();
  const { appid, secret } = account;
  await saveAccount(pool, sealer, {
    ...{ appid, kind: 'service', name: '', tokenSource: 'secret', secret },
    ...{ baseUrl: simulator.url, proxy: null, ratePerS: options.ratePerS },
  });
  const { callback } = account.events;
  assert.ok(callback !== undefined);
  await saveCallback(pool, sealer, {
    ...{
      appid,
      token: callback.token,
      aesKey: callback.encodingAESKey,
      ...{ previousToken: null, previousTokenUntil: null, previousAesKey: null, previousAesKeyUntil: null },
      mode: 'secure',
    },
    ...{ format: 'xml', publicUrl: null, forwardTo: null, reply: 'none', unsignedFrom: [] },
    exclusive: options.exclusive ?? false,
  });
  return { simulator, account };
}

const statuses: Record<string, ReceiptStatus> = {
  success: 'delivered',
  'failed:user block': 'blocked',
  'failed: system failed': 'failed-system',
  'failed:freq limit': 'failed-frequency',
};

/** What WeChat told Hongyan of each person's message. */
export interface Told {
  /** Answered well at least once. */
  told: Map<string, ReceiptStatus>;
  /** Given up: of those that were stored all the same, only the answer came too late. */
  maybe: Map<string, ReceiptStatus>;
}

export function toldBy(account: SimulatedAccount): Told {
  const all: Told = { told: new Map(), maybe: new Map() };
  for (const { openid, status, fate } of account.events.all()) {
    assert.notEqual(fate, 'pending');
    const known = statuses[status ?? ''];
    if (known !== undefined && fate !== 'lost')
      all[fate === 'delivered' ? 'told' : 'maybe'].set(openid, known);
  }
  return all;
}

/**
 * The export has of everybody the receipt that WeChat told, and the report's counts are those of the export.
 * @returns recipients whose message's id Hongyan never learned, and whose receipt it therefore cannot know
 */
export async function assertReceipts(
  pool: Pool,
  id: number,
  { told, maybe }: Told,
): Promise<{ accepted: number; received: number; nameless: number; inferred: number }> {
  const report = await campaignReport(pool, id);
  const counts = new Map<string, number>();
  let nameless = 0;
  for (let after = 0; after < report.campaign.plannedCount; ) {
    const rows = await withReceipts(pool, id, 'yes', await recipientOutcomes(pool, id, after, 5_000));
    assert.ok(rows.length > 0);
    for (const row of rows) {
      after = row.no;
      if (row.receipt !== null) counts.set(row.receipt, (counts.get(row.receipt) ?? 0) + 1);
      const expected = row.outcome === 'accepted' ? (told.get(row.openid) ?? 'waiting') : null;
      if (row.receipt === expected || (row.receipt !== 'waiting' && row.receipt === maybe.get(row.openid)))
        continue;
      assert.equal(row.msgid, null, `no. ${row.no}: ${row.receipt} instead of ${expected}`);
      assert.equal(row.receipt, 'waiting');
      nameless++;
    }
  }
  const { receipts } = report;
  const n = (status: string): number => counts.get(status) ?? 0;
  assert.deepEqual(
    {
      ...{ delivered: receipts.delivered, blocked: receipts.blocked, ...receipts.failed },
      ...{ waiting: receipts.waiting, late: receipts.late },
    },
    {
      ...{ delivered: n('delivered'), blocked: n('blocked'), system: n('failed-system') },
      ...{
        frequency: n('failed-frequency'),
        other: n('failed-other'),
        waiting: n('waiting'),
        late: n('late'),
      },
    },
    'the counts are those of the export',
  );
  const received = report.accepted - receipts.waiting - receipts.late;
  return { accepted: report.accepted, received, nameless, inferred: receipts.inferred };
}
