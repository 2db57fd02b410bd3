/** A key belongs to one campaign: a repeat of the same shows it, anything else under it is refused. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { type CampaignRequest, prepareCampaign } from '../../src/engine/campaigns/campaigns.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { findCampaignByKey } from '../../src/store/campaigns/campaigns.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { manualClock } from '../support/manual-clock.ts';
import { received, startWechat, templateOf } from '../support/wechat.ts';

const site = await makeSite();
const { cli } = site;
const { pool } = site.store;
const wechat = await startWechat({
  kind: 'service',
  followers: 100,
  tags: [{ name: 'vip', share: 0.1 }],
});
const account = wechat.account();
const appid = await site.add(wechat, account);
const template = templateOf(account, '消息通知');
const other = account.templates().find((one) => one.template_id !== template && one.family === 'oa');
const people = [0, 1, 2].map((i) => account.openid(i));
const [one = '', two = '', three = ''] = people;

const data = ['--data', 'keyword1=标题', '--data', 'keyword2={{name}}', '--data', 'keyword3=今天'];
const base = ['push', '--account', appid, '--channel', 'template'];
const finish = ['--yes', '--wait', '--json'];

const clients = new AccountClients({ store: site.store, logger: silentLogger });
const deps = { store: site.store, clients, logger: silentLogger };
after(() => clients.close());

let list = '';
let leftOut = '';
before(async () => {
  await cli.ok(['followers', 'sync', appid]);
  list = await site.file('list.csv', `openid,name,note\n${one},王小明,a\n${two},李雷,b\n${three},韩梅梅,c\n`);
  leftOut = await site.file('left-out.csv', `openid\n${account.openid(50)}\n`);
});

test('the same under the same key is a repeat, however it is written, and says so', async () => {
  const push = [...base, '--template', template, ...data, '--to', `@${list}`, '--key', 'order-1'];
  const first = await cli.json([...push, ...finish]);
  assert.equal(first.accepted, 3);
  const again = await cli.json([...push, ...finish]);
  assert.deepEqual([again.existing, again.campaign], [true, first.campaign]);
  assert.match(
    await cli.ok([...push, '--yes']),
    new RegExp(`A repeat: the key "order-1" was used for the same, campaign ${first.campaign} \\(done\\)`),
  );
  assert.match(
    await cli.ok(['--lang', 'zh', ...push, '--yes']),
    new RegExp(`重复运行：幂等键“order-1”已用于内容相同的推送任务 ${first.campaign}`),
  );

  // Other order of fields and rows, another path, another column that the message does not use, the body as a file.
  const moved = await site.file(
    'moved.csv',
    `name,openid,note\n李雷,${two},x\n王小明,${one},y\n韩梅梅,${three},z\n`,
  );
  const body = await site.file(
    'body.json',
    JSON.stringify({
      data: { keyword3: '今天', keyword2: { value: '{{name}}' }, keyword1: '标题' },
      template_id: template,
    }),
  );
  const rewritten = [...base, '--message', `@${body}`, '--to', `@${moved}`, '--key', 'order-1', ...finish];
  const same = await cli.json(rewritten);
  assert.deepEqual([same.existing, same.campaign], [true, first.campaign]);
  assert.deepEqual([...(await received(wechat, appid)).values()], [1, 1, 1]);
});

test('anything else under a used key is refused, naming what differs, and sends to nobody', async () => {
  account.clearReceived();
  const push = (
    changes: { template?: string; data?: string[]; to?: string; more?: string[] } = {},
  ): string[] => [
    ...[...base, '--template', changes.template ?? template, ...(changes.data ?? data)],
    ...['--to', changes.to ?? `@${list}`, '--key', 'order-1', ...(changes.more ?? [])],
  ];
  const renamed = await site.file(
    'renamed.csv',
    `openid,name,note\n${one},王大明,a\n${two},李雷,b\n${three},韩梅梅,c\n`,
  );
  const longer = await site.file(
    'longer.csv',
    `openid,name\n${one},王小明\n${two},李雷\n${three},韩梅梅\n${account.openid(9)},新人\n`,
  );
  const otherData = [...data.slice(0, 4), '--data', 'keyword3=明天'];
  const plain = [...data.slice(0, 2), '--data', 'keyword2=x', ...data.slice(4)];
  assert.ok(other);
  for (const [args, parts] of [
    [push({ template: other.template_id }), 'message'],
    [push({ data: otherData }), 'message'],
    [push({ more: ['--url', 'https://example.com'] }), 'message'],
    [push({ to: `@${renamed}` }), 'recipients'],
    [push({ to: `@${longer}` }), 'recipients'],
    [push({ data: plain, to: 'all' }), 'message, recipients, options'],
    [push({ more: ['--exclude', 'tag:100'] }), 'exclusions'],
    [push({ more: ['--exclude', `@${leftOut}`] }), 'exclusions'],
    [push({ more: ['--dedupe', 'none'] }), 'options'],
    [push({ more: ['--on-invalid', 'reject'] }), 'options'],
    [push({ more: ['--include-no-credit'] }), 'options'],
    [push({ more: ['--at', '2099-01-01 09:00'] }), 'options'],
    [push({ more: ['--valid-until', '2099-01-01 09:00'] }), 'options'],
  ] as const) {
    const error = await cli.fails(1, [...args, ...finish]);
    assert.match(
      error,
      new RegExp(`belongs to the campaign \\d+, which has other ${parts};.*\\[KEY_REUSED\\]`, 's'),
    );
  }
  // A dry run looks at the same, and so does a resend.
  assert.match(await cli.fails(1, [...push({ data: otherData }), '--dry-run']), /KEY_REUSED/);
  const { campaign } = await cli.json([...push(), ...finish]);
  const resend = ['campaigns', 'resend', String(campaign), '--what', 'failed', '--key', 'order-1', '--yes'];
  assert.match(await cli.fails(1, resend), /has other recipients, options;.*\[KEY_REUSED\]/s);
  assert.equal((await received(wechat, appid)).size, 0);
});

test('files that are left out belong to it by what they hold', async () => {
  const push = [...base, '--template', template, ...data, '--to', `@${list}`, '--key', 'order-2'];
  await cli.json([...push, '--exclude', `@${leftOut}`, '--exclude', 'tag:100', ...finish]);
  const copy = await site.file('copy.csv', `openid\n${account.openid(50)}\n`);
  const again = await cli.json([...push, '--exclude', 'tag:100', '--exclude', `@${copy}`, ...finish]);
  assert.equal(again.existing, true);
  const more = await site.file('left-out.csv', `openid\n${account.openid(50)}\n${one}\n`);
  const changed = [...push, '--exclude', `@${more}`, '--exclude', 'tag:100', ...finish];
  assert.match(await cli.fails(1, changed), /has other exclusions;.*\[KEY_REUSED\]/s);
});

test('a resend under a key is one resend', async () => {
  const { campaign } = await cli.json([
    ...[...base, '--template', template, ...data, '--to', `@${list}`, '--again', ...finish],
  ]);
  account.clearReceived();
  await pool.query('update facts set kind = 4, errcode = 43004 where campaign_id = $1', [campaign]);
  await pool.query('update chunks set rejected = accepted, accepted = 0 where campaign_id = $1', [campaign]);
  const resend = ['campaigns', 'resend', String(campaign), '--key', 'again-1', ...finish, '--what'];
  const first = await cli.json([...resend, 'failed', 'unsent']);
  assert.equal(first.accepted, 3);
  const again = await cli.json([...resend, 'unsent', 'failed']);
  assert.deepEqual([again.existing, again.campaign], [true, first.campaign]);
  assert.match(await cli.fails(1, [...resend, 'unknown']), /has other recipients;.*\[KEY_REUSED\]/s);
  assert.deepEqual([...(await received(wechat, appid)).values()], [1, 1, 1]);

  // One whose process ended while its people were being gathered is never sent as it is.
  await pool.query("update campaigns set state = 'staging', started_at = null where key = 'again-1'");
  assert.match(await cli.fails(1, [...resend, 'unsent', 'failed']), /\[CAMPAIGN_UNFINISHED\]/);
});

function request(key: string, changes: Partial<CampaignRequest> = {}): CampaignRequest {
  const fields = { keyword1: '标题', keyword2: '内容', keyword3: '今天' };
  return {
    ...{ appid, channel: 'template', message: { parts: { templateId: template, data: fields } } },
    ...{ audience: { kind: 'all' }, audienceName: 'all', columns: null, onInvalid: 'skip', key, lang: 'en' },
    ...changes,
  };
}

test('of two that take a key at once, one has it, and the other is told what it is', async () => {
  const made = await prepareCampaign(deps, request('race'));
  assert.equal(made.kind, 'created');
  // The winner's row is there and not committed when the losers look for the key; their inserts wait for it.
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ count: number }>(
      "with gone as (update campaigns set key = null where key = 'race' returning *) select count(*) from gone",
    );
    assert.equal(Number(rows[0]?.count), 1);
    await client.query('commit');
    await client.query('begin');
    await client.query(
      `insert into campaigns (appid, channel, state, key, fingerprint, template_id, audience, message, variables, dedupe, on_invalid, content)
       select appid, channel, state, 'race', fingerprint, template_id, audience, message, variables, dedupe, on_invalid, content
       from campaigns where id = $1`,
      [made.kind === 'created' ? made.campaign.id : 0],
    );
    const losers = Promise.allSettled([
      prepareCampaign(deps, request('race')),
      prepareCampaign(deps, request('race', { onInvalid: 'reject' })),
    ]);
    await until('both wait for the row', async () => {
      // Not by the connection in the transaction, which sees the others as they were when it began.
      const waiting = await pool.query(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into campaigns%' and datname = current_database()",
      );
      return waiting.rows.length === 2;
    });
    await client.query('commit');
    const [same, different] = await losers;
    const winner = await findCampaignByKey(pool, appid, 'race');
    assert.ok(same?.status === 'fulfilled' && same.value.kind === 'existing');
    assert.equal(same.value.campaign.id, winner?.id);
    assert.equal(different?.status === 'rejected' && different.reason.code, 'KEY_REUSED');
  } finally {
    client.release();
  }
});

test('a repeat needs neither its template nor a time that is still to come', async () => {
  const at = '2026-01-01T09:00:00+08:00';
  const clock = manualClock(Date.parse('2026-01-01T08:00:00+08:00'));
  const made = await prepareCampaign({ ...deps, clock }, request('over', { startAt: new Date(at) }));
  assert.ok(made.kind === 'created');
  await pool.query(
    "update campaigns set state = 'done', started_at = start_at, finished_at = start_at where id = $1",
    [made.campaign.id],
  );
  const fields = ['--data', 'keyword1=标题', '--data', 'keyword2=内容', '--data', 'keyword3=今天'];
  const push = [...base, '--template', template, ...fields, '--to', 'all', '--at', at];
  assert.match(await cli.fails(2, [...push, '--key', 'new', ...finish]), /--at .* is over/);
  await pool.query('delete from templates where appid = $1', [appid]);
  account.removeTemplate(template);
  const again = await cli.json([...push, '--key', 'over', ...finish]);
  assert.deepEqual([again.existing, again.campaign], [true, made.campaign.id]);
});
