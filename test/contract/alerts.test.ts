import assert from 'node:assert/strict';
import { permissions } from '../../src/contract/permissions.ts';
import { startRobot } from '../support/alerts/stand-ins.ts';
import { until } from '../support/cli.ts';
import { contractSite, foreign, row } from '../support/contract.ts';
import { startReceiver } from '../support/webhooks.ts';

const site = await contractSite();
const { pool } = site.store;
const { appid } = site.account;
const stranger = await site.key(permissions, ['wx00000000000000ff']);
const own = await site.key(permissions, [appid]);

interface Channel {
  id: number;
  host: string;
  state: string;
  secret: string | null;
  appids: string[] | null;
  lastError: string | null;
}

const robot = await startRobot('dingtalk', { signs: true, keyword: true });
const { url, secret, keyword } = robot.target as { url: string; secret: string; keyword: string }; // of its kind
const body = { kind: 'dingtalk', url, secret, keyword, name: '值班群', appids: [appid] };

async function add(given: Record<string, unknown> = body, as?: string): Promise<Channel> {
  const answer = await site.call('POST /v1/alerts', { body: given, ...(as === undefined ? {} : { as }) });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body as Channel; // compared with its row by `call`
}

const { id } = await add();
const params = { id };
const codeOf = (answer: { status: number; body: unknown }) => [
  answer.status,
  (answer.body as { code?: string }).code, // a problem has one
];

row(
  'POST /v1/alerts',
  'adds one, and shows no more of it than the host; a webhook’s secret once',
  async () => {
    const shown = JSON.stringify((await site.call('GET /v1/alerts')).body);
    assert.ok(!shown.includes('token-of-the-group') && !shown.includes(secret));
    const hook = await startReceiver();
    const made = await add({ kind: 'webhook', url: hook.url });
    assert.match(String(made.secret), /^whsec_/);
    assert.equal(made.appids, null);
    await site.call('DELETE /v1/alerts/{id}', { params: { id: made.id } });
    const mail = { kind: 'email', host: 'smtp.example.com', from: 'a@example.com', to: ['b@example.com'] };
    const sent = await add(mail);
    assert.equal(sent.host, 'smtp.example.com:465');
    await site.call('DELETE /v1/alerts/{id}', { params: { id: sent.id } });
    for (const [given, code] of [
      [{ ...body, url: 'https://10.0.0.1/robot/send?access_token=1' }, 'WEBHOOK_ADDRESS_REFUSED'],
      [{ ...body, url: 'https://oapi.dingtalk.com/robot/send' }, 'ALERT_TARGET_INVALID'],
      [{ ...body, kind: 'wecom' }, 'REQUEST_INVALID'],
      [{ ...mail, to: ['b@example.com\r\nBcc: c@example.com'] }, 'ALERT_TARGET_INVALID'],
      [{ ...mail, user: 'a' }, 'ALERT_TARGET_INVALID'],
      [{ ...body, appids: ['wx00000000000000ee'] }, 'ACCOUNT_NOT_FOUND'],
    ] as const) {
      const answer = await site.call('POST /v1/alerts', { body: given });
      assert.equal(codeOf(answer)[1], code, JSON.stringify(answer.body));
    }
    assert.equal((await pool.query('select 1 from alert_channels')).rowCount, 1);
    const { rows } = await pool.query<{ row: string }>(
      `select a::text as row from audit a where action = 'alerts.add' and outcome = 'done' order by id limit 1`,
    );
    assert.match(rows[0]?.row ?? '', /dingtalk/);
    assert.doesNotMatch(rows[0]?.row ?? '', /token-of-the-group|this is secret/);
  },
);
foreign('POST /v1/alerts', () => site.call('POST /v1/alerts', { body, as: stranger }));

row('GET /v1/alerts', 'lists page by page; who is limited to accounts sees theirs alone', async () => {
  const more = [await add(), await add({ ...body, appids: null })];
  const seen: number[] = [];
  for (let cursor: string | null = null; ; ) {
    const query = { limit: 2, ...(cursor === null ? {} : { cursor }) };
    const answer = (await site.call('GET /v1/alerts', { query })).body as {
      data: Channel[];
      next: string | null;
    };
    seen.push(...answer.data.map((one) => one.id));
    cursor = answer.next;
    if (cursor === null) break;
  }
  assert.deepEqual(seen, [id, ...more.map((one) => one.id)]);
  const theirs = async (as: string) =>
    ((await site.call('GET /v1/alerts', { as })).body as { data: Channel[] }).data.map((one) => one.id);
  assert.deepEqual(await theirs(own), [id, more[0]?.id]);
  assert.deepEqual(await theirs(stranger), []);
  const all = { params: { id: more[1]?.id ?? 0 }, as: own };
  assert.deepEqual(codeOf(await site.call('GET /v1/alerts/{id}', all)), [403, 'FORBIDDEN']);
  assert.deepEqual(codeOf(await site.call('POST /v1/alerts', { body: { ...body, appids: null }, as: own })), [
    403,
    'FORBIDDEN',
  ]);
  for (const one of more) await site.call('DELETE /v1/alerts/{id}', { params: { id: one.id } });
});

row('GET /v1/alerts/{id}', 'shows one', async () => {
  assert.equal(
    ((await site.call('GET /v1/alerts/{id}', { params })).body as Channel).host,
    new URL(url).host,
  );
  const gone = await site.call('GET /v1/alerts/{id}', { params: { id: 99 } });
  assert.deepEqual(codeOf(gone), [404, 'ALERT_CHANNEL_NOT_FOUND']);
});
foreign('GET /v1/alerts/{id}', () => site.call('GET /v1/alerts/{id}', { params, as: stranger }));

row('POST /v1/alerts/{id}/test', 'sends a test, and says what was answered otherwise', async () => {
  const { status } = await site.call('POST /v1/alerts/{id}/test', { params });
  assert.equal(status, 200);
  assert.match(robot.texts.at(-1) ?? '', /告警渠道测试/);
  const wrong = await add({ ...body, secret: 'another' });
  const failed = await site.call('POST /v1/alerts/{id}/test', { params: { id: wrong.id } });
  assert.deepEqual(codeOf(failed), [502, 'ALERT_FAILED']);
  assert.match(JSON.stringify(failed.body), /310000 sign not match/);
  await site.call('DELETE /v1/alerts/{id}', { params: { id: wrong.id } });
});
foreign('POST /v1/alerts/{id}/test', () => site.call('POST /v1/alerts/{id}/test', { params, as: stranger }));

row('PUT /v1/alerts/{id}/state', 'pauses one, which is told nothing then, and uses it again', async () => {
  const set = async (state: string) =>
    (await site.call('PUT /v1/alerts/{id}/state', { params, body: { state } })).body;
  assert.deepEqual(await set('paused'), { changed: true });
  assert.deepEqual(await set('paused'), { changed: false });
  assert.deepEqual(await set('active'), { changed: true });
});
foreign('PUT /v1/alerts/{id}/state', () =>
  site.call('PUT /v1/alerts/{id}/state', { params, body: { state: 'paused' }, as: stranger }),
);

row(
  'GET /v1/incidents',
  'lists what is wrong and what was, in the reader’s language, with who was told',
  async () => {
    await pool.query(
      `insert into campaigns (appid, channel, state, state_reason, fingerprint, audience, message, variables, dedupe, on_invalid, finished_at)
     values ($1, 'oa-template', 'failed', 'nobody', '', '{}', '{}', '{}', 'openid', 'skip', clock_timestamp())`,
      [appid],
    );
    await pool.query(
      `insert into incidents (kind, subject, details, state, opened_at)
     values ('disk-low', '', '{"free": 10, "total": 1000}', 'open', clock_timestamp())`,
    );
    interface Found {
      id: number;
      kind: string;
      title: string;
      why: string;
      path: string;
      state: string;
      tellings: { state: string; what: string; channelId: number }[];
    }
    const list = async (sent: Parameters<typeof site.call>[1] = {}) =>
      (await site.call('GET /v1/incidents', sent)).body as { data: Found[]; lookedAt: string | null };
    await pool.query(`update alert_channels set next_at = steady_now()`);
    const failed = await until('the robot was told', async () => {
      const { data } = await list({ headers: { 'accept-language': 'zh-CN' } });
      const one = data.find(({ kind }) => kind === 'campaign-failed');
      return one?.tellings[0]?.state === 'told' && one;
    });
    assert.deepEqual(
      failed.tellings.map(({ channelId, what }) => [channelId, what]),
      [[id, 'opened']],
    );
    assert.match(failed.title, /^推送任务 \d+ 失败$/);
    assert.equal(failed.why, '原因：没有可推送的接收人');
    assert.match(failed.path, /^\/campaigns\/\d+$/);
    assert.match(robot.texts.join('\n'), new RegExp(failed.title));
    const english = await list({ headers: { 'accept-language': 'en' } });
    assert.match(english.data.find((one) => one.id === failed.id)?.title ?? '', /^Campaign \d+ failed$/);
    assert.ok(english.lookedAt !== null);
    const kindsOf = async (as: string) => (await list({ as })).data.map(({ kind }) => kind);
    assert.deepEqual(await kindsOf(own), ['campaign-failed'], 'the disk is not theirs');
    assert.deepEqual(await kindsOf(stranger), []);
    const viewer = await site.key(['account.read']);
    assert.deepEqual(await kindsOf(viewer), ['campaign-failed'], 'nor of one who may not see nodes');
    const ended = await list({ query: { state: 'ended' } });
    assert.ok(ended.data.every(({ state }) => state === 'ended'));
    const first = await list({ query: { limit: 1 } });
    assert.equal(first.data.length, 1);
  },
);

foreign('DELETE /v1/alerts/{id}', () => site.call('DELETE /v1/alerts/{id}', { params, as: stranger }));
row('DELETE /v1/alerts/{id}', 'removes one', async () => {
  assert.equal((await site.call('DELETE /v1/alerts/{id}', { params })).status, 204);
  assert.equal((await site.call('DELETE /v1/alerts/{id}', { params })).status, 404);
});
