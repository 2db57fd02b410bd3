import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findUnreadable } from '../../src/store/installation/rekey.ts';
import { makeCallbackSite } from '../support/callback/site.ts';
import { setBaseUrl } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { makeVerification } from '../support/push.ts';
import { freePort } from '../support/store/free-port.ts';
import { httpServer } from '../support/wechat/raw-server.ts';
import { startWechat } from '../support/wechat.ts';

const site = await makeCallbackSite();
const wechat = await startWechat({ kind: 'service', followers: 3 });
const account = wechat.account();
const { appid } = account;
await site.add(wechat, account);
const { cli } = site;
const { pool } = site.store;

interface Found {
  check: string;
  ok: boolean;
  detail: string;
  fix: string | null;
}

async function find(check: string, lang = 'en'): Promise<Found> {
  const { stdout } = await cli.run(['doctor', '--json', '--lang', lang]);
  const { ok, findings }: { ok: boolean; findings: Found[] } = JSON.parse(stdout);
  const found = findings.find((one) => one.check === check);
  assert.ok(found !== undefined, `${check} in ${stdout}`);
  assert.ok(found.ok || !ok, 'one that is not ok is told by the whole');
  return found;
}

test('says what can be better without failing for it', async () => {
  const { code, stdout } = await cli.run(['doctor']);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^note callback of \w+: none.*\n {5}→ hongyan callback config \w+ --url /m);
  const chinese = (await cli.run(['doctor', '--lang', 'zh'])).stdout;
  assert.match(chinese, /^建议 · \w+ 的消息推送：未配置.*\n {5}→ hongyan callback config /m);
});

test('knows how old the last backup is', async () => {
  const none = await find('backup');
  assert.match(none.detail, /^none is set up/);
  assert.match(none.fix ?? '', /^set HONGYAN_BACKUP_DIR/);
  await cli.ok(['backup', join(site.directory, 'backup.zip')]);
  const { detail, fix } = await find('backup');
  assert.match(detail, /^hongyan backup made one at \d{4}-/);
  assert.equal(fix, null);
});

test('asks WeChat from where this machine calls, and sends people to the machines of other nodes', async () => {
  const here = await find(`egress ${appid}`);
  assert.deepEqual([here.ok, here.detail, here.fix], [true, '127.0.0.1', null]);
  await pool.query(
    "insert into nodes (id, host, pid, role, version) values (gen_random_uuid(), 'elsewhere', 1, 'serve', '0')",
  );
  try {
    assert.match((await find(`egress ${appid}`)).fix ?? '', /run doctor on elsewhere too/);
  } finally {
    await pool.query("delete from nodes where host = 'elsewhere'");
  }
});

test("compares the clock with WeChat's", async () => {
  let aheadMs = 90_000;
  const mirror = await httpServer((request, body, response) => {
    const method = request.method ?? 'GET';
    void fetch(`${wechat.url}${request.url}`, { method, ...(method === 'GET' ? {} : { body }) })
      .then(async (answer) => {
        response.setHeader('date', new Date(Date.now() + aheadMs).toUTCString());
        response.end(await answer.text());
      })
      .catch(() => response.destroy());
  });
  after(() => mirror[Symbol.asyncDispose]());
  await setBaseUrl(site, appid, mirror.url);
  try {
    // Measured between a question and its answer, which a busy machine holds up.
    const ahead = await until('it measures it well', async () => {
      const found = await find(`wechat-clock ${appid}`);
      assert.equal(found.ok, false);
      return /^(?:8[89]|9[012]),\d{3} ms from WeChat's$/.test(found.detail) && found;
    });
    assert.match(ahead.fix ?? '', /NTP/);
    aheadMs = 0;
    assert.equal((await find(`wechat-clock ${appid}`)).ok, true);
  } finally {
    await setBaseUrl(site, appid, wechat.url);
  }
});

test('names the send APIs whose quota is used up', async () => {
  const check = `quota ${appid}`;
  const quota = async (daily: number): Promise<void> => {
    await cli.ok(['quota', 'set', appid, '--channel', 'oa-template', '--daily', String(daily)]);
  };
  assert.equal((await find(check)).fix, null);
  await quota(0);
  const none = await find(check);
  assert.deepEqual([none.ok, none.detail], [false, '/cgi-bin/message/template/send: 0 left of 0']);
  assert.match(none.fix ?? '', /hongyan quota clear wx/);
  await quota(100_000);
  assert.deepEqual([(await find(check)).ok, (await find(check)).fix], [true, null]);
});

test('verifies the callback at its public URL, and asks WeChat what it has', async () => {
  const check = `callback ${appid}`;
  const config = ['callback', 'config', appid, '--json', '--url'];
  await cli.ok([...config, `http://127.0.0.1:${await freePort()}`]);
  const dead = await find(check);
  assert.equal(dead.ok, false);
  assert.match(dead.detail, /does not answer as WeChat wants it: ECONNREFUSED$/);
  assert.match(dead.fix ?? '', /proxy in front of it/);

  const { token, encodingAesKey } = await cli.json([...config, site.url]);
  const url = `${site.url}/callback/${appid}`;
  await until('the server knows it', async () => {
    return (await fetch(`${url}?${makeVerification(String(token), 'x')}`)).status === 200;
  });
  const unset = await find(check);
  assert.equal(unset.ok, false);
  assert.match(unset.detail, /40201/);
  assert.match(unset.fix ?? '', /^paste what hongyan callback config/);

  await account.events.setCallback({
    url,
    token: String(token),
    encodingAESKey: String(encodingAesKey),
    mode: 'secure',
  });
  const good = await find(check);
  assert.deepEqual([good.ok, good.fix], [true, null]);
  assert.match(good.detail, /answers, and WeChat sees 127\.0\.0\.1/);
  const { rows } = await pool.query('select 1 from events where appid = $1', [appid]);
  assert.equal(rows.length, 0, 'nothing is pushed by a look');
});

test('names what does not open with the secret key', async () => {
  await cli.ok(['callback', 'config', appid, '--url', site.url]);
  assert.equal((await find('secrets')).ok, true);
  const read = 'select token_sealed as sealed from account_callbacks where appid = $1';
  const sealed = (await pool.query<{ sealed: Buffer }>(read, [appid])).rows[0]?.sealed;
  const store = 'update account_callbacks set token_sealed = $2 where appid = $1';
  await pool.query(store, [appid, Buffer.alloc(60, 1)]);
  try {
    const found = await find('secrets');
    assert.equal(found.ok, false);
    assert.match(found.detail, new RegExp(`these do not open: account_callbacks\\.token_sealed ${appid}$`));
    assert.match(found.fix ?? '', /restore the backup/);
    assert.match((await find('secrets', 'zh')).detail, /以下无法解密/);
  } finally {
    await pool.query(store, [appid, sealed]);
  }
  // Its secret is bound to its proxy: with that gone neither opens, and the look goes on to the others.
  const withProxy = 'update accounts set proxy_sealed = $2 where appid = $1';
  await pool.query(withProxy, [appid, Buffer.alloc(60, 1)]);
  try {
    const { unreadable, count } = await findUnreadable(site.store.pool, site.store.sealer);
    assert.deepEqual(unreadable.sort(), [
      `accounts.proxy_sealed ${appid}`,
      `accounts.secret_sealed ${appid}`,
    ]);
    assert.ok(count > unreadable.length);
  } finally {
    await pool.query(withProxy, [appid, null]);
  }
});

test('says which settings of the database forget', async () => {
  const set = `alter database ${site.database.connection.database}`;
  await pool.query(`${set} set synchronous_commit = off`);
  try {
    const found = await find('durability');
    assert.deepEqual([found.ok, found.detail], [false, 'fsync on, synchronous_commit off']);
  } finally {
    await pool.query(`${set} reset synchronous_commit`);
  }
});

test('names files that are open to others, and a time zone that is none', async () => {
  const dataDir = join(site.directory, 'modes');
  await mkdir(dataDir);
  const token = join(dataDir, 'api.token');
  await writeFile(token, 'x'.repeat(40));
  await chmod(token, 0o644);
  const env = { HONGYAN_DATA_DIR: dataDir, TZ: 'Mars/Base' };
  const { code, stdout } = await cli.start(['doctor', '--lang', 'en'], { env }).ended;
  assert.equal(code, 1);
  assert.match(
    stdout,
    new RegExp(`^BAD +file modes: .*api\\.token \\(644\\)\\n +→ chmod 600 ${token}$`, 'm'),
  );
  assert.match(stdout, /^BAD +time zone: TZ=Mars\/Base is none/m);
});
