import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { tellChanges } from '../../src/engine/webhooks/tell-changes.ts';
import { type ExportedRecipient, makeSite, ndjson } from '../support/campaign.ts';
import { type RunningCli, until } from '../support/cli.ts';
import { inTime, untilDayIsLong } from '../support/in-time.ts';
import { addHook, type Item, startReceiver, tellFollows, tellReceipt } from '../support/webhooks.ts';
import { callsOf, startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
site.cli.env.HONGYAN_WEBHOOK_ALLOW = '127.0.0.1';
site.cli.env.HONGYAN_LOG_LEVEL = 'warn';
const path = '/cgi-bin/message/template/send';
const wechat = await startWechat({ followers: 40, accounts: [{ kind: 'service' }] });
const account = wechat.account();
const appid = await site.add(wechat, account);
const { pool } = site.store;
const template = templateOf(account, '消息通知');

let nodes: RunningCli[] = [];
function startNode(): RunningCli {
  const node = site.cli.start(['worker']);
  nodes.push(node);
  return node;
}

afterEach(async () => {
  await Promise.all(nodes.map((node) => node.kill('SIGKILL')));
  nodes = [];
  await pool.query('delete from webhooks');
});

async function push(key: string, people: string[]): Promise<number> {
  const report = await site.cli.json([
    ...['push', '--account', appid, '--channel', 'template', '--template', template, ...tutorialData],
    ...['--to', people.join(','), '--key', key, '--yes', '--json'],
  ]);
  return Number(report.campaign);
}

const exported = async (id: number): Promise<ExportedRecipient[]> =>
  ndjson(await site.cli.ok(['campaigns', 'export', String(id), '--format', 'ndjson']));

test('outcomes of more messages than one step takes are told in one go, or in one step, and then it ends', async () => {
  const hook = await startReceiver();
  await addHook(site, appid, hook.url, 'outcome');
  const happened = async (messages: number): Promise<void> => {
    await pool.query(
      `with made as (
         insert into messages (appid, uuid, channel, openid, fingerprint, body)
         select $1, gen_random_uuid(), 'kf', 'o' || n, '', '{}' from generate_series(1, $2::integer) n returning id)
       insert into message_facts (message_id, at, epoch, attempt, kind) select id, now(), 0, 1, 3 from made`,
      [appid, messages],
    );
  };
  const stop = new AbortController();
  const left = async (): Promise<number> =>
    (await pool.query('select from webhook_messages')).rowCount ?? Number.NaN;
  try {
    await happened(2_001);
    assert.equal(await left(), 2_001);
    await inTime('everything is told', tellChanges(pool, false, stop.signal));
    assert.equal(await left(), 0);
    await happened(1_001);
    await inTime('one step is done', tellChanges(pool, true, stop.signal));
    assert.equal(await left(), 1);
  } finally {
    stop.abort();
    await pool.query('delete from webhook_messages');
  }
});

test('receipts and outcomes say whose they are: the campaign’s or message’s key, openid, errmsg', async () => {
  const hook = await startReceiver();
  const { id: hookId } = await addHook(site, appid, hook.url, 'receipt,outcome');
  account.unfollow(account.openid(3));
  const people = [account.openid(1), account.openid(2), account.openid(3)];
  const id = await push('autumn-"24"', people);
  await site.cli.run([
    ...['send', '--account', appid, '--channel', 'template', '--template', template, ...tutorialData],
    ...['--to', account.openid(4), '--key', 'order-4'],
  ]);
  startNode();
  const outcomes = await until('the outcomes are told', async () => {
    const items = hook.taken();
    return items.length === 4 && items;
  });
  const rows = await exported(id);
  const keyOf = (openid: string): Item | undefined => outcomes.find((item) => item.openid === openid);
  for (const row of rows) {
    const { campaignId, no, key, topic, errcode, errmsg, msgid } = keyOf(row.openid) ?? {};
    assert.deepEqual(
      [campaignId, no, key, topic, errcode, msgid],
      [id, row.no, 'autumn-"24"', `outcome.${row.outcome}`, row.errcode, row.msgid],
    );
    assert.equal(errmsg, row.errcode === 43004 ? 'require subscribe' : null);
  }
  const single = keyOf(account.openid(4));
  assert.deepEqual([single?.key, single?.errmsg], ['order-4', null]);

  hook.posts.length = 0;
  const msgidOf = (openid: string): string => keyOf(openid)?.msgid ?? '';
  await tellReceipt(pool, appid, people[0] ?? '', msgidOf(people[0] ?? ''), 'delivered');
  await tellReceipt(pool, appid, account.openid(4), msgidOf(account.openid(4)), 'blocked');
  await tellReceipt(pool, appid, people[1] ?? '', '17', 'delivered');
  const receipts = await until('the receipts are told', async () => {
    const items = hook.taken();
    return items.length === 3 && items;
  });
  const shown = receipts.map(({ openid, campaignId, no, messageId, key, errmsg }) => [
    ...[openid, campaignId, no, messageId, key, errmsg],
  ]);
  const no = rows.find((row) => row.openid === people[0])?.no;
  assert.deepEqual(
    new Set(shown.map((row) => JSON.stringify(row))),
    new Set([
      JSON.stringify([people[0], id, no, null, 'autumn-"24"', null]),
      JSON.stringify([account.openid(4), null, null, single?.messageId, 'order-4', 'failed:user block']),
      JSON.stringify([people[1], null, null, null, null, null]),
    ]),
  );
  assert.ok(Number(hookId) > 0);
});

test('a receipt that is stored before the answer of its message is told with its campaign all the same, and in order', async () => {
  const hook = await startReceiver();
  const { id: hookId } = await addHook(site, appid, hook.url, 'receipt,follow');
  const person = account.openid(10);
  const id = await push('early', [person]);
  const [row] = await exported(id);
  // The fact comes only after the receipt, as when its flush is behind.
  await site.cli.ok(['webhooks', 'pause', hookId]);
  await pool.query('update facts set kind = 0 where campaign_id = $1 and kind = 5', [id]);
  await tellReceipt(pool, appid, person, row?.msgid ?? '', 'delivered');
  await tellFollows(pool, appid, [[person, 'after']]);
  await pool.query('update facts set kind = 5 where campaign_id = $1 and kind = 0', [id]);
  await site.cli.ok(['webhooks', 'resume', hookId]);
  startNode();
  const items = await until('both are told', async () => hook.taken().length === 2 && hook.taken());
  assert.deepEqual(
    items.map(({ topic, campaignId, key }) => [topic, campaignId ?? null, key ?? null]),
    [
      ['receipt', id, 'early'],
      ['follow', null, null],
    ],
  );
});

test('outcomes are told while their chunk still waits for others, each once, and again when a later fact is stronger', async () => {
  const hook = await startReceiver();
  await addHook(site, appid, hook.url, 'outcome');
  const people = Array.from({ length: 20 }, (_, i) => account.openid(20 + i));
  // Tomorrow there would be no limit.
  await untilDayIsLong();
  // The rest of the chunk waits for tomorrow.
  // All of it, whether the limit is known beforehand or learned from a refusal.
  await pool.query('update accounts set quota_reserve_percent = 0');
  account.setQuota(path, { daily: callsOf(account, path) + 8 });
  const node = startNode();
  await node.printed(/is working/);
  const id = await push('quota', people);
  const told = await until('the first ones are told', async () => {
    const items = hook.taken().filter((item) => item.key === 'quota');
    return items.length === 8 && items;
  });
  assert.ok(told.every((item) => item.topic === 'outcome.accepted' && item.campaignId === id));
  const chunk = await pool.query('select state from chunks where campaign_id = $1', [id]);
  assert.equal(chunk.rows[0]?.state, 'open');

  account.setQuota(path, { daily: 100_000 });
  await pool.query(
    `update api_quotas set daily_limit = 100000, reserved_until = null,
       parked_until = case when parked_until is not null then now() - interval '1 s' end`,
  );
  await until('all are told', async () => hook.taken().filter((item) => item.key === 'quota').length === 20);
  await until('the campaign is done', async () => {
    const found = await pool.query("select 1 from campaigns where id = $1 and state = 'done'", [id]);
    return found.rowCount === 1;
  });
  assert.equal(new Set(hook.taken().map((item) => item.openid)).size, 20);

  // As a node's late fact does it: a refusal that turns out to have been accepted.
  const late = people[5] ?? '';
  await pool.query(
    `with changed as (
       update facts f set kind = 4, errcode = 43004, msgid = null from recipients r
       where f.campaign_id = $1 and r.campaign_id = $1 and r.no = f.no and r.openid = $2 returning f.no)
     update chunks set accepted = accepted - 1, rejected = rejected + 1 where campaign_id = $1`,
    [id, late],
  );
  await until('the change is told', async () => hook.taken().length === 21);
  await pool.query(
    `with added as (
       insert into facts (campaign_id, at, no, epoch, flush_group, attempt, kind)
       select $1, now(), no, 0, 0, 1, 5 from recipients where campaign_id = $1 and openid = $2)
     update chunks set accepted = accepted + 1, rejected = rejected - 1 where campaign_id = $1`,
    [id, late],
  );
  const again = await until(
    'it is told again',
    async () => hook.taken().length === 22 && hook.taken().slice(20),
  );
  assert.deepEqual(
    again.map(({ openid, topic }) => [openid, topic]),
    [
      [late, 'outcome.rejected'],
      [late, 'outcome.accepted'],
    ],
  );
});

test('of whom a webhook is still to be told keeps its recipients and facts, whatever the rules say', async () => {
  const hook = await startReceiver();
  await addHook(site, appid, hook.url, 'receipt,outcome');
  const people = [account.openid(21), account.openid(22)];
  const id = await push('owed', people);
  const old = (days: number) =>
    pool.query(
      `update campaigns set started_at = started_at - make_interval(days => $2), finished_at = finished_at - make_interval(days => $2)
       where id = $1`,
      [id, days],
    );
  const prune = () => site.cli.json(['campaigns', 'prune', '--older-than', '5', '--yes', '--json']);
  const nobody = { campaigns: 0, recipients: 0 };
  await old(40);
  // As if the push had been killed before it told all of its outcomes.
  await pool.query('insert into webhook_outbox (campaign_id, first_no) values ($1, 1)', [id]);
  assert.deepEqual(await prune(), nobody);
  const [first] = await exported(id);
  const node = startNode();
  await until(
    'the outcomes are told',
    async () =>
      hook.taken().length === 2 && (await pool.query('select 1 from webhook_outbox')).rowCount === 0,
  );
  await node.kill('SIGTERM');
  hook.posts.length = 0;
  await tellReceipt(pool, appid, first?.openid ?? '', first?.msgid ?? '', 'delivered');
  // It came when the message was new, and waits since.
  await pool.query(`update webhook_items set created_at = created_at - interval '40 days'`);
  assert.deepEqual(await prune(), nobody);
  startNode();
  const [item] = await until('the receipt is told', async () => {
    const items = hook.taken();
    return items.length === 1 && items;
  });
  assert.deepEqual([item?.campaignId, item?.no, item?.key], [id, first?.no, 'owed']);
  await until('it is free', async () => (await pool.query('select 1 from webhook_items')).rowCount === 0);
  assert.deepEqual(await prune(), { campaigns: 1, recipients: 2 });
});
