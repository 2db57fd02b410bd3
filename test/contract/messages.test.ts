import assert from 'node:assert/strict';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { contractSite, foreign, row } from '../support/contract.ts';
import { until } from '../support/in-time.ts';
import { templateOf } from '../support/wechat.ts';

const site = await contractSite({ kind: 'service', followers: 20 });
const { account } = site;
await syncTemplates(site.app, account.appid);

const message = (no: number) => ({
  ...{ appid: account.appid, channel: 'template', touser: account.openid(no) },
  template_id: templateOf(account, '消息通知'),
  data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
});

async function submitted(no: number): Promise<number> {
  const { body } = await site.call('POST /v1/messages', { body: message(no) });
  return (body as { id: number }).id;
}

row('POST /v1/messages', 'takes a message, and under its key only once', async () => {
  const headers = { 'idempotency-key': 'order-1' };
  const as = await site.key(['message.send'], [account.appid]);
  const first = await site.call('POST /v1/messages', { body: message(1), headers, as });
  assert.equal(first.status, 202, JSON.stringify(first.body));
  const again = await site.call('POST /v1/messages', { body: message(1), headers, as });
  assert.deepEqual(again.body, { ...(first.body as object), isRepeat: true });
});

row('GET /v1/messages/{id}', 'waits for the outcome', async () => {
  const id = await submitted(2);
  const state = await until('it has its outcome', async () => {
    const { body } = await site.call('GET /v1/messages/{id}', { params: { id }, query: { wait: 10_000 } });
    const { state } = body as { state: string };
    return state !== 'waiting' && state;
  });
  assert.equal(state, 'accepted');
});

row('POST /v1/messages', 'tries its ways one after the other, and tells the last', async () => {
  const { appid, touser, channel, ...body } = message(15);
  const channels = [
    { channel: 'kf', msgtype: 'text', text: { content: '您的订单已发货' } },
    { channel, ...body },
  ];
  const { id, message: last } = await site.sent({ appid, touser, channels });
  assert.deepEqual([last.channel, last.state, last.replaces], ['oa-template', 'accepted', id]);
  const both = await site.call('POST /v1/messages', { body: { ...message(15), channels } });
  const none = await site.call('POST /v1/messages', { body: { appid, touser, ...body } });
  const ruleOf = ({ body: problem }: { body: unknown }) =>
    (problem as { fields: { rule: string }[] }).fields[0]?.rule;
  assert.deepEqual([both.status, ruleOf(both)], [400, 'unknown']);
  assert.deepEqual([none.status, ruleOf(none)], [400, 'missing']);
});

row(
  'POST /v1/messages/batch',
  'stores what is right, or nothing, and says in order what became of each',
  async () => {
    const { appid: _appid, ...five } = message(5);
    const six = { ...five, touser: account.openid(6), key: 'batch-6' };
    const wrong = { ...five, touser: 'nobody' };
    const tooLong = { ...six, key: 'batch-7', data: { ...six.data, nothing: 'x' } };
    const send = async (mode: string, messages: unknown[]) =>
      await site.call('POST /v1/messages/batch', { body: { appid: account.appid, mode, messages } });
    const refused = await send('all', [five, wrong, six, tooLong]);
    assert.equal(refused.status, 400);
    const { code, fields } = refused.body as { code: string; fields: { path: string; rule: string }[] };
    assert.equal(code, 'BATCH_REFUSED');
    assert.deepEqual(
      fields.map(({ path, rule }) => [path, rule]),
      [
        ['messages.1', 'MESSAGE_INVALID'],
        ['messages.3', 'DATA_KEY_UNKNOWN'],
      ],
    );
    const under = { appid: account.appid, key: 'batch-6' };
    assert.deepEqual((await site.call('GET /v1/messages', { query: under })).body, { data: [], next: null });
    const { status, body } = await send('valid', [
      five,
      wrong,
      six,
      { ...six, touser: account.openid(7) },
      six,
    ]);
    const answer = body as {
      stored: number;
      refused: number;
      data: { id?: number; error?: { code: string } }[];
    };
    assert.deepEqual([status, answer.stored, answer.refused], [202, 3, 2]);
    assert.deepEqual(
      answer.data.map(({ error }) => error?.code),
      [undefined, 'MESSAGE_INVALID', undefined, 'KEY_REUSED', undefined],
    );
    assert.equal(answer.data[2]?.id, answer.data[4]?.id, 'the same key is the same message');
    const none = await send('all', [{ ...six, touser: account.openid(8) }]);
    assert.deepEqual((none.body as { fields: { rule: string }[] }).fields[0]?.rule, 'KEY_REUSED');
  },
);

row('GET /v1/messages', 'lists those of the accounts that the caller may see, page by page', async () => {
  for (const no of [10, 11, 12]) await submitted(no);
  const touser = account.openid(11);
  const one = await site.call('GET /v1/messages', { query: { appid: account.appid, touser } });
  assert.deepEqual(
    (one.body as { data: { touser: string }[] }).data.map((found) => found.touser),
    [touser],
  );
  const first = (await site.call('GET /v1/messages', { query: { limit: 2 } })).body as {
    data: { id: number }[];
    next: string;
  };
  const second = (await site.call('GET /v1/messages', { query: { limit: 2, cursor: first.next } }))
    .body as typeof first;
  assert.ok((second.data[0]?.id ?? 0) < (first.data[1]?.id ?? 0));
  const as = await site.key(['message.read'], ['wx00000000000000ff']);
  assert.deepEqual((await site.call('GET /v1/messages', { as })).body, { data: [], next: null });
  const bad = await site.call('GET /v1/messages', { query: { cursor: 'x' } });
  assert.equal((bad.body as { code: string }).code, 'CURSOR_INVALID');
});

foreign('GET /v1/messages/{id}', async () => {
  const id = await submitted(3);
  const as = await site.key(['message.read'], ['wx00000000000000ff']);
  return await site.call('GET /v1/messages/{id}', { params: { id }, as });
});
