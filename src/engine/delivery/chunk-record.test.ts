import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../../../test/support/manual-clock.ts';
import { momentOf } from '../../base/clock.ts';
import { ChunkRecord } from './chunk-record.ts';

const leaseMs = 10_000;

test('the lease of a chunk ends before the database’s, counted from before the claim, by either clock', () => {
  for (const move of ['advance', 'suspend'] as const) {
    const clock = manualClock();
    const claimedAt = momentOf(clock);
    // The claim's answer took so long, or the machine slept meanwhile.
    clock[move](leaseMs * 0.8);
    const claim = {
      campaignId: 1,
      firstNo: 1,
      lastNo: 9,
      epoch: 1,
      watermark: 0,
      maybeRetries: 2,
      history: '',
    };
    const record = new ChunkRecord(claim, claimedAt, leaseMs);
    assert.equal(record.isExpired(momentOf(clock)), false);
    clock[move](leaseMs * 0.1);
    assert.equal(record.isExpired(momentOf(clock)), true, move);
  }
});
