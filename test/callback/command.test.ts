import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { findCallback } from '../../src/store/events/callbacks.ts';
import { makeCallbackSite } from '../support/callback/site.ts';
import { makeEvent, makePush, send } from '../support/push.ts';

const site = await makeCallbackSite();
const { cli, url } = site;
const { pool, sealer } = site.store;
const { appid } = await site.account('service');
const mini = await site.account('miniprogram');

test('config makes keys, keeps them, and says first what WeChat switches off', async () => {
  assert.match(await cli.ok(['callback', 'remove', appid]), /No more pushes/);
  const config = ['callback', 'config', appid];
  // A look makes nothing: reports would speak of receipts from then on.
  assert.match(await cli.fails(1, config), /CALLBACK_NOT_SET\]\n.*callback config \w+ --url/);
  assert.equal(await findCallback(pool, sealer, appid), null);
  const text = await cli.ok([...config, '--url', 'https://push.example.com/']);
  assert.match(text, /^First: switching on 服务器配置 .*automatic replies and the custom menu/);
  assert.match(text, /The way back: press "停用"/);
  assert.match(text, new RegExp(`服务器地址\\(URL\\) +https://push\\.example\\.com/callback/${appid}\\n`));
  assert.match(text, /消息加解密方式 +安全模式\n +数据格式 +XML\n/);
  const token = /令牌\(Token\) +([A-Za-z0-9]{32})\n/.exec(text)?.[1];
  const key = /消息加解密密钥\(EncodingAESKey\) +([A-Za-z0-9]{43})\n/.exec(text)?.[1];
  assert.ok(token !== undefined && key !== undefined, text);
  assert.equal(await cli.ok(config), text, 'asking again changes nothing');
  assert.match(await cli.ok(['--lang', 'zh', ...config]), /^请先了解：启用服务器配置后/);

  const rotated = await cli.json([
    ...config,
    '--rotate-key',
    '--forward-to-file',
    await site.file('forward', 'http://10.0.0.5/wx?key=s3cret'),
    '--json',
  ]);
  assert.equal(rotated.token, token);
  assert.notEqual(rotated.encodingAesKey, key);
  const stored = await findCallback(pool, sealer, appid);
  assert.deepEqual([stored?.previousAesKey, stored?.forwardTo], [key, 'http://10.0.0.5/wx?key=s3cret']);
  assert.doesNotMatch(await cli.ok([...config, '--exclusive']), /s3cret/);
  assert.equal((await findCallback(pool, sealer, appid))?.exclusive, true);
  const { rows } = await pool.query<{ row: string }>('select c::text as row from account_callbacks c');
  for (const secret of [token, key, 's3cret']) assert.ok(!JSON.stringify(rows).includes(secret));
});

test('config takes the keys of an existing server from files', async () => {
  const config = ['callback', 'config', mini.appid, '--json'];
  const token = await site.file('token', 'ExistingToken1\n');
  const key = await site.file('key', `${'k'.repeat(43)}\n`);
  const made = await cli.json([...config, '--token-file', token, '--aes-key-file', key]);
  assert.deepEqual(
    [made.token, made.encodingAesKey, made.format],
    ['ExistingToken1', 'k'.repeat(43), 'json'],
  );
  assert.match(await cli.fails(2, [...config, '--token-file', key]), /3 to 32 letters and digits/);
});

test('config without a change leaves the stored row as it is, secrets given once more included', async () => {
  const config = ['callback', 'config', appid];
  const row = async (): Promise<Record<string, unknown>> =>
    (await pool.query('select xmin::text, c.* from account_callbacks c where appid = $1', [appid])).rows[0];
  const options = ['--forward-to', 'http://10.0.0.5/wx', '--unsigned-from', '10.0.0.1/24', '--exclusive'];
  const text = await cli.ok([...config, ...options]);
  const before = await row();
  const { token, encodingAesKey } = await cli.json([...config, '--json']);
  const [tokenFile, keyFile] = [
    await site.file('same-token', String(token)),
    await site.file('same-key', String(encodingAesKey)),
  ];
  assert.equal(await cli.ok(config), text);
  assert.equal(
    await cli.ok([...config, ...options, '--token-file', tokenFile, '--aes-key-file', keyFile]),
    text,
  );
  assert.deepEqual(await row(), before);
  await cli.ok([...config, '--no-exclusive']);
  const after = await row();
  // What is sealed anew is never the same bytes.
  const changed = Object.keys(after).filter(
    (name) => !name.endsWith('_sealed') && !isDeepStrictEqual(after[name], before[name]),
  );
  assert.deepEqual(changed.sort(), ['changed_at', 'exclusive', 'xmin']);
});

test('config refuses what WeChat would not take', async () => {
  assert.match(
    await cli.fails(2, ['callback', 'config', appid, '--format', 'json']),
    /--format json is for Mini Programs.*\[CALLBACK_SETTING_INVALID\]/,
  );
});

test('check goes the way of a push, and tells a wrong address from a right one', async () => {
  const ours = await site.account('service');
  const check = ['callback', 'check', ours.appid, '--local'];
  const text = await cli.ok([...check, '--url', url]);
  assert.match(
    text,
    /ok +the URL is verified.*\nok +a signed test event was taken.*\nok +a wrong signature is refused/,
  );
  const shown = await cli.ok(['events', 'list', ours.appid]);
  assert.match(shown, /unknown +hongyan +\{.*hongyan_check/);
  const wrong = await cli.run([...check, '--url', `${url}/nothing`]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stdout, /BAD +the URL is verified.*it answered 404/);
  const other = await site.account('service');
  assert.match(await cli.fails(1, ['callback', 'check', 'wx9999999999999999']), /ACCOUNT_NOT_FOUND/);
  await cli.ok(['callback', 'remove', other.appid]);
  assert.match(await cli.fails(1, ['callback', 'check', other.appid]), /CALLBACK_NOT_SET/);
});

test('events list shows what came, and what became of the requests', async () => {
  const ours = await site.account('service');
  await send(url, ours.appid, makePush(ours, makeEvent('subscribe', { EventKey: 'qrscene_7' })));
  await send(url, ours.appid, makePush(ours, makeEvent('never_seen', { Odd: 'x' })));
  const list = ['events', 'list', ours.appid];
  assert.match(await cli.ok(list), /follow +o\w+ +\{.*qrscene_7/);
  const [, id] = /(\d+-\d+) .*qrscene_7/.exec(await cli.ok(list)) ?? [];
  const one = ['events', 'show', ours.appid, String(id)];
  assert.match(await cli.ok(one), /"EventKey": "qrscene_7"[\s\S]*followers: done[\s\S]*The person follows/);
  assert.match(await cli.ok(['--lang', 'zh', ...one]), /followers：已处理[\s\S]*该用户自此关注/);
  assert.deepEqual((await cli.json([...one, '--json'])).id, id);
  assert.match(await cli.fails(1, ['events', 'show', ours.appid, '1-1']), /EVENT_NOT_FOUND/);
  const unknown = await cli.ok([...list, '--type', 'unknown']);
  assert.match(unknown, /never_seen/);
  assert.doesNotMatch(unknown, /qrscene_7/);
  const json = await cli.json([...list, '--limit', '1', '--json']);
  assert.equal((json.events as unknown[]).length, 1);
  assert.match(await cli.ok(['events', 'keep', '30']), /30 days/);
  assert.match(await cli.fails(2, ['events', 'keep', '0']), /USAGE/);
});
