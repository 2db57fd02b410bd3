import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { contractSite } from '../support/contract.ts';
import { received, templateOf } from '../support/wechat.ts';

const run = promisify(execFile);
const example = fileURLToPath(new URL('../../examples/campaign.ts', import.meta.url));

test('a campaign’s whole way by the client: upload, plan, preview, confirm, outcome, export; again it is the same one', async () => {
  const site = await contractSite({ kind: 'service', followers: 10, record: 'full' });
  const { account } = site;
  await syncTemplates(site.app, account.appid);
  const people = [0, 1, 2].map((i) => account.openid(i));
  const lines = people.map((openid, i) => `${openid},A-${i},2026-11-22`);
  const file = await site.file(
    'orders.csv',
    `openid,order,time\n${lines.join('\n')}\nnobody!,A-9,2026-11-22\n`,
  );
  const start = async (): Promise<string> => {
    const { stdout } = await run(process.execPath, [example, file], {
      env: {
        PATH: process.env.PATH,
        HONGYAN_URL: site.url,
        HONGYAN_KEY: await site.key(['campaign.create', 'campaign.read', 'campaign.send'], [account.appid]),
        WECHAT_APPID: account.appid,
        WECHAT_TEMPLATE_ID: templateOf(account, '消息通知'),
      },
      timeout: 60_000,
    });
    return stdout;
  };
  const stdout = await start();
  assert.match(stdout, /^1\. orders\.csv: 3 good rows, 1 bad$/m);
  assert.match(stdout, /^ {3}line 5: /m);
  assert.match(stdout, /^3\. 3 of 4 rows \(0 duplicate, 1 invalid\), \d+ s$/m);
  assert.match(stdout, /订单 A-[012] 已发货/);
  assert.match(stdout, /^4\. it has started$/m);
  assert.match(stdout, /^5\. done: accepted 3, rejected 0, unknown 0, held 0, unsent 0$/m);
  const rows = [...stdout.matchAll(/^6\. (.*)$/gm)].map(
    ([, line = '']) => JSON.parse(line) as Record<string, unknown>,
  );
  assert.deepEqual(
    rows.map(({ openid, outcome }) => `${openid} ${outcome}`).sort(),
    people.map((openid) => `${openid} accepted`).sort(),
  );

  const again = await start();
  assert.match(again, /^2\. campaign 1 is done$/m);
  assert.doesNotMatch(again, /^4\. /m);
  const got = await received(site.wechat, account.appid);
  assert.deepEqual(
    people.map((openid) => account.messages(openid).length),
    [1, 1, 1],
  );
  assert.equal(got.size, 3);
});
