import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import { skipUnlessRoot } from '../support/embedded/scratch.ts';
import { createTestDatabase } from '../support/postgres.ts';

const program = fileURLToPath(new URL('../../bin/hongyan.js', import.meta.url));

/** Tells at the end which packages and which commands were loaded. */
const listing = `
import { registerHooks } from 'node:module';
const loaded = new Set();
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const [, name] = /(?:node_modules\\/((?:@[^/]+\\/)?[^/]+)|(cli\\/commands\\/[\\w/-]+))/.exec(found.url)?.filter(Boolean) ?? [];
    if (name !== undefined) loaded.add(name);
    return found;
  },
});
process.on('exit', () => process.stderr.write('loaded ' + JSON.stringify([...loaded].sort())));
`;

function loadedBy(...args: string[]): string[] {
  return loadedWith({}, ...args);
}

function loadedWith(env: Record<string, string>, ...args: string[]): string[] {
  const hook = `data:text/javascript,${encodeURIComponent(listing)}`;
  const { stderr, status } = spawnSync(process.execPath, ['--import', hook, program, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env },
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(/loaded (.*)$/.exec(stderr)?.[1] ?? 'null');
}

/** Each command is a span where there is an SDK, help too. */
const traces = '@opentelemetry/api';

test('an old Node is told which one is needed, in the language of whoever started it', () => {
  const old = "Object.defineProperty(process.versions, 'node', { value: '20.19.0' });";
  const said = (env: Record<string, string>): string => {
    const hook = `data:text/javascript,${encodeURIComponent(old)}`;
    const { stderr, status } = spawnSync(process.execPath, ['--import', hook, program, '--help'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env },
    });
    assert.equal(status, 1, stderr);
    return stderr;
  };
  assert.match(said({ LANG: 'zh_CN.UTF-8' }), /^鸿雁需要 Node\.js 22\.19 或更高版本，当前为 v/);
  assert.match(
    said({ LANG: 'zh_CN.UTF-8', HONGYAN_LANG: 'en' }),
    /^hongyan needs Node\.js 22\.19 or newer, and/,
  );
  assert.match(said({}), /^hongyan needs Node\.js 22\.19 or newer, and this is v/);
});

test('help and version load nothing but commander and what asks for an SDK', () => {
  for (const args of [['--help'], ['help'], ['--version'], ['-h', '--lang', 'zh']])
    assert.deepEqual(loadedBy(...args), [traces, 'commander'], args.join(' '));
});

test('a command loads no other command', () => {
  for (const args of [
    ['help', 'suppress'],
    ['suppress', 'add', '--help'],
  ])
    assert.deepEqual(
      loadedBy(...args).filter((one) => one.startsWith('cli/')),
      ['cli/commands/accounts/suppress'],
      args.join(' '),
    );
});

test('a command that only asks the database loads nothing that speaks to WeChat, does jobs or listens', async () => {
  const database = await createTestDatabase();
  const env = {
    HONGYAN_DATABASE_URL: database.url,
    HONGYAN_SECRET_KEY: randomBytes(32).toString('base64'),
    HONGYAN_STATE_DIR: join(tmpdir(), 'hongyan-test-loading-state'),
  };
  const loaded = loadedWith(env, 'accounts', 'list');
  // undici alone was a quarter of the time.
  assert.deepEqual(
    Object.keys(packageJson.dependencies).filter((one) => loaded.includes(one)),
    [traces, 'commander', 'pg', 'pino', 'zod'],
  );
});

test('what was compiled is kept for the next command, in the home of whoever runs it', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'hongyan-home-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  loadedWith({ HOME: home }, '--version');
  const kept = await readdir(join(home, '.cache/hongyan'), { recursive: true });
  assert.ok(kept.length > 50, String(kept));
  loadedWith({ HOME: home, XDG_CACHE_HOME: join(home, 'elsewhere') }, '--version');
  assert.ok((await readdir(join(home, 'elsewhere/hongyan'))).length > 0);
});

test('nothing compiled is taken from a home of somebody else', { skip: skipUnlessRoot }, async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'hongyan-home-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  await chown(home, 65534, 65534);
  loadedWith({ HOME: home }, '--version');
  assert.deepEqual(await readdir(home), []);
});
