import type { Break } from './break.ts';

export const baseBreaks: Break[] = [
  {
    what: 'a sealed value of another version is refused',
    file: 'src/base/seal.ts',
    find: 'if (sealed[0] !== version)',
    replace: 'if (false)',
    test: 'src/base/seal.test.ts',
  },
  {
    what: 'a key of another length is refused',
    file: 'src/base/seal.ts',
    find: 'if (key.length !== 32) {',
    replace: 'if (key.length > 32) {',
    test: 'src/base/seal.test.ts',
  },
  {
    what: 'a sealed value opens only at its place',
    file: 'src/base/seal.ts',
    find: `authTagLength: 16 })
          .setAAD(Buffer.from(place))`,
    replace: `authTagLength: 16 })
          .setAAD(Buffer.from('accounts.secret:wx1'))`,
    test: 'src/base/seal.test.ts',
  },
  {
    what: 'equal objects are equal whatever the order of their keys',
    file: 'src/base/canonical.ts',
    find: '.sort(([a], [b]) => (a < b ? -1 : 1))',
    replace: '',
    test: 'src/base/canonical.test.ts',
  },
  {
    what: 'who waits at most so long is told that it was not enough',
    file: 'src/base/within.ts',
    find: 'resolve(false)',
    replace: 'resolve(true)',
    test: 'src/base/within.test.ts',
  },
  {
    what: 'of two clocks the one counts that says more',
    file: 'src/base/clock.ts',
    find: 'return now.monotonic >= deadline.monotonic || now.wall >= deadline.wall;',
    replace: 'return now.monotonic >= deadline.monotonic;',
    test: 'src/base/clock.test.ts',
  },
  {
    what: 'a time that clocks show twice runs once',
    file: 'src/engine/campaigns/schedule-times.ts',
    find: 'found.set(one.at, { ...one, local: nameOf(local) });',
    replace: 'found.set(one.at + found.size, { ...one, local: nameOf(local) });',
    test: 'src/engine/campaigns/schedule-times.test.ts',
  },
  {
    what: 'a time from before a restore is missed',
    file: 'src/engine/campaigns/schedule-clock.ts',
    find: 'last.at > historyAt && ',
    replace: '',
    test: 'test/campaigns/schedule-runs.test.ts',
    name: 'from before a restore may have been carried out and forgotten: it is missed',
  },
  {
    what: 'a time that is long over is not made up for',
    file: 'src/engine/campaigns/schedule-clock.ts',
    find: ' && now - last.at < validMinutes * minuteMs',
    replace: '',
    test: 'test/campaigns/schedule-runs.test.ts',
    name: 'that is over for longer than a run is good for is missed, and the list says so',
  },
  {
    what: 'who asks for work during a look gets another look',
    file: 'src/base/rounds.ts',
    find: 'if (this.#again) this.wake();',
    replace: '',
    test: 'src/base/rounds.test.ts',
  },
  {
    what: 'an end waits for the look that is under way',
    file: 'src/base/rounds.ts',
    find: 'await this.#running;',
    replace: '',
    test: 'src/base/rounds.test.ts',
  },
  {
    what: 'what is repeated until it is stored has a longest pause',
    file: 'src/base/retry.ts',
    find: 'Math.min(longestMs, 2 * pauseMs)',
    replace: '2 * pauseMs',
    test: 'src/base/retry.test.ts',
  },
];
