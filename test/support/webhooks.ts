/** A receiver of webhooks, and events for it. */
import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { after } from 'node:test';
import type { StoredEvent } from '../../src/engine/events/stored-event.ts';
import { tellEvents } from '../../src/engine/webhooks/tell-events.ts';
import { inTransaction, type Pool } from '../../src/store/database/pool.ts';
import type { Site } from './campaign.ts';
import { until } from './in-time.ts';
import { httpServer } from './wechat/raw-server.ts';

export interface Item {
  topic: string;
  openid?: string;
  campaignId?: number | null;
  messageId?: number | null;
  key?: string | null;
  errcode?: number | null;
  errmsg?: string | null;
  reason?: string | null;
  msgid?: string | null;
  no?: number | null;
  scene?: string | null;
  state?: string;
}

export interface Post {
  id: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  items: Item[];
  /** When it was answered; null: not yet. Like `begun` a count of what happened at this receiver. */
  ended: number | null;
  begun: number;
  status: number | null;
}

export interface Receiver {
  url: string;
  posts: Post[];
  /** What it answers from now on; null: nothing until `release`. */
  status: number | null;
  /** Overrides `status` for one POST. */
  judge: (post: Post) => number | null | undefined;
  /** Most POSTs that were under way at once. */
  most: number;
  underWay(): number;
  /** Answers what it has not answered yet. */
  release(status: number): void;
  /** Items of POSTs that were taken, each POST once, in the order of their ends. */
  taken(): Item[];
}

export async function startReceiver(): Promise<Receiver> {
  let count = 0;
  const held = new Map<Post, ServerResponse>();
  const state: Receiver = {
    url: '',
    posts: [],
    status: 204,
    judge: () => undefined,
    most: 0,
    underWay: () => state.posts.filter((post) => post.ended === null).length,
    release(status) {
      for (const [post, response] of held) finish(post, response, status);
    },
    taken() {
      const ends = state.posts.filter((post) => post.status !== null && post.status < 300);
      ends.sort((a, b) => (a.ended ?? 0) - (b.ended ?? 0));
      return [...new Map(ends.toReversed().map((post) => [post.id, post])).values()]
        .toReversed()
        .flatMap((post) => post.items);
    },
  };
  const finish = (post: Post, response: ServerResponse, status: number | null): void => {
    held.delete(post);
    post.ended = ++count;
    post.status = status;
    if (status === null) return;
    response.statusCode = status;
    if (status === 302) response.setHeader('location', '/elsewhere');
    response.end();
  };
  const server = await httpServer((request, body, response) => {
    const { items }: { items: Item[] } = JSON.parse(body);
    const post: Post = {
      ...{ id: String(request.headers['webhook-id']), path: request.url ?? '', headers: request.headers },
      ...{ body, items },
      ...{ ended: null, begun: ++count, status: null },
    };
    state.posts.push(post);
    state.most = Math.max(state.most, state.underWay());
    const judged = state.judge(post);
    const status = judged === undefined ? state.status : judged;
    if (status !== null) return finish(post, response, status);
    held.set(post, response);
    response.on('close', () => {
      // Whoever sent it is gone.
      if (held.has(post)) finish(post, response, null);
    });
  });
  after(() => server[Symbol.asyncDispose]());
  state.url = `${server.url}/hook?token=hidden`;
  return state;
}

/** Adds a webhook with the command. */
export async function addHook(
  site: Site,
  appid: string,
  url: string,
  topics: string,
): Promise<{ id: string; secret: string }> {
  const file = await site.file('hook-url', url);
  const out = await site.cli.ok(['webhooks', 'add', appid, '--url-file', file, '--topics', topics]);
  return { id: /webhook (\d+)/.exec(out)?.[1] ?? '', secret: /whsec_\S+/.exec(out)?.[0] ?? '' };
}

/**
 * Makes what is pending due, as if the leases of the processes that were killed had ended. What one of them had begun its server
 * carries through after its death, and that would begin a lease anew.
 */
export async function endLeases(pool: Pool): Promise<void> {
  await until('nothing of the dead is under way in the database', async () => {
    const { rows } = await pool.query(
      `select query from pg_stat_activity where datname = current_database() and backend_type = 'client backend'
         and pid <> pg_backend_pid() and state <> 'idle'`,
    );
    return rows.length === 0;
  });
  await pool.query("update webhook_deliveries set next_at = now() where state = 'pending'");
}

export function isSigned(post: Post, secret: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const text = `${post.id}.${post.headers['webhook-timestamp']}.${post.body}`;
  const expected = `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
  return post.headers['webhook-signature'] === expected;
}

let eventCount = 0;

/** Follows of these people, with a scene each, as the callback endpoint tells them: in one transaction. */
export async function tellFollows(
  pool: Pool,
  appid: string,
  people: [openid: string, scene: string][],
): Promise<void> {
  const events = people.map(
    ([openid, scene]): StoredEvent => ({
      appid,
      key: String(++eventCount),
      event: {
        ...{ type: 'follow', openid, toUserName: 'gh_1', createTime: 1_764_000_000, name: 'subscribe' },
        ...{ scene, fields: {} },
      },
    }),
  );
  await inTransaction(pool, (client) => tellEvents(client, events));
}

/** A receipt that says delivered. */
export async function tellReceipt(
  pool: Pool,
  appid: string,
  openid: string,
  msgid: string,
  status: 'delivered' | 'blocked',
): Promise<void> {
  const detail = status === 'delivered' ? 'success' : 'failed:user block';
  const event: StoredEvent = {
    appid,
    key: String(++eventCount),
    event: {
      ...{
        type: 'template-receipt',
        openid,
        toUserName: 'gh_1',
        createTime: 1_764_000_000,
        name: 'TEMPLATESENDJOBFINISH',
      },
      ...{ msgid, status, detail, fields: {} },
    },
  };
  await inTransaction(pool, (client) => tellEvents(client, [event]));
}
