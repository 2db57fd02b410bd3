import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { nextOccurrence, occurrences, requireCron } from './schedule-times.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);
const due = (cron: string, zone: string, from: string, to: string): string[] =>
  occurrences(cron, zone, utc(from), utc(to)).map(
    ({ local, at }) => `${local} = ${new Date(at).toISOString().slice(0, 16)}`,
  );

describe('a schedule', () => {
  test('at a time that the clocks show twice is due once, at the first', () => {
    assert.deepEqual(due('30 1 * * *', 'America/New_York', '2026-11-01T00:00', '2026-11-02T00:00'), [
      '2026-11-01T01:30 = 2026-11-01T05:30',
    ]);
  });

  test('at a time that the clocks skip is due at the next that they show', () => {
    assert.deepEqual(due('30 2 * * *', 'America/New_York', '2026-03-08T00:00', '2026-03-09T00:00'), [
      '2026-03-08T02:30 = 2026-03-08T07:00',
    ]);
    // Half an hour is skipped here.
    assert.deepEqual(due('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00', '2026-10-04T00:00'), [
      '2026-10-04T02:15 = 2026-10-03T15:30',
    ]);
  });

  test('that is due at a skipped time and at the next one too is due once then', () => {
    assert.deepEqual(due('0 2,3 * * *', 'America/New_York', '2026-03-08T00:00', '2026-03-09T00:00'), [
      '2026-03-08T03:00 = 2026-03-08T07:00',
    ]);
  });

  test('at midnight of a day that begins at one is due at one', () => {
    assert.deepEqual(due('0 0 * * *', 'America/Santiago', '2026-09-05T12:00', '2026-09-06T12:00'), [
      '2026-09-06T00:00 = 2026-09-06T04:00',
    ]);
  });

  test('is read on the clocks of its zone', () => {
    assert.deepEqual(due('0 9 * * 1', 'Asia/Shanghai', '2026-11-22T00:00', '2026-11-30T00:00'), [
      '2026-11-23T09:00 = 2026-11-23T01:00',
    ]);
    const next = nextOccurrence('0 9 * * 1', 'Asia/Shanghai', utc('2026-11-23T01:00'));
    assert.equal(next?.local, '2026-11-30T09:00');
    assert.equal(nextOccurrence('0 0 30 2 *', 'Asia/Shanghai', utc('2026-01-01T00:00')), null);
  });

  test('is due once a local minute, never in the wrong one, wherever a look ends', () => {
    const zones = [
      'America/New_York',
      'Europe/Lisbon',
      'Australia/Lord_Howe',
      'America/Santiago',
      'Asia/Shanghai',
    ];
    const crons = ['30 1 * * *', '30 2 * * *', '0 0 * * *', '*/20 * * * *', '15 3 * * 0'];
    const start = utc('2026-01-01T00:00');
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...crons),
        fc.integer({ min: 0, max: 364 }),
        fc.array(fc.integer({ min: 1, max: 2_880 }), { minLength: 1, maxLength: 6 }),
        (zone, cron, day, minutes) => {
          const from = start + day * 86_400_000;
          const to = from + 2 * 86_400_000;
          // However a stretch is cut into looks, the same runs come of it.
          const whole = occurrences(cron, zone, from, to);
          const cuts = [...new Set(minutes)].sort((a, b) => a - b).map((one) => from + one * 60_000);
          const edges = [from, ...cuts, to].filter((edge, i, all) => i === 0 || edge > (all[i - 1] ?? 0));
          const parts = edges.slice(1).flatMap((edge, i) => occurrences(cron, zone, edges[i] ?? from, edge));
          assert.deepEqual(parts, whole);
          assert.equal(new Set(whole.map(({ local }) => local)).size, whole.length);
          assert.deepEqual(whole.map(({ local }) => local).sort(), expected(cron, zone, from, to));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('that is no cron expression of five fields is refused', () => {
    for (const wrong of ['every monday', '* * * *', '0 0 9 * * 1', '61 * * * *', '@daily'])
      assert.throws(() => requireCron(wrong), Error, wrong);
    requireCron('0 9 * * 1');
  });
});

/** The oracle: walks every minute of the stretch, and looks at what a clock on the wall shows. */
function expected(cron: string, zone: string, from: number, to: number): string[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const shownAt = (at: number): string => format.format(at).replace(' ', 'T');
  const [minute = '', hour = '', , , weekday = ''] = cron.split(' ');
  const matches = (local: string): boolean => {
    const [h, m] = [Number(local.slice(11, 13)), Number(local.slice(14, 16))];
    const isMinute = minute === '*/20' ? m % 20 === 0 : m === Number(minute);
    const isDay = weekday === '*' || new Date(`${local}Z`).getUTCDay() === Number(weekday);
    return isMinute && isDay && (hour === '*' || h === Number(hour));
  };
  const seen = new Set<string>();
  // What was shown before the stretch is not due again in it.
  let shown = Date.parse(`${shownAt(from - 2 * 86_400_000)}Z`);
  for (let at = from - 2 * 86_400_000 + 60_000; at <= to; at += 60_000) {
    const local = shownAt(at);
    const now = Date.parse(`${local}Z`);
    const isIn = at > from;
    // Minutes that the clocks skipped, unless one is due now all the same.
    const skipped: string[] = [];
    for (let one = shown + 60_000; one < now; one += 60_000)
      skipped.push(new Date(one).toISOString().slice(0, 16));
    if (now > shown) {
      const missed = skipped.find(matches);
      if (matches(local)) {
        if (isIn) seen.add(local);
      } else if (missed !== undefined && isIn) seen.add(missed);
      shown = now;
    }
  }
  return [...seen].sort();
}
