import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createSealer, parseSecretKey } from '../../src/base/seal.ts';
import { makeSite } from '../support/campaign.ts';

const site = await makeSite();
const { cli } = site;
const { HONGYAN_SECRET_KEY: key = '', HONGYAN_DATA_DIR: dataDir = '' } = cli.env;
delete cli.env.HONGYAN_SECRET_KEY;

test('for a database that has a key none is made, and the right one has its place', async () => {
  const { keyId } = createSealer(parseSecretKey(key));
  const text = await cli.fails(1, ['accounts', 'list']);
  assert.match(
    text,
    new RegExp(`secret key ${keyId}, and there is no .*secret.key.*\\[SECRET_KEY_MISMATCH\\]\\n.*copy`),
  );
  assert.deepEqual(
    (await readdir(dataDir)).filter((name) => name.startsWith('secret.key')),
    [],
  );
  await writeFile(join(dataDir, 'secret.key'), key, { mode: 0o600 });
  await cli.ok(['accounts', 'list']);
});
