import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { HongyanError } from '../base/errors.ts';
import { environmentKeys, fileKeys, loadConfig } from './config.ts';

const directory = mkdtempSync(join(tmpdir(), 'hongyan-config-'));
after(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'hongyan.json');
const isPosix = process.getuid !== undefined;

function load(values: object, mode: number): string {
  writeFileSync(path, JSON.stringify(values));
  chmodSync(path, mode);
  try {
    loadConfig({ dataDir: directory }, {});
    return 'taken';
  } catch (error) {
    assert.ok(error instanceof HongyanError);
    assert.equal(error.code, 'CONFIG_INVALID');
    return error.words?.key ?? '';
  }
}

describe('a config file with secrets', { skip: isPosix ? false : 'modes are of POSIX' }, () => {
  const secrets = [
    { apiToken: 'x'.repeat(32) },
    { secretKey: 'x'.repeat(64) },
    { databaseUrl: 'postgres://u:p@localhost/x' },
    { proxy: 'http://me:geheim@10.0.0.2:3128' },
  ];

  test('is refused where others can read it', () => {
    for (const values of secrets) {
      for (const mode of [0o644, 0o640, 0o604])
        assert.equal(load(values, mode), 'CONFIG_INVALID/file-exposed', JSON.stringify(values));
      assert.equal(load(values, 0o600), 'taken', JSON.stringify(values));
    }
    assert.equal(load({ lang: 'zh', proxy: 'http://10.0.0.2:3128' }, 0o644), 'taken', 'without secrets');
  });

  test('is refused where somebody else wrote it', {
    skip: process.getuid?.() === 0 ? false : 'needs root',
  }, () => {
    writeFileSync(path, '{}');
    chownSync(path, 65534, 65534);
    assert.equal(load({ apiToken: 'x'.repeat(32) }, 0o600), 'CONFIG_INVALID/file-foreign');
    chownSync(path, 0, 0);
  });
});

test('a wrong setting says what it takes, in both languages, and never its value', () => {
  const said = (values: object): { en: string; zh: string } => {
    writeFileSync(path, JSON.stringify(values));
    chmodSync(path, 0o600);
    try {
      loadConfig({ dataDir: directory }, {});
    } catch (error) {
      assert.ok(error instanceof HongyanError && error.words?.key === 'CONFIG_INVALID/values');
      return error.words.values.problems as { en: string; zh: string }; // Words
    }
    assert.fail('taken');
  };
  assert.deepEqual(said({ listen: 'geheim', bogus: 1 }), {
    en: 'listen must be HOST:PORT or [IPV6]:PORT with a port up to 65535, or off; bogus is no setting',
    zh: 'listen 应为 主机:端口 或 [IPv6]:端口（端口最大 65535），或 off；bogus 不是配置项',
  });
  for (const key of [
    'databaseUrl',
    'proxy',
    'webhookAllow',
    'publicUrl',
    'trustProxy',
    'auditKeepDays',
    'backupAt',
    'lang',
    'logLevel',

    'apiToken',
  ]) {
    for (const value of ['ge heim', 7]) {
      const { en, zh } = said({ [key]: value });
      assert.match(en, new RegExp(`^${key} (?:is|must|takes)`));
      assert.match(zh, /\p{Script=Han}/u);
      assert.doesNotMatch(en + zh, /heim/);
    }
  }
});

describe('a secret in a file of its own', () => {
  const secret = join(directory, 'secret');
  const values = {
    databaseUrl: 'postgres://u:p@localhost/x',
    secretKey: 'x'.repeat(44),
    secretKeyPrevious: 'x'.repeat(44),
    apiToken: 'y'.repeat(32),
    proxy: 'http://me:geheim@10.0.0.2:3128',
  };
  const taken = (key: keyof typeof values, env: NodeJS.ProcessEnv = {}): string => {
    try {
      return loadConfig({ dataDir: directory }, { [`${environmentKeys[key]}_FILE`]: secret, ...env }).config[
        key
      ] as string; // it is given
    } catch (error) {
      assert.ok(error instanceof HongyanError && error.code === 'CONFIG_INVALID');
      assert.doesNotMatch(error.message, /geheim|xxx|yyy/);
      return error.words?.key ?? '';
    }
  };
  const write = (text: string, mode: number): void => {
    rmSync(path, { force: true });
    writeFileSync(secret, text);
    chmodSync(secret, mode);
  };

  test('is taken, without the end of its line', () => {
    assert.deepEqual(Object.keys(values).sort(), [...fileKeys].sort());
    for (const key of fileKeys as (keyof typeof values)[]) {
      write(`${values[key]}\n`, 0o600);
      assert.equal(taken(key), values[key]);
    }
  });

  test('is refused when it is given twice, empty, not there, or nothing that may stand in a file', () => {
    write('z'.repeat(32), 0o600);
    assert.equal(taken('apiToken', { HONGYAN_API_TOKEN: 'y'.repeat(32) }), 'CONFIG_INVALID/secret-twice');
    write('\n', 0o600);
    assert.equal(taken('apiToken'), 'CONFIG_INVALID/secret-empty');
    rmSync(secret);
    assert.equal(taken('apiToken'), 'CONFIG_INVALID/secret-unreadable');
    assert.throws(() => loadConfig({ dataDir: directory }, { HONGYAN_LISTEN_FILE: secret }), {
      code: 'CONFIG_INVALID',
    });
  });

  test('is refused where others can read it', { skip: isPosix ? false : 'modes are of POSIX' }, () => {
    for (const mode of [0o644, 0o640, 0o604]) {
      write('z'.repeat(32), mode);
      assert.equal(taken('apiToken'), 'CONFIG_INVALID/file-exposed');
    }
  });
});
