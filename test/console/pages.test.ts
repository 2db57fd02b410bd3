/** How console and phone are answered: by their servers, over HTTP, as a browser asks. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { WebPages } from '../../src/base/web-pages.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { buildConsole } from '../support/house/build-console.ts';

before(buildConsole);

describe('the built pages', () => {
  test('come with a policy that allows nothing from elsewhere and nothing inline but one style', async () => {
    await using simulator = await startSimulator();
    const [first, second] = [await fetch(`${simulator.url}/`), await fetch(`${simulator.url}/?person=1`)];
    const policy = first.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    const text = await first.text();
    assert.ok(text.includes(`nonce="${nonce}"`));
    assert.doesNotMatch(text, /__CSP_NONCE__/);
    assert.equal(
      second.headers.get('content-security-policy')?.includes(nonce),
      false,
      'a nonce is used once',
    );
    assert.equal(first.headers.get('cache-control'), 'no-store');
    assert.equal(first.headers.get('x-frame-options'), 'DENY');
  });

  test('name files that are kept for ever, packed for those who take it', async () => {
    await using simulator = await startSimulator();
    const text = await (await fetch(`${simulator.url}/`)).text();
    const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(text) ?? [];
    assert.ok(script !== undefined);
    const plain = await fetch(simulator.url + script, { headers: { 'Accept-Encoding': 'identity' } });
    assert.equal(plain.headers.get('content-encoding'), null);
    assert.match(plain.headers.get('cache-control') ?? '', /immutable/);
    assert.match(plain.headers.get('content-type') ?? '', /^text\/javascript/);
    const pages = new WebPages('phone.html');
    const packed = await pages.asset(script, 'br, gzip');
    assert.equal(packed?.headers['Content-Encoding'], 'gzip');
    assert.equal(gunzipSync(packed?.body ?? '').toString(), await plain.text());
  });

  test('are nothing else than those files', async () => {
    await using simulator = await startSimulator();
    for (const path of [
      '/assets/',
      '/assets/none.js',
      '/assets/../phone.html',
      '/assets/%2e%2e/phone.html',
    ]) {
      const answer = await fetch(simulator.url + path);
      await answer.arrayBuffer();
      assert.ok([404, 200].includes(answer.status));
      assert.doesNotMatch(answer.headers.get('content-type') ?? '', /html|javascript/, path);
    }
  });

  test('say how to build them where nobody has, and are there once somebody did', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'hongyan-pages-'));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const before = new WebPages('console.html', directory);
    assert.match((await before.page()).body.toString(), /npm run build/);
    await mkdir(join(directory, 'assets'));
    await writeFile(join(directory, 'console.html'), '<p nonce="__CSP_NONCE__">');
    const after = new WebPages('console.html', directory);
    assert.match((await after.page()).body.toString(), /<p nonce="[\w+/=]{24}">/);
  });
});
