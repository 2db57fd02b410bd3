import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../../../test/support/manual-clock.ts';
import { momentOf } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { Lane } from '../sending/lane.ts';
import { ChunkRecord } from './chunk-record.ts';
import type { Flusher } from './flusher.ts';
import { LaterAttempts } from './later-attempts.ts';

const leaseMs = 10_000;

test('the lease of a chunk ends before the database’s, counted from before the claim, by either clock', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  for (const move of ['advance', 'suspend'] as const) {
    const clock = manualClock();
    const claimedAt = momentOf(clock);
    // The claim's answer took so long, or the machine slept meanwhile.
    clock[move](leaseMs * 0.8);
    const record = new ChunkRecord(
      {
        ...{ clock, logger: silentLogger, lane: new Lane(1, clock), leaseMs, keyed: true },
        flusher: {} as Flusher, // asked for nothing before `start`
        flushAlone: () => Promise.reject(new Error('nothing is flushed')),
      },
      {
        ...{ later: new LaterAttempts(), stopping: false, limit: 1, oldestDispatch: () => null },
        ...{ nextNo: () => undefined, creditsFor: () => undefined, onStored: () => {} },
      },
      { campaignId: 1, firstNo: 1, lastNo: 9, epoch: 1, watermark: 0, maybeRetries: 2, history: '' },
      claimedAt,
    );
    assert.equal(record.isExpired(momentOf(clock)), false);
    clock[move](leaseMs * 0.1);
    assert.equal(record.isExpired(momentOf(clock)), true, move);
  }
});
