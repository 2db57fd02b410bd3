import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { insertCampaign } from '../support/delivery/insert-campaign.ts';
import { startWechat } from '../support/wechat.ts';

const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;

async function linted(text: string): Promise<{ code: number | null; said: string }> {
  const child = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part));
  child.stdin.end(text);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

test('what serve and its senders count is added up, and is what became of the campaign', async () => {
  const site = await makeSite();
  const wechat = await startWechat({
    kind: 'miniprogram',
    followers: 4_000,
    creditsPerUser: 1,
    latencyMs: 10,
  });
  const account = wechat.account();
  await site.add(wechat, account);
  const serve = site.cli.start(['serve', '--senders', '2'], { env: { HONGYAN_LISTEN: '127.0.0.1:0' } });
  await serve.printed(/(?:"node started"[\s\S]*){2}/);
  const [, url] = await serve.printed(/(http:\/\/127\.0\.0\.1:\d+)/);
  const token = (await readFile(join(site.cli.env.HONGYAN_DATA_DIR ?? '', 'api.token'), 'utf8')).trim();
  const scrape = async (): Promise<string> => {
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200);
    return await answer.text();
  };
  const id = await insertCampaign(site.store.pool, account, 'mp-subscribe', 4_000, { chunkSize: 200 });
  await until('the campaign is over', async () => {
    const { rows } = await site.store.pool.query('select state from campaigns where id = $1', [id]);
    return rows[0]?.state === 'done';
  });
  const text = await scrape();
  const [, accepted] = /hongyan_answers_total\{[^}]*result="accepted"\} (\d+)/.exec(text) ?? [];
  assert.equal(Number(accepted), 4_000, text);
  if (hasPromtool) {
    const { code, said } = await linted(text);
    assert.equal(code, 0, said);
  }
  assert.equal((await serve.kill('SIGTERM')).code, 0);
});
