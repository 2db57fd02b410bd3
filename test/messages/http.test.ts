import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';
import { bodiesOf, templateOf } from '../support/wechat.ts';

const token = 'a'.repeat(32);
const env = { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_API_TOKEN: token };

interface Answer {
  status: number;
  body: Record<string, unknown> & { code?: string; detail?: string };
}

test('a message over HTTP, as the tutorials write it', async (t) => {
  const scene = await makeScene('oa-template');
  const { cli } = scene.site;
  const serve = cli.start(['serve'], { env });
  const url = (await serve.printed(/Listening on (http:\S+)/))[1] ?? '';
  const call = async (
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const answer = await fetch(`${url}/v1/messages${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
    return { status: answer.status, body: { ...((await answer.json()) as object) } };
  };
  const openid = scene.account.openid(0);
  const tutorial = {
    appid: scene.account.appid,
    channel: 'template',
    touser: openid,
    template_id: templateOf(scene.account, '消息通知'),
    url: 'https://example.com/order/1',
    topcolor: '#FF0000',
    data: {
      keyword1: { value: '标题', color: '#173177' },
      keyword2: { value: '内容' },
      keyword3: '2026-11-22',
    },
  };

  await t.test('is answered with 202 and its id, and with the outcome when that is wanted', async () => {
    const plain = await call('', tutorial, { 'idempotency-key': 'order-1' });
    assert.equal(plain.status, 202);
    assert.deepEqual(Object.keys(plain.body), ['id', 'isRepeat']);
    const waited = await call('', { ...tutorial, touser: scene.account.openid(1), wait: 10_000 });
    assert.equal(waited.status, 202);
    const { message } = waited.body;
    assert.ok(typeof message === 'object' && message !== null && 'state' in message && 'msgid' in message);
    assert.equal(message.state, 'accepted');
    assert.match(String(message.msgid), /^\d+$/);
    const settled = await call(`/${plain.body.id}?wait=10000`);
    assert.equal(settled.status, 200);
    assert.equal(settled.body.state, 'accepted');
    assert.equal(settled.body.touser, openid);
    const [body] = bodiesOf(scene.account, openid);
    const { client_msg_id: clientMsgId, ...rest } = body ?? {};
    assert.match(String(clientMsgId), /^[\w-]{22}$/);
    const { appid: _appid, channel: _channel, ...wire } = tutorial;
    assert.deepEqual(rest, { ...wire, data: { ...tutorial.data, keyword3: { value: '2026-11-22' } } });
  });

  await t.test(
    'is refused when a field of ours is spelled otherwise: it would go to WeChat and have no effect',
    async () => {
      for (const [name, right] of [
        ['valid_until', 'validUntil'],
        ['includenocredit', 'includeNoCredit'],
        ['openid', 'touser'],
        ['templateId', 'template_id'],
      ] as const) {
        const { status, body } = await call('', { ...tutorial, [name]: 'x' });
        assert.equal(status, 400, name);
        assert.match(body.detail ?? '', new RegExp(`${name}: there is no such field; it is ${right}`));
      }
    },
  );

  await t.test('is sent once under one key, and another message under it is refused', async () => {
    const again = await call('', { ...tutorial, key: 'order-1' });
    assert.deepEqual([again.status, again.body.isRepeat], [202, true]);
    const other = await call(
      '',
      { ...tutorial, url: 'https://example.com/order/2' },
      { 'idempotency-key': 'order-1' },
    );
    assert.deepEqual([other.status, other.body.code], [409, 'KEY_REUSED']);
    const both = await call('', { ...tutorial, key: 'a' }, { 'idempotency-key': 'b' });
    assert.deepEqual([both.status, both.body.code], [400, 'KEY_INVALID']);
    assert.equal(scene.received(1), 1);
  });

  await t.test('is refused with a reason when it cannot be sent', async () => {
    const { keyword3: _missing, ...data } = tutorial.data;
    const refusals: [unknown, number, string][] = [
      [{ ...tutorial, appid: 'wx0000000000000000' }, 404, 'ACCOUNT_NOT_FOUND'],
      [{ ...tutorial, channel: 'pigeon' }, 400, 'CHANNEL_UNKNOWN'],
      [{ ...tutorial, touser: 'me' }, 400, 'MESSAGE_INVALID'],
      [{ ...tutorial, template_id: 'x'.repeat(43) }, 404, 'TEMPLATE_NOT_FOUND'],
      [{ ...tutorial, template_id: '\u0000' }, 400, 'REQUEST_INVALID'],
      [{ ...tutorial, data }, 400, 'DATA_KEY_MISSING'],
      [{ ...tutorial, data: JSON.stringify(tutorial.data) }, 400, 'MESSAGE_INVALID'],
      [{ ...tutorial, data: { ...tutorial.data, keyword1: {} } }, 400, 'MESSAGE_INVALID'],
      [{ ...tutorial, client_msg_id: 'mine' }, 400, 'MESSAGE_INVALID'],
      [{ ...tutorial, key: 'two words' }, 400, 'KEY_INVALID'],
      [{ ...tutorial, wait: 60_000 }, 400, 'REQUEST_INVALID'],
      [{ ...tutorial, url: 'x'.repeat(40_000) }, 400, 'MESSAGE_INVALID'],
      [{ channel: 'template' }, 400, 'REQUEST_INVALID'],
    ];
    const calls = scene.calls;
    for (const [body, status, code] of refusals) {
      const answer = await call('', body);
      assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(answer.body));
    }
    assert.equal(scene.calls, calls);
    assert.equal((await call('/999999')).body.code, 'MESSAGE_NOT_FOUND');
    assert.equal((await call('/nonsense')).body.code, 'REQUEST_INVALID');
  });

  await t.test(
    'text that WeChat alone could refuse is sent as it is: quotes, braces, emoji, a rare character',
    async () => {
      const value = '"{{name}}" \\ \u0001 🎉 𠮷';
      const person = scene.account.openid(5);
      const sent = await call('', {
        ...tutorial,
        touser: person,
        data: { ...tutorial.data, keyword1: { value } },
        wait: 10_000,
      });
      assert.equal(sent.status, 202, JSON.stringify(sent.body));
      await until('it arrived', async () => bodiesOf(scene.account, person).length === 1);
      const [body] = bodiesOf(scene.account, person);
      assert.deepEqual(body?.data, {
        ...tutorial.data,
        keyword1: { value },
        keyword3: { value: '2026-11-22' },
      });
    },
  );

  await t.test('`hongyan send` leaves it to the running node, and `messages` shows it', async () => {
    const options = [
      '--account',
      tutorial.appid,
      '--channel',
      'template',
      '--template',
      tutorial.template_id,
    ];
    const data = ['--data', 'keyword1=标题', '--data', 'keyword2=内容', '--data', 'keyword3=2026-11-22'];
    const args = ['send', ...options, ...data, '--to', scene.account.openid(7), '--key', 'order-7', '--wait'];
    const sent = await cli.json([...args, '--json']);
    assert.deepEqual([sent.state, sent.isRepeat], ['accepted', false]);
    assert.match(await cli.ok(args), /already|before/);
    assert.match(await cli.ok(['messages', 'show', String(sent.id)]), /accepted by WeChat/);
    assert.match(await cli.ok(['messages', 'list']), /order-7/);
    assert.match(await cli.fails(1, ['messages', 'show', '999999']), /MESSAGE_NOT_FOUND/);
    const variable = [...args.slice(0, -5), '--data', 'keyword4={{name}}', '--to', openid];
    assert.match(await cli.fails(2, variable), /\{\{name\}\}/);
    assert.equal(scene.received(8), 1);
  });

  assert.equal((await serve.kill('SIGTERM')).code, 0);

  await t.test('without a running node `hongyan send` sends it itself', async () => {
    const options = [
      '--account',
      tutorial.appid,
      '--channel',
      'template',
      '--template',
      tutorial.template_id,
    ];
    const data = ['--data', 'keyword1=标题', '--data', 'keyword2=内容', '--data', 'keyword3=2026-11-22'];
    const sent = await cli.json(['send', ...options, ...data, '--to', scene.account.openid(8), '--json']);
    assert.equal(sent.state, 'accepted');
    const refused = await cli.run(['send', ...options, ...data, '--to', 'o'.padEnd(28, 'x')]);
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /40003/);
  });
});
