import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';

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

test('a demo that is stopped names no command that would go on with a campaign of the real database', async () => {
  const running = site.cli.start(['demo', '--followers', '20000']);
  await until('it is about to send', async () => running.stdout.includes('As it will be read'));
  running.child.kill('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  assert.equal(code, 1, stderr);
  assert.match(stdout, /Stopped\. What the demo made is removed/);
  assert.doesNotMatch(stdout + stderr, /hongyan campaigns|kept in the list/);
});
