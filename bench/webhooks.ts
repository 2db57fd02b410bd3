/**
 * `npm run bench:webhooks`: how long after the commit of what it tells a webhook's POST arrives, at a steady rate of events.
 *
 * Events come as WeChat pushes them to a `hongyan serve` on its embedded PostgreSQL; an event's commit is taken as the
 * moment at which it was answered. With `--slow` a second webhook wants the same and answers each POST after 8 s.
 *
 *     npm run bench:webhooks [-- --rate 1000 --seconds 30 --latency 20 --slow --follows 0.5]
 */
import { createServer } from 'node:http';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { addWebhook, listWebhooks } from '../src/store/webhooks/webhooks.ts';
import { appid, eventOpenid, quantile, runLoad, startServe } from './callback-load.ts';
import { cpuSeconds } from './cpu.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '30' },
    /** The receiver answers after so many ms. */
    latency: { type: 'string', default: '20' },
    slow: { type: 'boolean', default: false },
    follows: { type: 'string', default: '0.5' },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);

/** Counts what comes, and when each item came first. */
async function receiver(latencyMs: number) {
  const arrivals = new Map<string, number>();
  const state = {
    arrivals,
    posts: 0,
    items: 0,
    again: 0,
    underWay: 0,
    most: 0,
    largest: 0,
    url: '',
    close: () => {},
  };
  const server = createServer((request, response) => {
    state.underWay++;
    state.most = Math.max(state.most, state.underWay);
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      const now = performance.now();
      const { items }: { items: { openid: string }[] } = JSON.parse(body);
      state.posts++;
      state.items += items.length;
      state.largest = Math.max(state.largest, items.length);
      for (const { openid } of items) {
        if (arrivals.has(openid)) state.again++;
        else arrivals.set(openid, now);
      }
      setTimeout(() => {
        state.underWay--;
        response.writeHead(204).end();
      }, latencyMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address === 'object') state.url = `http://127.0.0.1:${address?.port}/`;
  state.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return state;
}

const fast = await receiver(Number(values.latency));
const slow = values.slow ? await receiver(8_000) : null;
const serve = await startServe({ HONGYAN_WEBHOOK_ALLOW: '127.0.0.1' });
try {
  const { pool, sealer, url, pid } = serve;
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const hook = { appid, secret, topics: ['receipt', 'follow'], createdBy: '' };
  await addWebhook(pool, sealer, { ...hook, url: new URL(fast.url) });
  if (slow !== null) await addWebhook(pool, sealer, { ...hook, url: new URL(slow.url) });
  const loadBefore = loadavg()[0] ?? 0;
  const options = { rate, connections: 64, follows: Number(values.follows) };
  const warm = rate * 2;
  const count = rate * seconds;
  await runLoad(url, warm, options);
  const [cpuBefore, postsBefore, itemsBefore] = [await cpuSeconds(pid), fast.posts, fast.items];
  const committed = new Map<number, number>();
  const onAnswer = (no: number): void => void committed.set(no, performance.now());
  const load = await runLoad(url, count, { ...options, first: warm, onAnswer });
  const deadline = performance.now() + 60_000;
  while (fast.arrivals.size < warm + count && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const cpu = (await cpuSeconds(pid)) - cpuBefore;
  const lags = [...committed]
    .flatMap(([no, at]) => {
      const arrival = fast.arrivals.get(eventOpenid(no));
      return arrival === undefined ? [] : [arrival - at];
    })
    .sort((a, b) => a - b);
  const at = (part: number): string => Math.max(0, quantile(lags, part)).toFixed(0);
  const [posts, items] = [fast.posts - postsBefore, fast.items - itemsBefore];
  const waiting = (await listWebhooks(pool, [appid])).map((one) => one.waiting);
  const sizes = await pool.query<{ deliveries: number; items: number }>(
    `select pg_total_relation_size('webhook_deliveries') as deliveries,
       pg_total_relation_size('webhook_items') + pg_total_relation_size('webhook_subjects') as items`,
  );
  const told = fast.items + (slow?.items ?? 0);
  const bytes = sizes.rows[0] ?? { deliveries: 0, items: 0 };
  process.stdout.write(
    [
      `${cpus().length} cores, load average before ${loadBefore.toFixed(1)}; ${rate}/s for ${seconds} s, answers after ${values.latency} ms`,
      `answered success   ${load.accepted} of ${count} (${(load.accepted / load.elapsedS).toFixed(0)}/s)`,
      `told               ${lags.length} of ${count}, ${fast.again} of them again`,
      `commit to POST ms  p50 ${at(0.5)}  p90 ${at(0.9)}  p99 ${at(0.99)}  max ${at(1)}`,
      `POSTs              ${posts} (${(items / posts).toFixed(1)} items each, at most ${fast.largest}), at most ${fast.most} under way`,
      ...(slow === null
        ? []
        : [
            `slow webhook       ${slow.items} told in ${slow.posts} POSTs, at most ${slow.most} under way; waiting ${waiting.join(', ')}`,
          ]),
      `CPU                serve ${((cpu / count) * 1e6).toFixed(0)} µs an event, webhook and callback together`,
      `disk               deliveries ${(bytes.deliveries / told).toFixed(0)} bytes an item told, queue ${(bytes.items / 1e6).toFixed(1)} MB in all`,
      '',
    ].join('\n'),
  );
} finally {
  await serve.stop();
  fast.close();
  slow?.close();
}
