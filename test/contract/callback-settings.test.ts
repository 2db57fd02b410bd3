import assert from 'node:assert/strict';
import { until } from '../support/cli.ts';
import { contractSite, row } from '../support/contract.ts';

const site = await contractSite();
const { appid } = site.account;
const params = { appid };

const change = (body: object) => site.call('PATCH /v1/accounts/{appid}/callback', { params, body });

row('PATCH /v1/accounts/{appid}/callback', 'makes the settings, changes them, and shows no key', async () => {
  assert.equal((await site.call('GET /v1/accounts/{appid}/callback', { params })).status, 404);
  const made = await change({
    publicUrl: site.url,
    exclusive: true,
    forwardTo: 'http://10.0.0.5/wx?key=s3cret',
  });
  assert.equal(made.status, 200, JSON.stringify(made.body));
  const { url, mode, exclusive, forwardTo } = made.body as Record<string, unknown>;
  assert.deepEqual(
    { url, mode, exclusive, forwardTo },
    {
      url: `${site.url}/callback/${appid}`,
      mode: 'secure',
      exclusive: true,
      forwardTo: 'http://10.0.0.5/wx',
    },
  );
  const rotated = (await change({ rotateKey: true, rotateToken: true, oldForHours: 1, forwardTo: null }))
    .body;
  const { previousKeyUntil, previousTokenUntil } = rotated as Record<string, string>;
  for (const until of [previousKeyUntil, previousTokenUntil])
    assert.ok(Math.abs(Date.parse(String(until)) - Date.now() - 3_600_000) < 60_000, until);
  for (const [body, code] of [
    [{ format: 'json' }, 'CALLBACK_SETTING_INVALID'],
    [{ forwardTo: 'http://169.254.169.254/' }, 'CALLBACK_SETTING_INVALID'],
    [{ unsignedFrom: ['8.8.8.0/24'] }, 'CALLBACK_SETTING_INVALID'],
    [{ token: 'x' }, 'CALLBACK_TOKEN_INVALID'],
    [{ publicURL: site.url }, 'REQUEST_INVALID'],
  ] as const) {
    const answer = await change(body);
    assert.deepEqual([answer.status, (answer.body as { code: string }).code], [400, code]);
  }
});

row('GET /v1/accounts/{appid}/callback', 'shows how pushes come', async () => {
  const { body } = await site.call('GET /v1/accounts/{appid}/callback', { params });
  assert.equal((body as { format: string }).format, 'xml');
});

row(
  'GET /v1/accounts/{appid}/callback/paste',
  'gives what to paste and where, and is in the audit',
  async () => {
    const { body } = await site.call('GET /v1/accounts/{appid}/callback/paste', { params });
    const { place, lines } = body as { place: string; lines: { label: string; value: string }[] };
    assert.match(place, /域名与消息推送配置/);
    const value = (label: string): string => lines.find((one) => one.label.startsWith(label))?.value ?? '';
    assert.match(value('令牌'), /^[A-Za-z0-9]{32}$/);
    assert.match(value('消息加解密密钥'), /^[A-Za-z0-9]{43}$/);
    assert.deepEqual([value('消息加解密方式'), value('数据格式')], ['安全模式', 'XML']);
    const audit = await site.call('GET /v1/audit', { query: { appid, action: 'callback.read', limit: 1 } });
    assert.equal((audit.body as { data: { outcome: string }[] }).data[0]?.outcome, 'done');
    const changes = JSON.stringify((await site.call('GET /v1/audit', { query: { appid, limit: 50 } })).body);
    for (const secret of [value('令牌'), value('消息加解密密钥'), 's3cret'])
      assert.ok(!changes.includes(secret));
  },
);

row('POST /v1/accounts/{appid}/callback/check', 'goes the way of a push', async () => {
  const check = async () =>
    (await site.call('POST /v1/accounts/{appid}/callback/check', { params, body: { askWechat: false } }))
      .body as { findings: { check: string; ok: boolean }[] };
  // The server reads a change within two seconds or so.
  const findings = await until('the server has read the settings', async () => {
    const found = (await check()).findings;
    return found[0]?.ok === true && found;
  });
  assert.deepEqual(
    findings.map((one) => [one.check, one.ok]),
    [
      ['verification', true],
      ['push', true],
      ['forgery', true],
    ],
  );
});

row('DELETE /v1/accounts/{appid}/callback', 'takes no more pushes', async () => {
  const remove = async () => (await site.call('DELETE /v1/accounts/{appid}/callback', { params })).body;
  assert.deepEqual(await remove(), { removed: true });
  assert.deepEqual(await remove(), { removed: false });
});
