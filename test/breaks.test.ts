import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { pidExists } from '../src/store/embedded/processes.ts';
import { breaks } from './breaks/all.ts';
import { broken } from './breaks/break.ts';
import { runGroup } from './breaks/run-group.ts';
import { until } from './support/in-time.ts';

const root = new URL('../', import.meta.url);
const read = async (path: string): Promise<string> => await readFile(new URL(path, root), 'utf8');

/** `npm run test:break` takes long and runs by itself; here, whether it still would break what it says. */
describe('the list of breaks', () => {
  test('names places that are there, once, and tests of that name', async () => {
    for (const one of breaks) {
      const content = await read(one.file);
      assert.notEqual(broken(content, one), content, one.what);
      const tests = await read(one.test);
      if (one.name === undefined) continue;
      assert.ok(tests.includes(one.name), `${one.test} has no test "${one.name}"`);
      // A pattern that fits no test of the file's own runs none of it, and then nothing is noticed.
      const titles = [...tests.matchAll(/\bt\.test\(\s*(['"`])(.*?)\1/gs)].map(([, , title = '']) => title);
      const isPart = titles.some((title) => title.includes(one.name ?? ''));
      assert.ok(!isPart, `"${one.name}" is a part of a test of ${one.test}: name the whole test`);
    }
  });

  test('finds a place that is gone or there twice', () => {
    const one = { what: '', file: 'a.ts', find: 'x', replace: 'y', test: 'a.test.ts' };
    assert.throws(() => broken('a', one), /0 times/);
    assert.throws(() => broken('x x', one), /2 times/);
    assert.equal(broken('a x b', one), 'a y b');
  });

  test('leaves nothing of what a test has started, whether it ends or hangs', async () => {
    const shell = (then: string, timeoutMs: number) =>
      runGroup('sh', ['-c', `sleep 1000 & echo $!; ${then}`], { timeoutMs });
    const ended = await shell('exit 3', 60_000);
    assert.equal(ended.code, 3);
    const hung = await shell('wait', 1_000);
    assert.equal(hung.code, null);
    const left = [ended, hung].map(({ stdout }) => Number(stdout)).filter((pid) => pid > 0);
    assert.ok(left.length > 0);
    await until('no process is left', async () => !left.some(pidExists));
  });
});
