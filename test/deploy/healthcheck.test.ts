import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { makeSite } from '../support/campaign.ts';

const site = await makeSite();

/** The exit code of a container's health check. */
async function checked(listen: string, path?: string): Promise<unknown> {
  const child = spawn(process.execPath, ['deploy/healthcheck.js', ...(path === undefined ? [] : [path])], {
    env: { HONGYAN_LISTEN: listen },
    stdio: 'ignore',
  });
  const [code] = await once(child, 'exit');
  return code;
}

test('the health check of a container tells a serve that is alive, ready, ending and gone', async () => {
  const env = { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_DRAIN_SECONDS: '60' };
  const serve = site.cli.start(['serve'], { env });
  const [, port] = await serve.printed(/Listening on http:\/\/127\.0\.0\.1:(\d+)/);
  for (const listen of [`127.0.0.1:${port}`, `0.0.0.0:${port}`, `localhost:${port}`]) {
    assert.equal(await checked(listen), 0, listen);
    assert.equal(await checked(listen, '/readyz'), 0, listen);
  }
  serve.child.kill('SIGTERM');
  await serve.printed(/Leaving: for 60 s/);
  assert.equal(await checked(`127.0.0.1:${port}`), 0);
  assert.equal(await checked(`127.0.0.1:${port}`, '/readyz'), 1);
  await serve.kill('SIGTERM');
  assert.equal(await checked(`127.0.0.1:${port}`), 1);
  // A node that only delivers has nothing to ask.
  assert.equal(await checked('off'), 0);
});
