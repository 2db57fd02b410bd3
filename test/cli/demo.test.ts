import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSite } from '../support/campaign.ts';

const site = await makeSite();

test('demo --json prints one JSON line and nothing else', async () => {
  const stdout = await site.cli.ok(['demo', '--followers', '50', '--json']);
  assert.equal(stdout.trimEnd().split('\n').length, 1, stdout);
  const { state, planned, accepted, received, receivedTwice } = JSON.parse(stdout);
  assert.deepEqual(
    { state, planned, accepted, received, receivedTwice },
    { state: 'done', planned: 50, accepted: 50, received: 50, receivedTwice: 0 },
  );
});
