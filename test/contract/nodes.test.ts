import assert from 'node:assert/strict';
import { contractSite, row } from '../support/contract.ts';

const site = await contractSite();

interface Installation {
  ok: boolean;
  secrets: { count: number; unreadable: string[] };
  accounts: {
    appid: string;
    ok: boolean;
    error: { code: string; detail: string; hint: string } | null;
    egress: string | null;
    clock: { ok: boolean } | null;
    quota: { ok: boolean; short: unknown[] } | null;
    callback: unknown;
  }[];
}

row('GET /v1/nodes', 'lists this process', async () => {
  const { body } = await site.call('GET /v1/nodes');
  const { nodes } = body as { nodes: { pid: number; startedAt: string; seenAt: string }[] };
  assert.deepEqual(
    nodes.map(({ pid }) => pid),
    [process.pid],
  );
  for (const { startedAt, seenAt } of nodes) assert.ok(startedAt <= seenAt, `${startedAt} ${seenAt}`);
});

row('GET /v1/installation', 'says which account WeChat refuses, in the language asked for', async () => {
  const ask = async (as?: string): Promise<Installation> => {
    const headers = { 'accept-language': 'zh-CN' };
    const { body } = await site.call('GET /v1/installation', {
      headers,
      ...(as === undefined ? {} : { as }),
    });
    return body as Installation;
  };
  const whole = await ask();
  assert.equal(whole.ok, true);
  assert.deepEqual(whole.secrets.unreadable, []);
  const { egress, clock, quota, callback } = whole.accounts[0] ?? {};
  assert.deepEqual([egress, clock?.ok, quota, callback], ['127.0.0.1', true, { ok: true, short: [] }, null]);
  site.account.setIpWhitelist(['203.0.113.7']);
  try {
    const found = await ask();
    assert.equal(found.ok, false);
    const { error } = found.accounts.find(({ appid }) => appid === site.account.appid) ?? {};
    assert.equal(error?.code, 'WECHAT_ERROR');
    assert.match(error?.detail ?? '', /微信对 .* 返回 40164/);
    assert.match(error?.hint ?? '', /\p{Script=Han}/u);
    const other = await ask(await site.key(['node.read'], ['wx00000000000000ff']));
    assert.deepEqual([other.ok, other.accounts], [true, []], 'accounts of others are not looked at');
  } finally {
    site.account.setIpWhitelist(undefined);
  }
});
