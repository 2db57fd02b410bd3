import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { makeSecret, signatureHeaders } from '../../src/engine/webhooks/sign.ts';

type Verify = (headers: Record<string, string | undefined>, body: string | Buffer, secret: string) => boolean;

/** The function that docs/webhooks.md gives receivers. */
async function documented(): Promise<Verify> {
  const page = await readFile(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
  const [, code] = /```js\n(.*?)```/s.exec(page) ?? [];
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-verifier-'));
  after(() => rm(directory, { recursive: true }));
  const file = join(directory, 'verify.mjs');
  await writeFile(file, code ?? '');
  const { isFromHongyan }: { isFromHongyan: Verify } = await import(pathToFileURL(file).href);
  return isFromHongyan;
}

test('the verifier of docs/webhooks.md takes what is signed, with either secret, and throws at nothing', async () => {
  const isFromHongyan = await documented();
  const [secret, other] = [makeSecret(), makeSecret()];
  const body = '{"appid":"wx1","items":[{"topic":"message","fields":{"Content":"你好 🦢"}}]}';
  const now = Math.floor(Date.now() / 1000);
  const headers = signatureHeaders([secret], 'one', now, body);
  assert.equal(isFromHongyan(headers, body, secret), true);
  assert.equal(isFromHongyan(headers, Buffer.from(body), secret), true, 'the bytes as they came');
  for (const secrets of [
    [other, secret],
    [secret, other],
  ])
    assert.equal(isFromHongyan(signatureHeaders(secrets, 'one', now, body), body, secret), true, 'rotating');
  const signature = headers['webhook-signature'] ?? '';
  for (const [what, changed, said] of [
    ['another body', headers, `${body} `],
    ['another secret', signatureHeaders([other], 'one', now, body), body],
    ['an old time', signatureHeaders([secret], 'one', now - 400, body), body],
    ['no time', { ...headers, 'webhook-timestamp': undefined }, body],
    ['a time that is none', signatureHeaders([secret], 'one', Number.NaN, body), body],
    ['no signature', { ...headers, 'webhook-signature': undefined }, body],
    [
      'as many characters of more bytes',
      { ...headers, 'webhook-signature': signature.replace(/^v1,./, 'v1,é') },
      body,
    ],
    ['only such characters', { ...headers, 'webhook-signature': 'é'.repeat(signature.length) }, body],
    ['another version', { ...headers, 'webhook-signature': signature.replace('v1,', 'v2,') }, body],
    ['a longer one', { ...headers, 'webhook-signature': signature.replace('v1,', 'v1,AAAA') }, body],
  ] as const)
    assert.equal(isFromHongyan(changed, said, secret), false, what);
});
