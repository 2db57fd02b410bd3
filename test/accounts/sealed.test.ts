/** Threats to the secrets that lie in the database: somebody else can write to it. */
import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { httpServer } from '../support/wechat/raw-server.ts';
import { startWechat } from '../support/wechat.ts';

const site = await makeSite();
const { cli } = site;
const { pool } = site.store;
const wechat = await startWechat({ followers: 3, accounts: [{ kind: 'service' }, { kind: 'service' }] });
const [account, other] = wechat.accounts;
assert.ok(account && other);
const { appid } = account;
const heard: string[] = [];
const thief = await httpServer((request, _body, response) => {
  heard.push(`${request.method} ${request.url}`);
  response.end('{"access_token":"T","expires_in":7200}');
});
after(() => thief[Symbol.asyncDispose]());

describe('whoever writes to the database has the AppSecret sent nowhere', () => {
  beforeEach(async () => {
    heard.length = 0;
    await pool.query('delete from accounts');
    for (const one of [account, other]) await site.add(wechat, one);
  });

  const refused = async (): Promise<void> => {
    const text = await cli.fails(1, ['accounts', 'check', appid]);
    assert.match(text, /\[SECRET_UNREADABLE\]\n.*give the secret again: hongyan accounts add/s);
    assert.deepEqual(heard, []);
  };

  for (const [what, change] of [
    ['the address', `base_url = '${thief.url}'`],
    ['the address, which becomes the default', 'base_url = null'],
    ['the token source', "token_source = 'url'"],
    ['the kind', "kind = 'sandbox'"],
  ] as const)
    test(`with another value in the database (${what})`, async () => {
      await pool.query(`update accounts set ${change} where appid = $1`, [appid]);
      await refused();
    });

  test('by a proxy of their own, or without the one that there was', async () => {
    const { sealer } = site.store;
    await pool.query('update accounts set proxy_sealed = $2 where appid = $1', [
      appid,
      sealer.seal(thief.url, `accounts.proxy:${appid}`),
    ]);
    await refused();
  });

  test('by the secret of another account in the row of their own', async () => {
    await pool.query(
      `update accounts set base_url = $2, secret_sealed = (select secret_sealed from accounts where appid = $3)
       where appid = $1`,
      [appid, thief.url, other.appid],
    );
    await refused();
  });

  test('and once it is as it was, or the secret is given again, it works', async () => {
    await pool.query("update accounts set kind = 'sandbox' where appid = $1", [appid]);
    await refused();
    await pool.query("update accounts set kind = 'service' where appid = $1", [appid]);
    await cli.ok(['accounts', 'check', appid]);
    await pool.query('update accounts set base_url = $2 where appid = $1', [appid, thief.url]);
    const flags = ['--appid', appid, '--kind', 'service', '--base-url', wechat.url, '--secret-file', '-'];
    await cli.ok(['accounts', 'add', ...flags], { input: account.secret });
    await cli.ok(['accounts', 'check', appid]);
    assert.deepEqual(heard, []);
  });

  test('a secret that an older version sealed is asked for once', async () => {
    await pool.query('update accounts set secret_sealed = $2 where appid = $1', [
      appid,
      site.store.sealer.seal(account.secret, `accounts.secret:${appid}`),
    ]);
    await refused();
  });
});
