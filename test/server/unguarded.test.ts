import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createKey, revokeKey } from '../../src/app/access/keys.ts';
import { usePasswordLink } from '../../src/app/access/sessions.ts';
import { changeUser, createUser } from '../../src/app/access/users.ts';
import { terminalActor } from '../../src/app/actor.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { makeSite } from '../support/campaign.ts';

const site = await makeSite();
const { store } = site;
const app = { store, clients: new AccountClients({ store, logger: silentLogger }), logger: silentLogger };
const operator = terminalActor('operator', 'test', 'en');
const beyond = { HONGYAN_LISTEN: '0.0.0.0:0' };

async function refused(env: Record<string, string> = {}): Promise<void> {
  const text = await site.cli.fails(1, ['serve'], { env: { ...beyond, ...env } });
  assert.match(text, /0\.0\.0\.0:0 can be reached.*\[LISTEN_UNGUARDED\]/);
  const { rows } = await store.pool.query('select count(*)::int as n from nodes');
  assert.deepEqual(rows, [{ n: 0 }], 'nothing was started');
}

async function listens(env: Record<string, string> = {}): Promise<string> {
  const serve = site.cli.start(['serve'], { env: { ...beyond, ...env } });
  await serve.printed(/Listening on http:\S+/);
  const { code, stderr } = await serve.kill('SIGTERM');
  assert.equal(code, 0);
  return stderr;
}

test('does not listen beyond loopback before a person has set a secret', async () => {
  await refused();
  await refused({ HONGYAN_API_TOKEN: 'ab'.repeat(20) });
  const warned = await listens({ HONGYAN_API_TOKEN: randomBytes(32).toString('base64') });
  assert.match(warned, /keys and passwords reach this address without TLS/);
  const { user, link } = await createUser(app, operator, { name: 'one', role: 'admin', accounts: null });
  await refused();
  const visitor = { source: '127.0.0.1', requestId: 'test', lang: 'en' as const, userAgent: null };
  const password = 'wild geese carry letters';
  await usePasswordLink(app, { token: link.path.replace(/^.*#/, ''), password }, visitor);
  await listens();
  await changeUser(app, operator, { id: user.id, isDisabled: true });
  await refused();
  const key = { name: 'one', permissions: ['message.send' as const], accounts: null, ratePerS: null };
  const { id } = await createKey(app, operator, { ...key, expiresAt: null });
  await listens();
  await revokeKey(app, operator, { id });
  await refused();
});
