import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { HongyanError } from '../base/errors.ts';
import { loadConfig } from './config.ts';

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
    en: 'listen must be HOST:PORT, [IPV6]:PORT or off; bogus is no setting',
    zh: 'listen 应为 主机:端口、[IPv6]:端口 或 off；bogus 不是配置项',
  });
  for (const key of [
    'databaseUrl',
    'proxy',
    'webhookAllow',
    'trustProxy',
    'auditKeepDays',
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
