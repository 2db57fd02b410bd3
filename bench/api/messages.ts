/** Single messages and batches of them: stored when they are answered. */
import { benchAppid } from '../bench-campaign.ts';
import { cpuSeconds, databaseCpuSeconds } from '../cpu.ts';
import type { Row } from './figures.ts';
import { type Found, runLoad } from './load.ts';
import { openSite, type Site, type SiteOptions, saveSiteAccount } from './site.ts';

export interface RowOptions {
  /** A quick look: what it finds says little. */
  short: boolean;
  /** About how long `streams` takes; undefined: as long as its campaigns are by themselves. */
  seconds?: number | undefined;
  profile: string | undefined;
  /** Where the data set of `deliveries` is kept; default: it is built for this run. */
  data: string | undefined;
  /** 1 is the whole data set. */
  scale: number;
}

const wechatLatencyMs = 50;

/** Requests that were not answered as they should be. */
export function errorsOf({ errors }: Found): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}

/** `1,000/s for 60 s`, then faster and faster until it does not hold. They are sent to WeChat as they come. */
export async function messagesRows({ short, profile }: RowOptions): Promise<Row[]> {
  return await onSite({ latencyMs: wechatLatencyMs, profile }, async (site) => {
    await saveSiteAccount(site, 20_000);
    let first = 0;
    const send = async (rate: number, seconds: number): Promise<Measured> => {
      const measured = await measure(site, first, rate, seconds);
      first += rate * seconds;
      return measured;
    };
    await send(500, short ? 2 : 5); // warms up
    const steady = await send(1_000, short ? 5 : 60);
    const { latencies } = steady.found;
    const rows: Row[] = [
      {
        ...{ row: 'messages', what: `POST /v1/messages, 1,000/s for ${short ? 5 : 60} s` },
        ...{ goal: 'p99 < 50 ms, 0 errors', ok: latencies.p99 < 50 && steady.errors === 0 },
        ...{ latencies, errors: steady.errors, figures: steady.figures },
      },
    ];
    let best: (Measured & { rate: number }) | null = null;
    let failed: (Measured & { rate: number }) | null = null;
    for (let rate = 1_500; rate <= 6_000 && failed === null; rate += 500) {
      const measured = await send(rate, short ? 3 : 10);
      const holds = measured.found.latencies.p99 < 200 && measured.errors === 0;
      if (holds) best = { rate, ...measured };
      else failed = { rate, ...measured };
    }
    const { rate, found, errors, figures } = best ?? { rate: 1_000, ...steady };
    const beyond =
      failed === null
        ? {}
        : { [`${failed.rate.toLocaleString('en')}/s p99`]: `${Math.round(failed.found.latencies.p99)} ms` };
    rows.push({
      ...{ row: 'messages', what: `… the most that holds, ${rate.toLocaleString('en')}/s for 10 s` },
      ...{ goal: 'p99 < 200 ms at 3,000/s', ok: rate >= 3_000 },
      ...{ latencies: found.latencies, errors, figures: { ...figures, ...beyond } },
    });
    return rows;
  });
}

interface Measured {
  found: Found;
  errors: number;
  figures: Row['figures'];
}

async function measure(site: Site, first: number, rate: number, seconds: number): Promise<Measured> {
  const [before, cpu] = [await stored(site), await cpuNow(site)];
  const count = rate * seconds;
  const found = await runLoad({
    ...{ url: site.url, kind: { name: 'message' }, first, count, rate },
    connections: 256,
  });
  await settled(site);
  const used = await cpuNow(site);
  const missing = found.ok - ((await stored(site)) - before);
  if (missing > 0) console.error(`${missing} messages were answered and are not stored`);
  if (errorsOf(found) > 0) console.error(found.errors);
  return {
    found,
    errors: errorsOf(found) + Math.max(0, missing),
    figures: {
      '/s': Math.round(found.ok / found.seconds),
      'CPU of serve': micros(used.serve - cpu.serve, count),
      'of PostgreSQL': micros(used.database - cpu.database, count),
      'of the load': micros(found.cpuSeconds, count),
    },
  };
}

/** The account sends 200 a second, as a real one might: what is stored waits, and is not part of the work. */
export async function batchRows({ short, profile }: RowOptions): Promise<Row[]> {
  return await onSite({ latencyMs: wechatLatencyMs, profile }, async (site) => {
    await saveSiteAccount(site, 200);
    const load = { url: site.url, kind: { name: 'batch', size: 1_000 }, connections: 16 } as const;
    await runLoad({ ...load, first: 0, count: 10, rate: 5 }); // warms up
    const rates = short ? [12] : [12, 16, 20];
    const rows: Row[] = [];
    let first = 10;
    for (const rate of rates) {
      const count = rate * (short ? 4 : 15);
      const [before, cpu] = [await stored(site), await cpuNow(site)];
      const found = await runLoad({ ...load, first, count, rate });
      first += count;
      const used = await cpuNow(site);
      const missing = found.counted - ((await stored(site)) - before);
      if (errorsOf(found) > 0) console.error(found.errors);
      const perS = Math.round(found.counted / found.seconds);
      rows.push({
        ...{ row: 'batch', what: `POST /v1/messages/batch of 1,000, ${rate} a second` },
        ...{ goal: '≥ 10,000 messages/s stored', ok: perS >= 10_000 && errorsOf(found) + missing === 0 },
        ...{ latencies: found.latencies, errors: errorsOf(found) + Math.abs(missing) },
        figures: {
          'messages/s': perS,
          'CPU of serve': micros(used.serve - cpu.serve, found.counted),
          'of PostgreSQL': micros(used.database - cpu.database, found.counted),
          'of the load': micros(found.cpuSeconds, found.counted),
        },
      });
      if (perS < rate * 900) break; // it is behind, and further behind at the next one
    }
    return rows;
  });
}

async function cpuNow({ pid, pool }: Site): Promise<{ serve: number; database: number }> {
  return { serve: await cpuSeconds(pid), database: await databaseCpuSeconds(pool) };
}

/** Of one message. */
function micros(seconds: number, messages: number): string {
  return `${Math.round((seconds / messages) * 1e6)} µs`;
}

async function onSite<T>(options: SiteOptions, work: (site: Site) => Promise<T>): Promise<T> {
  const site = await openSite(options);
  try {
    return await work(site);
  } finally {
    await site.close();
  }
}

async function stored({ pool }: Site): Promise<number> {
  const { rows } = await pool.query<{ count: number }>('select count(*) from messages where appid = $1', [
    benchAppid,
  ]);
  return rows[0]?.count ?? 0;
}

/** Nothing of it waits to be sent any more. */
async function settled({ pool }: Site): Promise<void> {
  for (;;) {
    const { rows } = await pool.query('select 1 from open_messages limit 1');
    if (rows.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
