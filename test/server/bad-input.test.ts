import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { until } from '../support/cli.ts';
import { adminKey, contractSite } from '../support/contract.ts';

const site = await contractSite();

interface Answered {
  status: number;
  body: { code: string; detail: string; fields?: { in: string; path: string; rule: string }[] };
}

async function post(body: string | Uint8Array<ArrayBuffer>, type = 'application/json'): Promise<Answered> {
  const answer = await fetch(`${site.url}/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': type },
    body,
  });
  return { status: answer.status, body: (await answer.json()) as Answered['body'] };
}

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

test('a body that cannot be read is refused, and where it is wrong is said', async () => {
  for (const [body, code, status, detail] of [
    ['', 'REQUEST_INVALID', 400, /the body is empty/],
    ['{"name": "a",\n  "permissions": [', 'REQUEST_INVALID', 400, /ends in the middle, at line 2, column 19/],
    ['{"name": "a', 'REQUEST_INVALID', 400, /ends in the middle, at line 1, column 12/],
    ['{"name": "a",\n oops}', 'REQUEST_INVALID', 400, /not JSON: line 2, column 2/],
    [new Uint8Array([0x22, 0xff, 0x22]), 'REQUEST_INVALID', 400, /not UTF-8/],
    [nested(200_000).slice(0, 900_000), 'REQUEST_INVALID', 400, /ends in the middle|nested deeper/],
    [nested(40), 'REQUEST_INVALID', 400, /a\.a\.a.*nested deeper than 32 levels/],
    ['{"name": "a\\u0000b", "permissions": []}', 'REQUEST_INVALID', 400, /name: holds the character NUL/],
    ['{"__proto__": {"x": 1}}', 'REQUEST_INVALID', 400, /__proto__: may not have this name/],
    [`"${'a'.repeat(1024 * 1024)}"`, 'BODY_TOO_LARGE', 413, /1,048,576 bytes/],
    ['[]', 'REQUEST_INVALID', 400, /is array and must be object/],
    ['null', 'REQUEST_INVALID', 400, /is null and must be object/],
  ] as const) {
    const answer = await post(body);
    const shown = JSON.stringify(answer.body).slice(0, 400);
    assert.deepEqual([answer.status, answer.body.code], [status, code], shown);
    assert.match(answer.body.detail, detail, shown);
  }
  const form = await post('name=a', 'application/x-www-form-urlencoded');
  assert.deepEqual([form.status, form.body.code], [415, 'BODY_TYPE_UNSUPPORTED']);
});

test('a field that is not there is named with the right one beside it', async () => {
  const { body } = await post(
    JSON.stringify({ nmae: 'a', permisions: ['node.read'], rate_per_s: 5, zebra: 1 }),
  );
  const found = Object.fromEntries((body.fields ?? []).map((field) => [field.path, field]));
  assert.match(JSON.stringify(found.nmae), /it is name/);
  assert.match(JSON.stringify(found.permisions), /it is permissions/);
  assert.match(JSON.stringify(found.rate_per_s), /it is ratePerS/);
  assert.deepEqual(found.zebra?.rule, 'unknown');
  assert.doesNotMatch(JSON.stringify(found.zebra), /it is/);
  assert.deepEqual([found.name?.rule, found.permissions?.rule], ['missing', 'missing']);
});

test('a field of a message that is spelt in another way is not sent along: the right one is named', async () => {
  const answer = await site.call('POST /v1/messages', {
    body: {
      ...{ appid: 'wx00000000000000aa', channel: 'oa-template', touser: 'o' },
      ...{ openid: 'o', templateId: 't', client_msg_id: 'mine' },
    },
  });
  const { fields } = answer.body as { fields: { path: string; rule: string; message: string }[] };
  const told = fields.map(({ path, rule, message }) => `${path} ${rule}: ${message}`);
  assert.match(told.join('\n'), /^openid unknown: .*it is touser$/m);
  assert.match(told.join('\n'), /^templateId unknown: .*it is template_id$/m);
  assert.doesNotMatch(told.join('\n'), /client_msg_id/);
});

test('a query and a path are judged like a body', async () => {
  const asked = await site.call('GET /v1/keys', { query: { limit: 0, curser: 'x' } });
  const { fields } = asked.body as Answered['body'];
  assert.deepEqual(
    fields?.map(({ in: part, path, rule }) => `${part} ${path} ${rule}`),
    ['query limit min', 'query curser unknown'],
  );
  const nul = await fetch(`${site.url}/v1/keys/a%00b`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${adminKey}` },
  });
  assert.equal(nul.status, 400);
});

test('words are in the language that is wanted most', async () => {
  for (const [accept, pattern] of [
    ['zh-CN,zh;q=0.9,en;q=0.8', /缺少/],
    ['fr,en;q=0.5,zh;q=0.7', /缺少/],
    ['en,zh;q=0.9', /is missing/],
    ['zh;q=0,en;q=0.1', /is missing/],
    ['de', /is missing/],
  ] as const) {
    const answer = await fetch(`${site.url}/v1/keys`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${adminKey}`,
        'content-type': 'application/json',
        'accept-language': accept,
      },
      body: '{}',
    });
    assert.match(await answer.text(), pattern, accept);
  }
});

test('the body of somebody unknown is not read', async () => {
  const socket = connect(Number(new URL(site.url).port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  // A million bytes are announced and never sent.
  socket.write(
    'POST /v1/keys HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n',
  );
  await until('it is refused', async () => answer.includes('UNAUTHORIZED'));
  assert.match(answer, /^HTTP\/1\.1 401 /);
  socket.destroy();
});

test('a request id of the caller comes back, and one that cannot be printed does not', async () => {
  const id = async (given: string): Promise<string | null> =>
    (await fetch(`${site.url}/healthz`, { headers: { 'x-request-id': given } })).headers.get('x-request-id');
  assert.equal(await id('order-1024'), 'order-1024');
  assert.match((await id('a b<script>')) ?? '', /^[0-9a-f-]{36}$/);
});
