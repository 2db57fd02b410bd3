/** What an installation has been through by the time that a release is written down: something of everything. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SimulatedAccount, Simulator } from '../../../src/simulator/index.ts';
import type { Store } from '../../../src/store/store.ts';
import { type Cli, lastJson, until } from '../cli.ts';
import { type Gate, type ServingNode, startServing } from '../receipts/receipt-scene.ts';
import { received, templateOf, tutorialData } from '../wechat.ts';
import type { Release } from './release.ts';

export interface Past {
  cli: Cli;
  store: Store;
  gate: Gate;
  wechat: Simulator;
  service: SimulatedAccount;
  mini: SimulatedAccount;
  directory: string;
}

const apiToken = 'release-fixture-token-'.padEnd(43, 'x');

/** Ends with nodes that were killed in the middle of two campaigns. */
export async function live(past: Past): Promise<Pick<Release, 'running' | 'over'>> {
  const node = await begin(past);
  try {
    return await lived(past, node);
  } finally {
    await node.kill();
  }
}

async function lived(past: Past, node: ServingNode): Promise<Pick<Release, 'running' | 'over'>> {
  const { cli, service, mini } = past;
  await setUp(past);
  const over = [await wholeCampaign(past), await dropping(past)];
  await events(past, over[0]!); // two were made
  await singleMessages(past, node);
  const running = [
    await slowCampaign(past, service, 'oa-template', 205),
    await slowCampaign(past, mini, 'mp-subscribe', 110),
  ];
  await node.kill('SIGKILL');
  const seen = await Promise.all(
    running.map(async (one) => ({
      ...one,
      received: [...(await received(past.wechat, one.appid)).keys()].filter(
        (openid) => one.openids.includes(openid) && !one.before.has(openid),
      ),
    })),
  );
  for (const { received: got, planned } of seen) assert.ok(got.length > 20 && got.length < planned);
  return {
    running: seen.map(({ id, appid, planned, received: got }) => ({ id, appid, planned, received: got })),
    over: await Promise.all(
      over.map(async (id) => ({ id, report: await cli.json(['campaigns', 'show', String(id), '--json']) })),
    ),
  };
}

async function begin({ cli, gate }: Past): Promise<ServingNode> {
  const node = await startServing({
    ...cli.environment,
    HONGYAN_LISTEN: '127.0.0.1:0',
    HONGYAN_API_TOKEN: apiToken,
  });
  gate.ports = [node.port];
  return node;
}

async function setUp({ cli, service, mini, directory, gate }: Past): Promise<void> {
  const { appid } = service;
  for (const one of [service, mini]) await cli.ok(['templates', 'sync', one.appid]);
  await cli.ok(['followers', 'sync', appid, '--details']);
  await cli.ok(['accounts', 'rules', appid, '--fatigue', '90/7', '--approval-above', '50000']);
  await cli.ok(['quota', 'set', appid, '--channel', 'oa-template', '--daily', '90000']);
  await cli.ok(['suppress', 'add', appid, service.openid(299), '--note', '投诉']);
  await cli.ok(['followers', 'erase', appid, service.openid(298), '--yes']);
  await cli.ok(['filters', 'add', appid, '新用户', '--subscribed-within', '30']);
  await cli.ok(['keys', 'create', '订单系统', '--permissions', 'message.send']);
  await cli.ok(['users', 'add', 'linmu', '--role', 'sender']);
  await cli.ok(['webhooks', 'add', appid, 'http://127.0.0.1:9/hook', '--topics', 'all', '--json']);
  const credits = join(directory, 'credits.csv');
  const template = templateOf(mini, '订单发货通知');
  const rows = Array.from({ length: 110 }, (_, n) => `${mini.openid(n)},${template},5,2026-11-01 09:00`);
  await writeFile(credits, `openid,template_id,count,at\n${rows.join('\n')}\n`);
  await cli.ok(['credits', 'import', mini.appid, credits]);
  await cli.ok(['credits', 'rule', mini.appid, template, '5/30']);
  const forms = join(directory, 'forms.csv');
  await writeFile(
    forms,
    `openid,form_id,kind,at\n${mini.openid(3)},form-of-a-fixture,form,2026-11-27 08:00\n`,
  );
  await cli.ok(['credits', 'import', mini.appid, forms]);
  await cli.ok([...push(service), '--to', 'all', '--cron', '0 4 29 2 *', '--yes']);
  for (const [path, body] of [
    ['/v1/drafts', { appid, name: '草稿', request: { channel: 'oa-template' } }],
    [`/v1/audiences?appid=${appid}&name=people.csv`, `openid\n${service.openid(1)}\n`],
    ['/v1/keys', { name: '一次', permissions: ['message.read'] }],
  ] as const)
    await post(gate, path, body);
}

/** Its idempotency key is kept for a day. */
async function post(gate: Gate, path: string, body: string | object): Promise<void> {
  const isText = typeof body === 'string';
  const { status, ...answer } = await fetch(`${gate.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiToken}`,
      'content-type': isText ? 'text/csv' : 'application/json',
      'idempotency-key': `fixture${path}`,
    },
    body: isText ? body : JSON.stringify(body),
  }).then(async (one) => ({ status: one.status, text: await one.text() }));
  assert.ok(status < 300, `${path}: ${status} ${answer.text}`);
}

function push(account: SimulatedAccount, content = '内容'): string[] {
  const template = templateOf(account, '消息通知');
  const data = tutorialData.map((one) => (one.startsWith('keyword2=') ? `keyword2=${content}` : one));
  return ['push', '--account', account.appid, '--channel', 'template', '--template', template, ...data];
}

/** With a column of the file in it, over, with receipts. */
async function wholeCampaign({ cli, service, directory, store }: Past): Promise<number> {
  const file = join(directory, 'orders.csv');
  const rows = Array.from({ length: 60 }, (_, n) => `${service.openid(n)},O-${n},顾客${n}`);
  await writeFile(file, `openid,ref,name\n${rows.join('\n')}\n`);
  const args = [...push(service, '{{name}}，已发货'), '--to', `@${file}`, '--key', 'orders-1'];
  return await finished(cli, store, args);
}

/** Somebody is there twice, somebody is no openid, somebody is left out. */
async function dropping({ cli, service, directory, store }: Past): Promise<number> {
  const file = join(directory, 'dropping.csv');
  const openids = [service.openid(70), service.openid(70), 'nobody', service.openid(299), service.openid(71)];
  await writeFile(file, `openid\n${openids.join('\n')}\n`);
  const left = join(directory, 'left-out.csv');
  await writeFile(left, `openid\n${service.openid(71)}\n`);
  return await finished(cli, store, [...push(service), '--to', `@${file}`, '--exclude', `@${left}`]);
}

async function finished(cli: Cli, store: Store, args: string[]): Promise<number> {
  const id = Number(lastJson(await cli.ok([...args, '--again', '--yes', '--wait', '--json'])).campaign);
  const { rows } = await store.pool.query<{ state: string }>('select state from campaigns where id = $1', [
    id,
  ]);
  assert.equal(rows[0]?.state, 'done');
  return id;
}

async function events({ service, store, cli }: Past, campaign: number): Promise<void> {
  service.user(service.openid(5)).sendText('什么时候发货？');
  service.unfollow(service.openid(6));
  await until('receipts and events are stored', async () => {
    const { rows } = await store.pool.query<{ receipts: number; others: number }>(
      `select (select count(*)::int from receipts where campaign_id = $1) as receipts,
              (select count(*)::int from events where type in ('message', 'unfollow')) as others`,
      [campaign],
    );
    return rows[0]?.receipts === 60 && rows[0].others === 2;
  });
  await cli.ok(['callback', 'config', service.appid, '--rotate-key']);
}

async function singleMessages({ cli, service, wechat, store }: Past, node: ServingNode): Promise<void> {
  assert.ok(node.port > 0);
  const send = ['send', ...push(service).slice(1)];
  await cli.ok([...send, '--to', service.openid(80), '--key', 'order-80', '--ref', 'O-80', '--wait']);
  wechat.addFault({ kind: -1, rate: 1, path: '/cgi-bin/message/template/send' });
  await cli.ok([...send, '--to', service.openid(81), '--key', 'order-81']);
  await until('the second waits to be tried again', async () => {
    const { rows } = await store.pool.query('select 1 from message_facts where kind = 1');
    return rows.length > 0;
  });
  wechat.clearFaults();
}

/** Under way, and far from its end. */
async function slowCampaign(
  { cli, mini, store, wechat, directory }: Past,
  account: SimulatedAccount,
  channel: 'oa-template' | 'mp-subscribe',
  planned: number,
) {
  const { appid } = account;
  const before = new Set((await received(wechat, appid)).keys());
  const first = channel === 'oa-template' ? 90 : 0;
  const openids = Array.from({ length: planned }, (_, n) => account.openid(first + n)).filter(
    (one) => !before.has(one),
  );
  const file = join(directory, `${channel}.txt`);
  await writeFile(file, openids.join('\n'));
  await cli.ok(['rate', appid, '20']);
  const message =
    account === mini
      ? [
          'push',
          '--account',
          appid,
          '--channel',
          'subscribe',
          '--template',
          templateOf(mini, '订单发货通知'),
        ].concat(
          ['character_string1=SF-1', 'thing2=毛笔', 'time3=2026年1月1日 12:00', 'name4=张三'].flatMap(
            (one) => ['--data', one],
          ),
        )
      : push(account);
  const id = Number(lastJson(await cli.ok([...message, '--to', `@${file}`, '--yes', '--json'])).campaign);
  await until('it is under way', async () => (await received(wechat, appid)).size > before.size + 40);
  const { rows } = await store.pool.query<{ n: number }>(
    'select planned_count as n from campaigns where id = $1',
    [id],
  );
  return { id, appid, before, openids, planned: rows[0]?.n ?? 0 };
}
