import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { createUser } from '../src/app/access/users.ts';
import { terminalActor } from '../src/app/actor.ts';
import { secretRules } from '../src/base/secret-rules.ts';
import { secretKeys } from '../src/cli/config.ts';
import { isBytes, type Route } from '../src/contract/route.ts';
import { type Routes, routes } from '../src/contract/routes.ts';
import { claimDataDirectory } from '../src/store/embedded/data-directory.ts';
import { contractSite } from './support/contract.ts';

const site = await contractSite({ accounts: [{ kind: 'service' }, { kind: 'service' }] });
const { appid } = site.account;
const [, second] = site.wechat.accounts;
assert.ok(second);
const page = { 'x-requested-with': 'hongyan' };
const password = 'wild geese carry letters';

type Rule = keyof typeof secretRules;

/** What each rule refuses, and how. */
const weak: Record<Rule, { given: string[]; code: RegExp }> = {
  adminKey: { given: ['a'.repeat(31), `${'a'.repeat(31)}鸿`], code: /API_TOKEN_TOO_SHORT|CONFIG_INVALID/ },
  secretKey: {
    given: ['a passphrase', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('hex')],
    code: /SECRET_KEY_INVALID/,
  },
  webhookSecret: {
    given: ['a'.repeat(64), `whsec_${Buffer.alloc(23).toString('base64')}`, `whsec_${'-'.repeat(40)}`],
    code: /WEBHOOK_SECRET_INVALID/,
  },
  password: { given: ['elevenchars', 'aaaaaaaaaaaaaaaa', 'password-of-1234'], code: /PASSWORD_WEAK/ },
  appSecret: { given: ['x'.repeat(15), `${'x'.repeat(20)}-`], code: /ACCOUNT_INVALID|REQUEST_INVALID/ },
  // 'Zq': what stands in no id of a request.
  callbackToken: { given: ['Zq', 'with-dash', 'a'.repeat(33)], code: /CALLBACK_TOKEN_INVALID/ },
  aesKey: { given: ['a'.repeat(42), 'a'.repeat(44), `${'a'.repeat(42)}-`], code: /CALLBACK_AES_KEY_INVALID/ },
};

let files = 0;
async function secretFile(text: string, name = `secret-${++files}`): Promise<string> {
  const path = join(site.directory, name);
  await writeFile(path, `${text}\n`, { mode: 0o600 });
  return path;
}

const run = async (args: string[], env: Record<string, string> = {}): Promise<string> => {
  const { code, stdout, stderr } = await site.cli.run(args, { env });
  assert.notEqual(code, 0, stdout);
  return stderr;
};
const serve = (env: Record<string, string>) => run(['serve'], { HONGYAN_LISTEN: '127.0.0.1:0', ...env });

/** A data directory with one file in it. */
async function dataDir(name: string, text: string): Promise<string> {
  const path = join(site.directory, `data-${++files}`);
  await claimDataDirectory(path);
  await writeFile(join(path, name), text, { mode: 0o600 });
  return path;
}

const call = async (
  key: keyof Routes,
  body: object,
  params: Record<string, string | number> = {},
  as: { as?: null; headers?: Record<string, string> } = {},
): Promise<string> => {
  const answer = await site.call(key, { params, body, ...as });
  assert.ok(answer.status >= 400, JSON.stringify(answer.body));
  return JSON.stringify(answer.body);
};

async function link(): Promise<string> {
  const input = { name: `walker ${++files}`, role: 'viewer' as const, accounts: null };
  const made = await createUser(site.app, terminalActor('operator', 'test', 'en'), input);
  return made.link.path.replace(/^.*#/, '');
}

let cookie: string | null = null;
async function signedIn(): Promise<string> {
  const body = { token: await link(), password };
  const begun = await site.call('POST /v1/sessions/link', { body, headers: page, as: null });
  assert.equal(begun.status, 201, JSON.stringify(begun.body));
  return (begun.headers.get('set-cookie') ?? '').replace(/;.*/, '');
}

const hook = { appid, url: 'http://127.0.0.1:9/', topics: ['follow'] };
let hookId: number | null = null;
async function rotated(secret: string): Promise<string> {
  hookId ??= ((await site.call('POST /v1/webhooks', { body: hook })).body as { id: number }).id;
  return await call('POST /v1/webhooks/{id}/rotate', { secret }, { id: hookId });
}

/** Every way in; the name of one in the command line or HTTP is what `found` below finds. */
const entrances: Record<string, { rule: Rule; give: (text: string) => Promise<string> }> = {
  'environment apiToken': { rule: 'adminKey', give: (text) => serve({ HONGYAN_API_TOKEN: text }) },
  'file of the environment apiToken': {
    rule: 'adminKey',
    give: async (text) => serve({ HONGYAN_API_TOKEN_FILE: await secretFile(text) }),
  },
  'hongyan.json apiToken': {
    rule: 'adminKey',
    give: async (apiToken) =>
      serve({ HONGYAN_DATA_DIR: await dataDir('hongyan.json', JSON.stringify({ apiToken })) }),
  },
  'api.token': {
    rule: 'adminKey',
    give: async (text) => serve({ HONGYAN_DATA_DIR: await dataDir('api.token', text) }),
  },
  'environment secretKeyPrevious': {
    rule: 'secretKey',
    give: (text) => run(['accounts', 'list'], { HONGYAN_SECRET_KEY_PREVIOUS: text }),
  },
  'environment secretKey': {
    rule: 'secretKey',
    give: (text) => run(['accounts', 'list'], { HONGYAN_SECRET_KEY: text }),
  },
  'file of the environment secretKey': {
    rule: 'secretKey',
    give: async (text) => {
      const { HONGYAN_SECRET_KEY: own = '' } = site.cli.env;
      delete site.cli.env.HONGYAN_SECRET_KEY;
      try {
        return await run(['accounts', 'list'], { HONGYAN_SECRET_KEY_FILE: await secretFile(text) });
      } finally {
        site.cli.env.HONGYAN_SECRET_KEY = own;
      }
    },
  },
  'src/cli/commands/rekey.ts --new-key-file': {
    rule: 'secretKey',
    give: async (text) => run(['rekey', '--new-key-file', await secretFile(text)]),
  },
  'src/cli/commands/accounts/accounts.ts --secret-file': {
    rule: 'appSecret',
    give: async (text) =>
      run([
        ...['accounts', 'add', '--appid', second.appid, '--kind', 'service'],
        ...['--secret-file', await secretFile(text)],
      ]),
  },
  'src/cli/commands/events/callback.ts --token-file': {
    rule: 'callbackToken',
    give: async (text) => run(['callback', 'config', appid, '--token-file', await secretFile(text)]),
  },
  'src/cli/commands/events/callback.ts --aes-key-file': {
    rule: 'aesKey',
    give: async (text) => run(['callback', 'config', appid, '--aes-key-file', await secretFile(text)]),
  },
  'src/cli/commands/webhooks.ts --secret-file': {
    rule: 'webhookSecret',
    give: async (text) =>
      run([
        ...['webhooks', 'add', appid, 'https://example.com/', '--topics', 'follow'],
        ...['--secret-file', await secretFile(text)],
      ]),
  },
  'src/cli/commands/alerts.ts --secret-file': {
    rule: 'webhookSecret',
    give: async (text) =>
      run(['alerts', 'add', 'webhook', 'https://example.com/', '--secret-file', await secretFile(text)]),
  },
  'POST /v1/accounts': {
    rule: 'appSecret',
    give: (secret) =>
      call('POST /v1/accounts', {
        appid: second.appid,
        kind: 'service',
        token: { source: 'secret', secret },
      }),
  },
  'PATCH /v1/accounts/{appid}': {
    rule: 'appSecret',
    give: (secret) => call('PATCH /v1/accounts/{appid}', { token: { source: 'secret', secret } }, { appid }),
  },
  'PATCH /v1/accounts/{appid}/callback': {
    rule: 'callbackToken',
    give: (token) => call('PATCH /v1/accounts/{appid}/callback', { token }, { appid }),
  },
  'PATCH /v1/accounts/{appid}/callback, aesKey': {
    rule: 'aesKey',
    give: (aesKey) => call('PATCH /v1/accounts/{appid}/callback', { aesKey }, { appid }),
  },
  'POST /v1/webhooks': {
    rule: 'webhookSecret',
    give: (secret) => call('POST /v1/webhooks', { ...hook, secret }),
  },
  'POST /v1/webhooks/{id}/rotate': { rule: 'webhookSecret', give: rotated },
  'POST /v1/alerts': {
    rule: 'webhookSecret',
    give: (secret) => call('POST /v1/alerts', { kind: 'webhook', url: 'http://127.0.0.1:9/', secret }),
  },
  'POST /v1/sessions/link': {
    rule: 'password',
    give: async (text) =>
      call(
        'POST /v1/sessions/link',
        { token: await link(), password: text },
        {},
        { as: null, headers: page },
      ),
  },
  'PUT /v1/me/password': {
    rule: 'password',
    give: async (text) => {
      cookie ??= await signedIn();
      const as = { as: null, headers: { ...page, cookie } };
      return await call('PUT /v1/me/password', { current: password, password: text }, {}, as);
    },
  },
};

/** Where a secret is shown that was given before, or is somebody else's. */
const others: Record<string, string> = {
  'environment databaseUrl': 'of PostgreSQL',
  'POST /v1/sessions': 'signs in',
  'POST /wx/{appid}/cgi-bin/stable_token': 'an API key, which Hongyan has made',
  'src/cli/commands/mcp.ts --key-file': 'an API key, which Hongyan has made',
  'src/cli/commands/alerts.ts --password-file': 'of a mail server',
  'src/cli/commands/accounts/accounts.ts --token-url-file': 'of a token server',
};

for (const [name, { rule, give }] of Object.entries(entrances))
  test(`a secret that is too weak is refused at every entrance (${name})`, async () => {
    for (const given of weak[rule].given) {
      const said = await give(given);
      assert.match(said, weak[rule].code, given);
      assert.ok(!said.includes(given), 'what was given is not repeated');
    }
  });

test('the walk knows every entrance', async () => {
  const found = [...secretKeys].map((key) => `environment ${key}`);
  for (const [key, { body }] of Object.entries<Route>(routes)) {
    if (body === undefined || isBytes(body)) continue;
    const shape = JSON.stringify(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }));
    if (/"(?:\w*[sS]ecret|token|aesKey|\w*[pP]assword)":\{/.test(shape)) found.push(key);
  }
  const root = new URL('../', import.meta.url);
  for (const name of await readdir(new URL('src/cli/', root), { recursive: true })) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
    const file = `src/cli/${name.replaceAll('\\', '/')}`;
    for (const [, option] of (await readFile(new URL(file, root), 'utf8')).matchAll(
      /ption\('(--[\w-]*(?:secret|token|key|password)[\w-]*-file) /g,
    ))
      found.push(`${file} ${option}`);
  }
  const known = [...Object.keys(entrances), ...Object.keys(others)];
  assert.deepEqual(
    found.filter((one) => !known.includes(one)),
    [],
    'write it into this file, with its rule',
  );
  assert.deepEqual(
    Object.keys(others).filter((one) => !found.includes(one)),
    [],
  );
  const docs = await readFile(new URL('docs/security.md', root), 'utf8');
  for (const rule of Object.keys(secretRules)) assert.ok(docs.includes(`\`${rule}\``), rule);
});
