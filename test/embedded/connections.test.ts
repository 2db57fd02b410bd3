import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeScratch, query } from '../support/embedded/scratch.ts';
import { until } from '../support/in-time.ts';

const shown = async (connection: Parameters<typeof query>[0]): Promise<number> =>
  Number((await query(connection, 'show max_connections'))[0]?.max_connections);

test('the embedded database allows as many connections as those who use it want', async (t) => {
  const scratch = await makeScratch(t);
  const few = scratch.start({ connections: 21 });
  const first = await few.opened;
  assert.equal(await shown(first.connection), 100);
  // One that comes later finds what there is …
  const many = scratch.start({ connections: 150 });
  assert.equal(await shown((await many.opened).connection), 100);
  // … and whoever starts it again counts both.
  process.kill(first.pid, 'SIGKILL');
  const next = scratch.start({ connections: 21 });
  assert.equal(await shown((await next.opened).connection), 21 + 150 + 21 + 20);
  for (const one of [few, many, next]) await one.close();
});

test('what the operator has set is kept where it is enough', async (t) => {
  const scratch = await makeScratch(t);
  const first = scratch.start();
  const { connection, pid } = await first.opened;
  await query(connection, 'alter system set max_connections = 260');
  await first.close();
  await until('it has stopped', async () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  });
  const large = scratch.start({ connections: 200 });
  assert.equal(await shown((await large.opened).connection), 260);
  await large.close();
  const larger = scratch.start({ connections: 300 });
  assert.equal(await shown((await larger.opened).connection), 320);
  await larger.close();
});
