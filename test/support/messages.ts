/** Nodes in this process, or in one of their own, that send single messages and deliver campaigns. */
import { spawn } from 'node:child_process';
import { after, afterEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { within } from '../../src/base/within.ts';
import { Deliverer } from '../../src/engine/delivery/deliverer.ts';
import { MessageDelivery } from '../../src/engine/messages/message-delivery.ts';
import type { MessageRequest } from '../../src/engine/messages/prepare.ts';
import type { MessageHooks } from '../../src/engine/messages/queue.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { NodeLease } from '../../src/engine/sending/node-lease.ts';
import { Pacing } from '../../src/engine/sending/pacing.ts';
import type { SimulatedAccount } from '../../src/simulator/index.ts';
import { removeNode } from '../../src/store/database/nodes.ts';
import { createPool } from '../../src/store/database/pool.ts';
import { findMessage, type MessageReport } from '../../src/store/messages/reports.ts';
import { until } from './cli.ts';
import {
  children,
  type NodeOptions,
  type Scene,
  shortLeaseMs,
  unhurriedLeaseMs,
  usualAnswerTimeoutMs,
  watchClock,
} from './deliver.ts';
import { Child, childLeaseMs, namedUrl } from './delivery/process.ts';
import type { MessageChildOptions } from './messages/child.ts';
import { templateOf } from './wechat.ts';

export interface MessageNode {
  id: string;
  messages: MessageDelivery;
  lease: NodeLease;
  /** A clean stop. Repeating it is harmless. */
  stop(timeoutMs?: number): Promise<void>;
}

const nodes = new Set<MessageNode>();
let nodeCount = 0;

function nextNodeId(): string {
  nodeCount++;
  return `00000000-0000-4000-9000-${String(nodeCount).padStart(12, '0')}`;
}

async function endAll(): Promise<void> {
  for (const node of nodes) await node.stop(200);
  nodes.clear();
}

// Registered at import, before the site's hook: they end before their database does.
afterEach(endAll);
after(endAll);

/** A node in this process, with a pool, connections and a lease of its own. */
export async function messageNode(
  scene: Scene,
  options: Omit<NodeOptions, 'hooks'> & { hooks?: MessageHooks } = {},
): Promise<MessageNode> {
  const { site } = scene;
  const { hooks, ...rest } = options;
  const logger = options.logger ?? silentLogger;
  const clock = options.clock ?? systemClock;
  // Whose messages it takes over wait for half of its own lease, and for all of it once more.
  const isShort = children.size > 0 || options.clock !== undefined;
  const leaseMs = options.leaseMs ?? (isShort ? shortLeaseMs : unhurriedLeaseMs);
  const window = options.window ?? 64;
  const pool = createPool(options.connection ?? { ...site.database.connection }, {
    ...{ max: 8, logger, guard: site.store.installation.guard },
  });
  const store = { ...site.store, pool };
  const clients = new AccountClients({
    store,
    logger,
    connections: window,
    answerTimeoutMs: options.answerTimeoutMs ?? usualAnswerTimeoutMs(rest),
    clock,
  });
  const nodeId = nextNodeId();
  const node = { id: nodeId, role: 'serve', version: 'test' } as const;
  const lease = new NodeLease({ pool, clock, logger, node, leaseMs, guard: site.store.installation.guard });
  await lease.start();
  const databaseClock = await watchClock(pool, rest);
  const common = { store, clients, logger, nodeId, clock, databaseClock, leaseMs };
  const pacing = new Pacing({ pool, clients, clock, logger, nodeId, window });
  const deliverer = new Deliverer({ ...common, pacing, window });
  await deliverer.start();
  const messages = new MessageDelivery({
    ...common,
    lease,
    pacing,
    ...(hooks === undefined ? {} : { hooks }),
  });
  await messages.start();
  let stopped: Promise<void> | null = null;
  const made: MessageNode = {
    id: nodeId,
    messages,
    lease,
    stop(timeoutMs = 3_000) {
      stopped ??= (async () => {
        await Promise.all([messages.stop(timeoutMs), deliverer.stop(timeoutMs)]);
        await within(1_000, pacing.close());
        await lease.close();
        await databaseClock?.close();
        await removeNode(pool, nodeId).catch(() => {}); // a test may have taken the database away
        await clients.close();
        await pool.end();
      })();
      return stopped;
    },
  };
  nodes.add(made);
  return made;
}

/** A process of its own that submits `messages` and is killed or stopped at a named point. */
export function messageChild(
  scene: Scene,
  options: Pick<MessageChildOptions, 'messages' | 'point' | 'signal'> & Partial<MessageChildOptions>,
): Child {
  const { env } = scene.site.cli;
  const nodeId = nextNodeId();
  const all: MessageChildOptions = {
    secretKey: env.HONGYAN_SECRET_KEY ?? '',
    nodeId,
    window: 64,
    leaseMs: childLeaseMs[options.signal],
    answerTimeoutMs: usualAnswerTimeoutMs({}),
    times: 1,
    ...options,
    databaseUrl: namedUrl(options.databaseUrl ?? env.HONGYAN_DATABASE_URL ?? '', nodeId),
  };
  const program = fileURLToPath(new URL('./messages/child.ts', import.meta.url));
  const child = new Child(
    spawn(process.execPath, [program, JSON.stringify(all)], { stdio: ['ignore', 'ignore', 'inherit'] }),
    nodeId,
    scene.pool,
  );
  children.add(child);
  return child;
}

/** A message to the account's person with this number, 1 for the first. */
export function messageTo(
  scene: Pick<Scene, 'account' | 'channel'>,
  no: number,
  more: Partial<MessageRequest> = {},
): MessageRequest {
  const { account, channel } = scene;
  const keyed = channel === 'oa-template';
  const data = keyed
    ? { keyword1: { value: '标题' }, keyword2: { value: '内容' }, keyword3: { value: '2026-11-22' } }
    : {
        character_string1: { value: 'SF-1' },
        thing2: { value: '毛笔' },
        time3: { value: '2026年1月1日 12:00' },
        name4: { value: '张三' },
      };
  return {
    appid: account.appid,
    channel,
    openid: account.openid(no - 1),
    message: { body: { template_id: templateOf(account, keyed ? '消息通知' : '订单发货通知'), data } },
    lang: 'en',
    ...more,
  };
}

/** The message once it is settled. */
export async function settled(scene: Scene, id: number): Promise<MessageReport> {
  return await until(`message ${id} is settled`, async () => {
    const found = await findMessage(scene.pool, id);
    return found !== null && found.state !== 'waiting' ? found : undefined;
  });
}

/** Its facts, weakest first: attempt, kind and reason or errcode. */
export async function messageFacts(scene: Scene, id: number): Promise<string[]> {
  const kinds = ['started', 'retry', 'in_doubt', 'unknown', 'rejected', 'accepted'];
  const { rows } = await scene.pool.query<{ attempt: number; kind: number; why: string | null }>(
    `select attempt, kind, coalesce(errcode::text, reason) as why from message_facts where message_id = $1 order by attempt, kind`,
    [id],
  );
  return rows.map(({ attempt, kind, why }) => `${attempt} ${kinds[kind]}${why === null ? '' : ` ${why}`}`);
}

export interface OpenMessage {
  id: number;
  owner: string | null;
  attempt: number;
  doubted: boolean;
  readyAt: Date;
}

export async function openMessages(scene: Scene): Promise<OpenMessage[]> {
  const { rows } = await scene.pool.query<OpenMessage>(
    'select message_id as id, owner, attempt, doubted, ready_at as "readyAt" from open_messages order by message_id',
  );
  return rows;
}

/** Another account of the same simulator as a scene of its own. */
export function sceneOf(scene: Scene, account: SimulatedAccount, make: typeof Scene): Scene {
  return new make(scene.site, { ...scene.simulator, account: () => account }, scene.channel);
}
