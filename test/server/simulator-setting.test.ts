import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { Cli } from '../support/cli.ts';

/** Whether people may start a simulated WeChat beside `serve`: `HONGYAN_SIMULATOR`. */
const site = await makeSite();
const directory = await mkdtemp(join(tmpdir(), 'hongyan-simulator-setting-'));
// On its embedded database, as somebody who tries it has it.
const { HONGYAN_DATABASE_URL: _, ...without } = site.cli.env;
const embedded = new Cli({ ...without, HONGYAN_DATA_DIR: directory });
after(async () => {
  await embedded.close();
  await rm(directory, { recursive: true });
});

async function answers(
  cli: Cli,
  env: Record<string, string>,
): Promise<{ allowed: boolean; started: unknown }> {
  const token = randomBytes(32).toString('base64url');
  const serve = cli.start(['serve'], {
    env: { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_API_TOKEN: token, ...env },
  });
  const [, port = ''] = await serve.printed(/Listening on http:\S+:(\d+)/);
  const url = `http://127.0.0.1:${port}/v1/simulation`;
  const headers = { authorization: `Bearer ${token}` };
  const { allowed } = (await (await fetch(url, { headers })).json()) as { allowed: boolean }; // as its row says
  const refused = allowed ? null : await fetch(url, { method: 'POST', headers });
  const started = refused === null ? null : ((await refused.json()) as { code: unknown }).code;
  await serve.kill('SIGTERM');
  return { allowed, started };
}

const yes = { allowed: true, started: null };
const no = { allowed: false, started: 'SIMULATION_OFF' };

test('auto, the default: on loopback and the embedded database only', async () => {
  assert.deepEqual(await answers(embedded, {}), yes);
  assert.deepEqual(await answers(embedded, { HONGYAN_LISTEN: '0.0.0.0:0' }), no);
  assert.deepEqual(await answers(site.cli, {}), no);
});

test('on allows it anywhere, off nowhere, and nothing else is taken', async () => {
  assert.deepEqual(await answers(site.cli, { HONGYAN_SIMULATOR: 'on' }), yes);
  assert.deepEqual(await answers(embedded, { HONGYAN_SIMULATOR: 'off' }), no);
  const refused = await site.cli.fails(2, ['serve'], { env: { HONGYAN_SIMULATOR: 'maybe' } });
  assert.match(refused, /simulator is auto, on or off/);
});
