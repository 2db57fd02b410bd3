import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HongyanError } from '../base/errors.ts';
import { languageOf } from './environment.ts';
import { takeGlobalOptions } from './global-options.ts';

test('options of every command are taken before and after it, in both spellings', () => {
  for (const args of [
    ['--lang', 'zh', '--data-dir=/a=b', 'doctor', '--json'],
    ['doctor', '--lang', 'zh', '--json', '--data-dir', '/a=b'],
    ['doctor', '--json', '--lang=zh_CN.UTF-8', '--data-dir', '/a=b'],
  ])
    assert.deepEqual(takeGlobalOptions(args), {
      flags: { lang: 'zh', dataDir: '/a=b' },
      rest: ['doctor', '--json'],
    });
  assert.deepEqual(takeGlobalOptions(['x', '--', '--lang', 'zh']).rest, ['x', '--', '--lang', 'zh']);
});

test("the language of a Mini Program's message is the command's own", () => {
  const args = ['push', '--lang', 'zh_CN', '--lang', 'en'];
  assert.deepEqual(takeGlobalOptions(args), { flags: { lang: 'en' }, rest: ['push', '--lang', 'zh_CN'] });
  assert.deepEqual(takeGlobalOptions(['--lang', 'zh_CN', 'push']).flags, { lang: 'zh' });
});

test('another language, and none, are refused', () => {
  for (const args of [
    ['doctor', '--lang', 'fr'],
    ['doctor', '--lang'],
  ])
    assert.throws(
      () => takeGlobalOptions(args),
      (error) => error instanceof HongyanError && error.code === 'USAGE',
    );
});

test('what is wrong before the configuration is read is said in the language asked for', () => {
  assert.equal(languageOf(['doctor', '--lang', 'zh'], {}), 'zh');
  assert.equal(languageOf(['doctor', '--lang=en'], { HONGYAN_LANG: 'zh' }), 'en');
  assert.equal(languageOf([], { HONGYAN_LANG: 'zh', LANG: 'en_US.UTF-8' }), 'zh');
  assert.equal(languageOf([], { LC_ALL: '', LANG: 'zh_CN.UTF-8' }), 'zh');
  assert.equal(languageOf([], { LC_ALL: 'C', LANG: 'zh_CN.UTF-8' }), 'en');
});
