import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Circuit } from './circuit.ts';

test('opens after 20 failures in a row and pauses 1, 2, 4 … 30 s between probes', () => {
  const circuit = new Circuit();
  for (let n = 0; n < 19; n++) assert.equal(circuit.fail(0, 10), null);
  assert.equal(circuit.fail(0, 10), 1_000);
  const pauses: (number | null)[] = [];
  let now = 10;
  let pause = 1_000;
  for (let n = 0; n < 7; n++) {
    now += pause;
    const next = circuit.fail(now, now + 5);
    pauses.push(next);
    now += 5;
    pause = next ?? 0;
  }
  assert.deepEqual(pauses, [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('what was in flight when it opened does not lengthen the pause', () => {
  const circuit = new Circuit();
  for (let n = 0; n < 20; n++) circuit.fail(0, 100);
  for (let n = 0; n < 44; n++) assert.equal(circuit.fail(0, 200), null);
  assert.equal(circuit.fail(1_100, 1_105), 2_000);
});

test('one answer in between starts the count again, and ends an outage', () => {
  const circuit = new Circuit();
  for (let n = 0; n < 19; n++) circuit.fail(0, 1);
  assert.equal(circuit.succeed(), false);
  for (let n = 0; n < 19; n++) circuit.fail(0, 1);
  assert.equal(circuit.open, false);
  circuit.fail(0, 1);
  assert.equal(circuit.open, true);
  assert.equal(circuit.succeed(), true);
  assert.equal(circuit.open, false);
});
