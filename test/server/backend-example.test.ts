import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { saveCallback } from '../../src/store/events/callbacks.ts';
import { makeSite } from '../support/campaign.ts';
import { callbackSettings } from '../support/push.ts';
import { startWechat, templateOf } from '../support/wechat.ts';

const run = promisify(execFile);
const example = fileURLToPath(new URL('../../examples/backend.ts', import.meta.url));

test('a backend’s whole way: first start, password, key, message, outcome, receipt, webhook, delivery', async () => {
  const site = await makeSite();
  const serve = site.cli.start(['serve'], {
    env: { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_WEBHOOK_ALLOW: '127.0.0.1' },
  });
  const [, url = ''] = await serve.printed(/Listening on (http:\S+)/);
  const [, link = ''] = await serve.printed(/(http\S+\/first-start#\S+)/);
  const settings = callbackSettings('');
  const wechat = await startWechat({
    ...{ kind: 'service', followers: 3, events: { jitterMs: 0 } },
    callback: {
      ...{ url: `${url}/callback/{appid}`, mode: 'secure', verify: false },
      ...{ token: settings.token, encodingAESKey: settings.aesKey },
    },
  });
  const account = wechat.account();
  await site.add(wechat, account);
  await saveCallback(site.store.pool, site.store.sealer, { ...settings, appid: account.appid });
  await site.cli.ok(['templates', 'sync', account.appid]);
  const { stdout } = await run(process.execPath, [example], {
    env: {
      PATH: process.env.PATH,
      HONGYAN_LINK: link,
      WECHAT_APPID: account.appid,
      WECHAT_OPENID: account.openid(1),
      WECHAT_TEMPLATE_ID: templateOf(account, '消息通知'),
    },
    timeout: 60_000,
  });
  assert.match(stdout, /^1\. signed in as admin \(admin\)$/m);
  assert.match(stdout, new RegExp(`^2\\. key [0-9a-f]{12} may message\\.send for ${account.appid}$`, 'm'));
  assert.match(stdout, /^4\. message \d+ is accepted; sent again: a repeat$/m);
  assert.match(stdout, /^5\. the shop looks for deliveries: FORBIDDEN$/m);
  assert.match(stdout, /^6\. told, signed: delivered$/m);
  assert.match(stdout, /^7\. order-1024: accepted, delivered$/m);
  assert.match(stdout, /^8\. admin keys\.create done$/m);
  assert.match(stdout, /^8\. shop deliveries\.search refused$/m);
  assert.equal(account.messages(account.openid(1)).length, 1);
  assert.equal((await serve.kill('SIGTERM')).code, 0);
});
