import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { EventTaker } from '../../src/engine/events/take-events.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { listEvents } from '../../src/store/events/events.ts';
import { parseEvent } from '../../src/wechat/callback/parse-event.ts';
import { addCallbackAccount } from '../support/callback/site.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';

const site = await makeSite();
const { pool } = site.store;

test('a node that does not listen repeats what could not follow from an event, and makes the partitions', async () => {
  const { appid } = await addCallbackAccount(site, 'service');
  const taker = new EventTaker({
    ...{ pool, logger: silentLogger },
    effects: [
      {
        ...{ name: 'followers', types: ['follow'] },
        effect: async () => {
          throw new TypeError('not now');
        },
      },
    ],
  });
  const fields = {
    ToUserName: 'gh',
    FromUserName: 'oLater',
    CreateTime: '1790000000',
    MsgType: 'event',
    Event: 'subscribe',
  };
  await taker.take(appid, parseEvent(fields), 100);
  await taker.close();
  const pending = async (): Promise<unknown> => (await listEvents(pool, appid, null, 1))[0]?.pending;
  assert.deepEqual(await pending(), ['followers']);

  const { store } = site;
  const clients = new AccountClients({ store, logger: silentLogger });
  const engine = await startEngine({ store, clients, logger: silentLogger, role: 'serve', version: 'test' });
  try {
    await until('it has followed', async () => (await pending()) === null);
    const inThreeDays = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
    for (const name of [`events_${inThreeDays}`]) {
      const { rows } = await pool.query("select to_regclass('hongyan.' || $1) is not null as is", [name]);
      assert.deepEqual(rows, [{ is: true }]);
    }
  } finally {
    await engine.stop();
    await clients.close();
  }
  const { rows } = await pool.query('select openid, follows from contacts where appid = $1', [appid]);
  assert.deepEqual(rows, [{ openid: 'oLater', follows: true }]);
});
