import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime, parseWhen } from './when.ts';

const now = Date.parse('2026-11-22T00:00:00Z');

test("reads local times in the account's zone, across a change of the clocks", () => {
  assert.equal(
    parseWhen('startAt', '2026-12-01 09:00', 'Asia/Shanghai', now).toISOString(),
    '2026-12-01T01:00:00.000Z',
  );
  assert.equal(
    parseWhen('startAt', '2027-03-28 01:30', 'Europe/Berlin', now).toISOString(),
    '2027-03-28T00:30:00.000Z',
  );
  assert.equal(
    parseWhen('startAt', '2027-03-28 03:30', 'Europe/Berlin', now).toISOString(),
    '2027-03-28T01:30:00.000Z',
  );
  assert.equal(
    parseWhen('startAt', '2026-12-01T09:00:00+08:00', 'Europe/Berlin', now).toISOString(),
    '2026-12-01T01:00:00.000Z',
  );
});

test('refuses what is no time, what no clock shows, and what is over', () => {
  for (const value of ['tomorrow', '2026-13-01 09:00', '2026-12-01']) {
    assert.throws(() => parseWhen('startAt', value, 'Asia/Shanghai', now), { code: 'TIME_INVALID' }, value);
  }
  assert.throws(() => parseWhen('startAt', '2027-03-28 02:30', 'Europe/Berlin', now), {
    code: 'TIME_INVALID',
  });
  assert.throws(() => parseWhen('startAt', '2026-11-22 07:59', 'Asia/Shanghai', now), /is over/);
});

test("shows times in the account's zone, as they can be typed again", () => {
  const at = new Date('2026-12-01T01:00:00Z');
  assert.equal(formatTime(at, 'Asia/Shanghai'), '2026-12-01 09:00:00 +08:00');
  assert.equal(formatTime(at, 'UTC'), '2026-12-01 01:00:00 +00:00');
  assert.equal(formatTime(at, 'America/St_Johns'), '2026-11-30 21:30:00 -03:30');
  for (const zone of ['Asia/Shanghai', 'UTC'])
    assert.equal(parseWhen('startAt', formatTime(at, zone), 'Europe/Berlin', now).getTime(), at.getTime());
});
