import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { manualClock } from '../../../test/support/manual-clock.ts';
import { FailoverEvidence, waitsForAll } from './failover.ts';
import type { Look, Replication } from './look.ts';

const sync: Replication = {
  ...{ standbyNames: 's1', isDurable: true, standbys: 1, asyncStandbys: 0, replayed: null },
};

describe('whether each standby has what was acknowledged', () => {
  for (const [names, standbys, is] of [
    ['', 1, false],
    ['s1', 1, true],
    ['s1', 0, true],
    ['"s1"', 2, false],
    ['s1, s2', 2, false],
    ['FIRST 2 (s1, s2)', 2, true],
    ['ANY 1 (s1, s2)', 2, false],
    ['any 2 (s1,s2)', 2, true],
    ['2 (s1, s2)', 3, false],
    ['*', 1, true],
    ['FIRST 1 (*)', 2, false],
    ['ANY 2 (*)', 2, true],
  ] as const)
    test(`"${names}" with ${standbys}: ${is}`, () => {
      assert.equal(waitsForAll({ ...sync, standbyNames: names, standbys }), is);
    });

  test('not where commits do not wait, one standby is asynchronous, or nothing is told', () => {
    assert.equal(waitsForAll({ ...sync, isDurable: false }), false);
    assert.equal(waitsForAll({ ...sync, asyncStandbys: 1 }), false);
    assert.equal(waitsForAll({ ...sync, standbys: null }), false);
    assert.equal(waitsForAll({ ...sync, standbyNames: null }), false);
  });
});

describe('a failover', () => {
  const position = (timeline: number, lsn: string): Look['position'] => ({
    systemIdentifier: '1',
    timeline,
    lsn,
  });

  /** A process that has seen the old server for two seconds, its last position at 0/3000. */
  function seen(
    replication: Replication = sync,
    renewals = 2,
  ): { evidence: FailoverEvidence; pass(ms: number): void } {
    const clock = manualClock();
    const evidence = new FailoverEvidence(clock);
    const pass = (ms: number): void => clock.advance(ms);
    for (const lsn of ['0/1000', '0/2000', '0/3000']) {
      evidence.saw({ replication, position: position(1, lsn) });
      pass(500);
    }
    for (let i = 0; i < renewals; i++) evidence.renewed();
    return { evidence, pass };
  }

  function promoted(change: Partial<Look> & { replayed?: string | null; timeline?: number } = {}): Look {
    const { replayed = '0/2500', timeline = 2, ...more } = change;
    return {
      ...{
        position: position(timeline, '0/4000'),
        recorded: { systemIdentifier: '1', timeline: 1, oids: '1.1' },
      },
      ...{ replication: { ...sync, standbyNames: '', replayed }, uptimeMs: 60_000, lostMessage: false },
      ...more,
    } as Look; // of the rest nothing is asked
  }

  test('is clean when all that is known is there', () => {
    assert.equal(seen().evidence.judge(promoted()), null);
  });

  test('is not known to be clean otherwise, and it is said why', () => {
    assert.equal(seen().evidence.judge(promoted({ timeline: 3 })), 'timeline');
    assert.equal(seen({ ...sync, standbyNames: '' }).evidence.judge(promoted()), 'asynchronous');
    assert.equal(seen().evidence.judge(promoted({ replayed: null })), 'untold');
    assert.equal(seen().evidence.judge(promoted({ uptimeMs: 100 })), 'untold', 'it was started since');
    assert.equal(seen().evidence.judge(promoted({ replayed: '0/1FFF' })), 'behind');
    assert.equal(seen().evidence.judge(promoted({ lostMessage: true })), 'forgot');
    assert.equal(seen(sync, 1).evidence.judge(promoted()), 'nobody-knows');
    assert.equal(new FailoverEvidence(manualClock()).judge(promoted()), 'nobody-knows');
  });

  test('is not clean by renewals of before the commits waited', () => {
    const { evidence, pass } = seen({ ...sync, standbyNames: '' });
    evidence.saw({ replication: sync, position: position(1, '0/3000') });
    evidence.renewed();
    pass(500);
    assert.equal(evidence.judge(promoted({ replayed: '0/3000' })), 'nobody-knows');
    evidence.renewed();
    assert.equal(evidence.judge(promoted({ replayed: '0/3000' })), null);
  });

  test('has to be judged by who has seen the old timeline', () => {
    const { evidence } = seen();
    evidence.saw({ replication: sync, position: position(2, '0/4000') });
    assert.equal(evidence.judge(promoted()), 'nobody-knows');
  });
});
