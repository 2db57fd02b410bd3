import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeSite } from './support/campaign.ts';

const site = await makeSite();

test('serve --senders logs one JSON line after another, whichever process writes', async () => {
  const serve = site.cli.start(['serve', '--senders', '3']);
  await serve.printed(/(?:"node started"[\s\S]*){3}/);
  const { code, stderr } = await serve.kill('SIGTERM');
  assert.equal(code, 0);
  const notices = ['Finishing what is in flight (at most 10 s) …', 'Stopped; nothing is lost.'];
  const lines = stderr.split('\n').filter((line) => line !== '' && !notices.includes(line));
  assert.ok(lines.length >= 3);
  for (const line of lines) assert.doesNotThrow(() => JSON.parse(line), line);
});
