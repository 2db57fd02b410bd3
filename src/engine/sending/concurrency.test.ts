import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Concurrency } from './concurrency.ts';

test('halves at most once a second, to 4 at least, and grows by one for each window of accepted ones', () => {
  const window = new Concurrency(64);
  assert.equal(window.window, 64);
  window.decrease(0);
  window.decrease(999);
  assert.equal(window.window, 32);
  for (let s = 1; s < 10; s++) window.decrease(s * 1_000);
  assert.equal(window.window, 4);
  for (let n = 0; n < 4; n++) window.accepted(80, true, 20_000);
  assert.equal(window.window, 5);
  for (let n = 0; n < 4; n++) window.accepted(80, true, 20_000);
  assert.equal(window.window, 5);
  window.accepted(80, true, 20_000);
  assert.equal(window.window, 6);
});

test('does not grow while something else limits', () => {
  const window = new Concurrency(64);
  window.decrease(0);
  for (let n = 0; n < 1_000; n++) window.accepted(80, false, 2_000);
  assert.equal(window.window, 32);
});

test('halves when answers take more than twice as long while the window is full', () => {
  const window = new Concurrency(64);
  for (let n = 0; n < 200; n++) window.accepted(80, true, 0);
  for (let n = 0; n < 200; n++) window.accepted(150, true, 100);
  assert.equal(window.window, 64);
  for (let n = 0; n < 200; n++) window.accepted(300, true, 200);
  assert.equal(window.window, 32);
});

test('leaves the window alone when answers are slow but few, or fast anyway', () => {
  const window = new Concurrency(64);
  for (let n = 0; n < 200; n++) window.accepted(80, false, 0);
  for (let n = 0; n < 200; n++) window.accepted(300, false, 100);
  const fast = new Concurrency(64);
  for (let n = 0; n < 200; n++) fast.accepted(2, true, 0);
  for (let n = 0; n < 200; n++) fast.accepted(60, true, 100);
  assert.deepEqual([window.window, fast.window], [64, 64]);
});

test('a window smaller than 4 stays as it was given', () => {
  const window = new Concurrency(2);
  window.decrease(0);
  assert.equal(window.window, 2);
});

test('answers that stay slow are the new measure after some minutes', () => {
  const window = new Concurrency(64);
  for (let n = 0; n < 200; n++) window.accepted(80, true, 0);
  for (let s = 1; s <= 300; s++) for (let n = 0; n < 5; n++) window.accepted(170, false, s * 1_000);
  for (let n = 0; n < 200; n++) window.accepted(170, true, 301_000);
  assert.equal(window.window, 64);
});
