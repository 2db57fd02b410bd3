/** Single messages over HTTP beside a running campaign, WeChat being 80 ms away and behind TLS. */
import { cpuSeconds, databaseCpuSeconds } from '../cpu.ts';
import type { Row } from './figures.ts';
import { type Found, runLoad } from './load.ts';
import { errorsOf, type RowOptions } from './messages.ts';
import { openSite, type Site, saveSiteAccount } from './site.ts';
import { type Sent, sendCampaign } from './streams.ts';

/** The account may send so much in all: what the campaign loses to the messages it loses to their share, and not to the cores. */
const ratePerS = 2_000;
const messagesPerS = 200;
const wechatLatencyMs = 80;

/** Each by itself, then both at once, in turns. */
export async function besideRows({ short, profile }: RowOptions): Promise<Row[]> {
  const turns = short ? 1 : 2;
  const seconds = short ? 5 : 20;
  const site = await openSite({ latencyMs: wechatLatencyMs, tls: true, profile });
  try {
    await saveSiteAccount(site, ratePerS);
    let first = 0;
    const load = (): Promise<Found> => {
      const count = messagesPerS * seconds;
      const kind = { name: 'message' } as const;
      const found = runLoad({ url: site.url, kind, first, count, rate: messagesPerS, connections: 64 });
      first += count;
      return found;
    };
    const people = ratePerS * (seconds + 10);
    await sendCampaign(site, ratePerS * 2); // warms up
    await load();
    const alone: Sent[] = [];
    const beside: Sent[] = [];
    const messagesAlone: Found[] = [];
    const messagesBeside: Found[] = [];
    let [busy, passed] = [0, 0];
    for (let turn = 0; turn < turns; turn++) {
      messagesAlone.push(await load());
      alone.push(await sendCampaign(site, people));
      const before = [await coreSeconds(site), performance.now() / 1000] as const;
      let messages: Promise<Found> | null = null;
      beside.push(
        await sendCampaign(site, people, () => {
          messages = load();
        }),
      );
      messagesBeside.push(await messages!); // the campaign was confirmed
      busy += (await coreSeconds(site)) - before[0];
      passed += performance.now() / 1000 - before[1];
    }
    await until(async () => {
      const { rows } = await site.pool.query('select 1 from open_messages limit 1');
      return rows.length === 0;
    });
    const mean = (sent: Sent[]): number => sent.reduce((sum, { perS }) => sum + perS, 0) / sent.length;
    const perS = ratePerS.toLocaleString('en');
    const row = (what: string, found: Found[], figures: Row['figures']): Row => ({
      ...{ row: 'beside', what, goal: 'p99 < 50 ms, 0 errors' },
      ok: worst(found).p99 < 50 && errors(found) === 0,
      ...{ latencies: worst(found), errors: errors(found), figures },
    });
    return [
      row(`POST /v1/messages, ${messagesPerS}/s, by themselves`, messagesAlone, {}),
      row(`… beside a campaign, an account of ${perS}/s, TLS, ${wechatLatencyMs} ms`, messagesBeside, {
        'campaign alone/s': Math.round(mean(alone)),
        'beside/s': Math.round(mean(beside)),
        'messages/s': messagesPerS,
        slower: `${((1 - mean(beside) / mean(alone)) * 100).toFixed(1)} %`,
        'cores busy': (busy / passed).toFixed(2),
      }),
    ];
  } finally {
    await site.close();
  }
}

/** Of serve, PostgreSQL and WeChat; the load's own are not in it. */
async function coreSeconds({ pid, pool, wechatPid }: Site): Promise<number> {
  return (await cpuSeconds(pid)) + (await databaseCpuSeconds(pool)) + (await cpuSeconds(wechatPid));
}

/** Of the turns, the worse one. */
function worst(found: Found[]): Found['latencies'] {
  const most = (of: 'p50' | 'p99' | 'max'): number =>
    Math.max(...found.map(({ latencies }) => latencies[of]));
  return { p50: most('p50'), p99: most('p99'), max: most('max') };
}

function errors(found: Found[]): number {
  return found.reduce((sum, one) => sum + errorsOf(one), 0);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 100));
}
