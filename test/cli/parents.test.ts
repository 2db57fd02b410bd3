import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pidExists } from '../../src/store/embedded/processes.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { inTime } from '../support/in-time.ts';

const clone = fileURLToPath(new URL('../..', import.meta.url));

test('a serve that npx has started ends when npx is killed, or gets SIGTERM', async (t) => {
  if (spawnSync('npx', ['--version']).status !== 0) return t.skip('no npx');
  if (process.platform !== 'linux') return t.skip('elsewhere the shell between is all that can be seen');
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const site = await makeSite();
    const npx = spawn('npx', ['hongyan', 'serve'], {
      cwd: clone,
      env: {
        ...site.cli.environment,
        HOME: site.directory,
        npm_config_offline: 'true',
        npm_config_update_notifier: 'false',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    npx.stderr.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
    // The pipe ends with the last of them.
    const ended = new Promise((resolve) => npx.stderr.once('close', resolve));
    const [node] = await until('it works', async () => {
      assert.ok(npx.exitCode === null, said);
      const { rows } = await site.store.pool.query<{ pid: number }>('select pid from nodes');
      return rows.length > 0 && /node started/.test(said) && rows;
    });
    assert(node !== undefined);
    assert.notEqual(node.pid, npx.pid);
    npx.kill(signal);
    await until('the node is gone', async () => !pidExists(node.pid));
    await inTime('all of them end', ended);
    assert.match(said, /Stopped; nothing is lost/);
    assert.deepEqual((await site.store.pool.query('select 1 from nodes')).rows, []);
  }
});

test('a simulator that another process has started as a part of itself ends with it', async () => {
  const program = fileURLToPath(new URL('../../bin/hongyan.js', import.meta.url));
  const simulator = spawn(process.execPath, [program, 'simulate', '--json', '--port', '0', '--part'], {
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  assert(simulator.stdout !== null);
  await inTime('the simulator says something', once(simulator.stdout, 'data'));
  // As the kernel does when the process at the other end is gone, whatever has ended it.
  simulator.disconnect();
  const [code] = await inTime('the simulator ends', once(simulator, 'exit'));
  assert.equal(code, 0);
});
