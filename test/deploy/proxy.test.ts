import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createClient } from '../../src/client/client.ts';
import { makeSite } from '../support/campaign.ts';
import { Cli, until } from '../support/cli.ts';
import { lacks, proxies, startProxy } from '../support/deploy/proxy.ts';
import { startWechat } from '../support/wechat.ts';

const token = 'proxy-test-admin-key-'.padEnd(43, 'x');

for (const kind of proxies)
  test(`${kind.name}, as deploy has it, passes streams on at once, and a node that ends is not missed`, {
    skip: lacks(kind),
  }, async () => {
    const site = await makeSite();
    const wechat = await startWechat({ followers: 3 });
    const account = wechat.account();
    await site.add(wechat, account);
    const cli = new Cli({
      ...site.cli.env,
      HONGYAN_LISTEN: '127.0.0.1:0',
      HONGYAN_API_TOKEN: token,
      HONGYAN_TRUST_PROXY: '127.0.0.1',
      HONGYAN_DRAIN_SECONDS: '6',
    });
    after(() => cli.close());
    const nodes = await Promise.all(
      [1, 2].map(async () => {
        const serve = cli.start(['serve']);
        return { serve, url: (await serve.printed(/Listening on (http:\S+)/))[1] ?? '' };
      }),
    );
    const proxy = await startProxy(
      kind,
      nodes.map(({ url }) => new URL(url).host),
    );
    const headers = { authorization: `Bearer ${token}` };

    // A few hundred bytes, which whoever buffers answers keeps until there are more.
    const stop = new AbortController();
    const client = createClient({ baseUrl: proxy, key: token });
    const told: string[] = [];
    const streaming = (async () => {
      const events = client.events('GET /v1/stream', { query: {}, signal: stop.signal });
      for await (const { data } of events as AsyncIterable<{ data: string }>) told.push(data);
    })().catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
    await until('the stream begins', async () => told.length > 0);
    const paused = await fetch(`${proxy}/v1/accounts/${account.appid}/pause`, { method: 'POST', headers });
    assert.ok(paused.ok, await paused.text());
    await until('it is told', async () => told.some((data) => data.includes('"paused"')));
    stop.abort();
    await streaming;

    // Whoever asks cannot say where they come from: the proxy does.
    const made = await fetch(`${proxy}/v1/keys`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.9' },
      body: JSON.stringify({ name: 'one', permissions: ['message.send'] }),
    });
    assert.equal(made.status, 201, await made.text());
    const audit = await (await fetch(`${proxy}/v1/audit?limit=20`, { headers })).text();
    assert.match(audit, /"keys\.create"/);
    assert.doesNotMatch(audit, /203\.0\.113\.9/);

    // One after the other ends and is replaced in a rolling update; here the first one ends.
    const statuses: number[] = [];
    let isOver = false;
    const asking = (async () => {
      while (!isOver) {
        const answer = await fetch(`${proxy}/healthz`);
        await answer.arrayBuffer();
        statuses.push(answer.status);
        await setTimeout(5);
      }
    })();
    const { code } = (await nodes[0]?.serve.kill('SIGTERM')) ?? {};
    const before = statuses.length;
    await until('it is asked on', async () => statuses.length > before + 20);
    isOver = true;
    await asking;
    assert.equal(code, 0);
    assert.deepEqual([...new Set(statuses)], [200], `${statuses.length} answers`);
  });
