/** Many single messages at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { MessageChecks } from '../../src/engine/messages/prepare.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { createPool } from '../../src/store/database/pool.ts';
import { makeSite } from '../support/campaign.ts';
import { manualClock } from '../support/manual-clock.ts';
import { startWechat, templateOf } from '../support/wechat.ts';

const site = await makeSite();

test('what is known of their account and template is read once for all, also when it was known and is old', async () => {
  const wechat = await startWechat({ kind: 'service', followers: 3 });
  const account = wechat.account();
  const appid = await site.add(wechat, account);
  const pool = createPool(site.database.connection, { max: 4 });
  const store = { ...site.store, pool };
  const clients = new AccountClients({ store, logger: silentLogger });
  let statements = 0;
  pool.on('acquire', () => statements++);
  try {
    const clock = manualClock();
    const checks = new MessageChecks({ store, clients, clock });
    const request = {
      ...{ appid, channel: 'template', openid: account.openid(0), lang: 'en' as const },
      message: {
        body: {
          template_id: templateOf(account, '消息通知'),
          data: Object.fromEntries([1, 2, 3].map((i) => [`keyword${i}`, { value: '内容' }])),
        },
      },
    };
    /** Statements of a burst. */
    const burst = async (): Promise<number> => {
      statements = 0;
      await Promise.all(Array.from({ length: 50 }, () => checks.prepare(request)));
      return statements;
    };
    await checks.prepare(request); // asks WeChat for the template, and stores it
    assert.equal(await burst(), 0);
    clock.advance(2_001);
    const first = await burst();
    assert.ok(first > 0 && first < 10, `${first} statements`);
    assert.equal(await burst(), 0);
  } finally {
    await clients.close();
    await pool.end();
  }
});
