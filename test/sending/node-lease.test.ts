import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { NodeLease } from '../../src/engine/sending/node-lease.ts';
import { until } from '../support/cli.ts';
import { makeScene } from '../support/deliver.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { messageChild, messageFacts, messageNode, messageTo, settled } from '../support/messages.ts';

const scene = await makeScene('mp-subscribe');
const { pool, installation } = scene.site.store;
const leaseMs = 600_000;
let serial = 0;

/**
 * A lease under clocks that stand until they are moved; it is renewed by hand.
 *
 * @param meanwhile while the database answers for the first time
 */
async function makeLease(meanwhile?: (clock: ManualClock) => void) {
  const clock = manualClock();
  const id = `00000000-0000-4000-a000-${String(++serial).padStart(12, '0')}`;
  const node = { id, role: 'serve', version: 'test' } as const;
  const lease = new NodeLease({
    pool,
    clock,
    logger: silentLogger,
    node,
    leaseMs,
    guard: installation.guard,
  });
  const started = lease.start();
  meanwhile?.(clock);
  await started;
  return { clock, lease, id };
}

test('a lease ends before the database’s, by whichever clock says so first', async (t) => {
  const { clock, lease } = await makeLease();
  t.after(() => lease.close());
  clock.advance(leaseMs * 0.84);
  assert.ok(lease.isHeld(lease.epoch));
  assert.ok(!lease.isHeld(lease.epoch - 1), 'an epoch of before');
  clock.advance(leaseMs * 0.02);
  assert.ok(!lease.isHeld(lease.epoch));
  await lease.renew();
  assert.ok(lease.isHeld(lease.epoch));
  clock.suspend(leaseMs * 0.86);
  assert.ok(!lease.isHeld(lease.epoch), 'the machine slept, and its monotonic clock with it');
  await lease.renew();
  assert.ok(lease.isHeld(lease.epoch));
});

test('what the database’s answer took is taken off the lease, by either clock', async (t) => {
  for (const move of ['advance', 'suspend'] as const) {
    const { clock, lease } = await makeLease((standing) => standing[move](leaseMs * 0.86));
    t.after(() => lease.close());
    assert.ok(!lease.isHeld(lease.epoch), move);
    await lease.renew();
    assert.ok(lease.isHeld(lease.epoch));
    const renewed = lease.renew();
    clock[move](leaseMs * 0.86);
    await renewed;
    assert.ok(!lease.isHeld(lease.epoch), move);
  }
});

test('how long a lease was held begins again after a gap and under another epoch', async (t) => {
  const { clock, lease, id } = await makeLease();
  t.after(() => lease.close());
  clock.advance(leaseMs / 2);
  await lease.renew();
  clock.advance(leaseMs / 2);
  assert.equal(lease.heldMs, leaseMs);
  clock.advance(leaseMs);
  assert.equal(lease.heldMs, 0);
  await lease.renew();
  assert.ok(lease.isHeld(lease.epoch));
  assert.equal(lease.heldMs, 0, 'the database was away: all leases were over');
  clock.advance(10);
  assert.equal(lease.heldMs, 10);
  const { epoch } = lease;
  await pool.query('update nodes set epoch = epoch + 1 where id = $1', [id]);
  await lease.renew();
  assert.ok(lease.epoch > epoch);
  assert.equal(lease.heldMs, 0);
});

test('a lease that is taken under a known id has an epoch of its own', async (t) => {
  const { clock, lease, id } = await makeLease();
  t.after(() => lease.close());
  const node = { id, role: 'serve', version: 'test' } as const;
  const again = new NodeLease({
    pool,
    clock,
    logger: silentLogger,
    node,
    leaseMs,
    guard: installation.guard,
  });
  t.after(() => again.close());
  await again.start();
  assert.ok(again.epoch > lease.epoch, 'what was claimed before must not look like its own');
});

test('a node that has only just got its lease takes nothing over: after a pause of the database all are over', async () => {
  // Each leaves a message that it had claimed. Their leases are long, so that neither takes over from the other.
  const ids: number[] = [];
  for (const no of [1, 2]) {
    await messageChild(scene, {
      ...{ messages: [messageTo(scene, no)], point: 'inserted', signal: 'SIGKILL', leaseMs },
    }).killed();
    const { rows } = await pool.query<{ id: number }>('select max(id) as id from messages');
    ids.push(rows[0]?.id ?? 0);
  }
  const [left = 0, waiting = 0] = ids;
  await pool.query("update nodes set lease_until = clock_timestamp() - interval '1 s'");
  await pool.query(
    'update open_messages set owner = null, epoch = 0, batch = 0, claimed_at = null where message_id = $1',
    [waiting],
  );
  const node = await messageNode(scene, { leaseMs });
  // It is claimed in the same round in which others' messages are taken over, and behind that.
  assert.equal((await settled(scene, waiting)).state, 'accepted');
  assert.deepEqual(await messageFacts(scene, left), []);
  await node.stop();
  await messageNode(scene, { leaseMs: 200 });
  await until('it is in doubt', async () => (await messageFacts(scene, left)).includes('1 in_doubt crash'));
});
