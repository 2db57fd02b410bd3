import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saveAccount } from '../../src/store/accounts/accounts.ts';
import { contractSite, row } from '../support/contract.ts';
import { callsOf } from '../support/wechat.ts';

const site = await contractSite();
const { account } = site;
const params = { appid: account.appid };

row('GET /v1/accounts/{appid}/token', 'lends the one token that everybody uses, and notes it', async () => {
  const as = await site.key(['token.lend'], [account.appid]);
  const lent = [];
  for (let i = 0; i < 3; i++) {
    const { status, body, headers } = await site.call('GET /v1/accounts/{appid}/token', { params, as });
    assert.deepEqual([status, headers.get('cache-control')], [200, 'no-store'], JSON.stringify(body));
    lent.push(body as { access_token: string; expires_in: number });
  }
  const [{ access_token, expires_in } = { access_token: '', expires_in: 0 }] = lent;
  assert.ok(
    lent.every((one) => one.access_token === access_token) && expires_in > 6_000 && expires_in <= 7_200,
  );
  assert.equal(callsOf(account, '/cgi-bin/stable_token'), 1, 'WeChat was asked once');
  // It is one that WeChat takes.
  const used = await fetch(`${site.wechat.url}/cgi-bin/user/get?access_token=${access_token}`);
  assert.equal(((await used.json()) as { total: number }).total, 20);
  const audit = await site.call('GET /v1/audit', { query: { action: 'token.lend' } });
  const { data } = audit.body as { data: { outcome: string }[] };
  assert.deepEqual(
    data.map(({ outcome }) => outcome),
    ['done', 'done', 'done'],
  );
  assert.ok(!JSON.stringify(audit.body).includes(access_token));
});

test('an account without a token of its own lends none', async () => {
  const appid = 'wx00000000000000cc';
  await saveAccount(site.store.pool, site.store.sealer, {
    ...{ appid, kind: 'miniprogram', name: '', tokenSource: 'none', secret: null },
    ...{ baseUrl: site.wechat.url, proxy: null },
  });
  const { status, body } = await site.call('GET /v1/accounts/{appid}/token', { params: { appid } });
  assert.deepEqual([status, (body as { code: string }).code], [409, 'TOKEN_NOT_HELD']);
});
