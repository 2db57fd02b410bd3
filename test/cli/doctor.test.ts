import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { startWechat } from '../support/wechat.ts';

const site = await makeSite();
const wechat = await startWechat({ followers: 3, accounts: [{ kind: 'service' }, { kind: 'service' }] });
const [good, blocked] = wechat.accounts;
assert.ok(good && blocked);

interface Found {
  check: string;
  what: string;
  ok: boolean;
  detail: string;
  fix: string | null;
}

async function examined(lang: string): Promise<{ code: number | null; ok: boolean; findings: Found[] }> {
  const { code, stdout } = await site.cli.run(['doctor', '--json', '--lang', lang]);
  return { code, ...JSON.parse(stdout) };
}

before(async () => {
  await site.add(wechat, good);
  await site.add(wechat, blocked);
});

describe('doctor', () => {
  test('finds nothing wrong, in either language', async () => {
    const english = await examined('en');
    const chinese = await examined('zh');
    assert.deepEqual([english.code, english.ok, chinese.ok], [0, true, true]);
    assert.deepEqual(
      chinese.findings.map(({ check }) => check),
      english.findings.map(({ check }) => check),
      'the same checks under the same names',
    );
    for (const { what, detail, fix } of english.findings)
      assert.doesNotMatch(what + detail + fix, /\p{Script=Han}/u);
    for (const { check, what } of chinese.findings) assert.match(what, /\p{Script=Han}|Node\.js/u, check);
    const account = chinese.findings.find(({ check }) => check === `account ${good.appid}`);
    assert.equal(account?.detail, '凭证有效，本机 IP 可用');
    const shown = await site.cli.ok(['doctor', '--lang', 'zh']);
    assert.match(shown, /^正常 · 数据库：PostgreSQL 18\.\d+，UTF8，\d+ MB，迁移版本 \d+$/m);
  });

  test('counts connections, and says what to do where there are too few', async () => {
    const held =
      'insert into nodes (id, host, pid, role, version) select gen_random_uuid(), $1, 1, $2, $3 from generate_series(1, 3)';
    await site.store.pool.query(held, ['elsewhere', 'serve', '0']);
    try {
      const enough = (await examined('en')).findings.find(({ check }) => check === 'connections');
      assert.match(enough?.detail ?? '', /^3 nodes use up to 21 each, with commands 73;/);
      // A superuser is bound by neither limit: the server's own has to be too small.
      await site.store.pool.query(held.replace('3)', '200)'), ['elsewhere', 'serve', '0']);
      const { code, findings } = await examined('en');
      const few = findings.find(({ check }) => check === 'connections');
      assert.deepEqual([code, few?.ok], [1, false]);
      assert.match(few?.detail ?? '', /^203 nodes /);
      assert.match(few?.fix ?? '', /^set max_connections to 4273 and restart/);
      assert.match(
        (await site.cli.run(['doctor', '--lang', 'zh'])).stdout,
        /^异常 · 数据库连接数：203 个节点.*\n.*4273/m,
      );
    } finally {
      await site.store.pool.query("delete from nodes where host = 'elsewhere'");
    }
  });

  test('says of an account what WeChat says, and fails for it', async () => {
    blocked.setIpWhitelist(['203.0.113.7']);
    const { code, findings } = await examined('zh');
    blocked.setIpWhitelist(undefined);
    assert.equal(code, 1);
    const bad = findings.filter(({ ok }) => !ok);
    assert.deepEqual(
      bad.map(({ check }) => check),
      [`account ${blocked.appid}`],
    );
    assert.match(bad[0]?.detail ?? '', /40164.*127\.0\.0\.1/s);
    assert.match(bad[0]?.fix ?? '', /\p{Script=Han}/u);
  });
});
