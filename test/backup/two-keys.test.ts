import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createSealer, parseSecretKey } from '../../src/base/seal.ts';
import { createPool } from '../../src/store/database/pool.ts';
import { makeSite } from '../support/campaign.ts';
import { lastJson } from '../support/cli.ts';
import { createTestDatabase } from '../support/postgres.ts';
import { startWechat } from '../support/wechat.ts';

const wechat = await startWechat({ kind: 'service', followers: 1 });
const account = wechat.account();
const site = await makeSite();
await site.add(wechat, account);
const { cli } = site;

const oldKey = cli.env.HONGYAN_SECRET_KEY ?? '';
const newKey = randomBytes(32).toString('base64');
const [oldId, newId] = [oldKey, newKey].map((key) => createSealer(parseSecretKey(key)).keyId);
const both = (key: string, other: string) => ({
  HONGYAN_SECRET_KEY: key,
  HONGYAN_SECRET_KEY_PREVIOUS: other,
});

test('a backup of between the steps of a rekey says that it needs both keys, and so does what is restored', async () => {
  const turned = both(newKey, oldKey);
  await cli.ok(['accounts', 'list'], { env: turned });
  const paths = { turned: join(site.directory, 'turned.zip'), ready: join(site.directory, 'ready.zip') };
  await cli.ok(['backup', paths.turned], { env: turned });
  await cli.ok(['backup', paths.ready], { env: both(oldKey, newKey) });
  for (const path of Object.values(paths)) {
    const database = await createTestDatabase();
    const pool = createPool({ ...database.connection, application_name: 'test' }, { max: 1 });
    after(() => pool.end());
    const at = (env: Record<string, string>) => ({ env: { ...env, HONGYAN_DATABASE_URL: database.url } });
    for (const [key, missing] of [
      [newKey, oldId],
      [oldKey, newId],
    ] as const)
      assert.match(
        await cli.fails(1, ['restore', path], at({ HONGYAN_SECRET_KEY: key })),
        new RegExp(`needs (?:the secret key )?${missing}.*\\[BACKUP_KEY\\]`),
      );
    await cli.ok(['restore', path], at(turned));
    assert.equal((await pool.query('select key_id from installation')).rows[0]?.key_id, oldId);
    assert.match(
      await cli.fails(1, ['accounts', 'list'], at({ HONGYAN_SECRET_KEY: newKey })),
      new RegExp(`${oldId}.*\\[SECRET_KEY_MISMATCH\\]`),
    );
    assert.equal(lastJson(await cli.ok(['rekey', '--json'], at(turned))).to, newId);
    await cli.ok(['accounts', 'check', account.appid], at({ HONGYAN_SECRET_KEY: newKey }));
  }
});
