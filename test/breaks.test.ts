import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { breaks } from './breaks/all.ts';
import { broken } from './breaks/break.ts';

const root = new URL('../', import.meta.url);
const read = async (path: string): Promise<string> => await readFile(new URL(path, root), 'utf8');

/** `npm run test:break` takes long and runs by itself; here, whether it still would break what it says. */
describe('the list of breaks', () => {
  test('names places that are there, once, and tests of that name', async () => {
    for (const one of breaks) {
      const content = await read(one.file);
      assert.notEqual(broken(content, one), content, one.what);
      const tests = await read(one.test);
      if (one.name !== undefined)
        assert.ok(tests.includes(one.name), `${one.test} has no test "${one.name}"`);
    }
  });

  test('finds a place that is gone or there twice', () => {
    const one = { what: '', file: 'a.ts', find: 'x', replace: 'y', test: 'a.test.ts' };
    assert.throws(() => broken('a', one), /0 times/);
    assert.throws(() => broken('x x', one), /2 times/);
    assert.equal(broken('a x b', one), 'a y b');
  });
});
