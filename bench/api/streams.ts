/** A campaign at 5,000/s, in turns without anybody who looks and with 500 live streams. */
import { readFile } from 'node:fs/promises';
import { createClient } from '../../src/client/index.ts';
import { benchAppid, benchFields, benchOpenid, benchTemplateId } from '../bench-campaign.ts';
import { cpuSeconds } from '../cpu.ts';
import { quantile, type Row } from './figures.ts';
import type { RowOptions } from './messages.ts';
import { apiToken, openSite, type Site, saveSiteAccount } from './site.ts';
import { now, openStreams, type StreamTold } from './stream-load.ts';

const ratePerS = 5_000;
const wechatLatencyMs = 50;
const sampleMs = 50;

/** Beside the sending: to start, to upload and to plan, and to open the streams. */
const besideSeconds = 45;

export async function streamsRows({ short, profile, seconds }: RowOptions): Promise<Row[]> {
  const count = short ? 50 : 500;
  const turns = short ? 1 : 2;
  // A part of the time for each campaign, with and without streams.
  const perCampaign = seconds === undefined ? 15 : Math.max(2, (seconds - besideSeconds) / (2 * turns + 0.5));
  const people = short && seconds === undefined ? 15_000 : Math.round(ratePerS * perCampaign);
  const site = await openSite({ latencyMs: wechatLatencyMs, profile });
  try {
    await saveSiteAccount(site, ratePerS);
    const without: Sent[] = [];
    const withThem: Sent[] = [];
    const told: StreamTold[] = [];
    await sendCampaign(site, short ? 2_000 : Math.round(people / 4)); // warms up
    const memory = { before: 0, open: 0, most: 0 };
    for (let turn = 0; turn < turns; turn++) {
      without.push(await sendCampaign(site, people));
      memory.before = Math.max(memory.before, await memoryMb(site.pid));
      const streams = await openStreams(site.url, count);
      try {
        memory.open = Math.max(memory.open, await memoryMb(site.pid));
        const sent = await sendCampaign(site, people);
        memory.most = Math.max(memory.most, await memoryMb(site.pid));
        withThem.push(sent);
        told.push(await streams.tell(sent.id));
      } finally {
        await streams.close();
      }
    }
    const mean = (all: Sent[], of: (sent: Sent) => number): number =>
      all.reduce((sum, one) => sum + of(one), 0) / all.length;
    const [alone, watched] = [mean(without, ({ perS }) => perS), mean(withThem, ({ perS }) => perS)];
    const cpu = (all: Sent[]): string => `${Math.round((mean(all, (one) => one.cpu) / people) * 1e6)} µs`;
    const share = watched / alone;
    const behind = told
      .flatMap((one, i) => one.updates.flatMap((updates) => behindOf(updates, withThem[i]!)))
      .sort((a, b) => a - b);
    const most = behind.at(-1) ?? Number.POSITIVE_INFINITY;
    const perS = told.flatMap(({ updates }) => updates.map(updatesPerS));
    const mostPerS = Math.max(0, ...perS);
    const ended = told.reduce((sum, one) => sum + one.ended, 0);
    const untold = told.reduce(
      (sum, one) => sum + count - one.updates.filter((updates) => updates.length > 0).length,
      0,
    );
    return [
      {
        ...{
          row: 'streams',
          what: `${count} streams, a campaign at ${ratePerS.toLocaleString('en')}/s; ms behind`,
        },
        goal: '≤ 5 % slower, ≤ 2 updates/s, ≤ 2 s behind',
        ok: share >= 0.95 && mostPerS <= 2.05 && most <= 2_000 && ended + untold === 0,
        latencies: { p50: quantile(behind, 0.5), p99: quantile(behind, 0.99), max: most },
        errors: ended + untold,
        figures: {
          'alone/s': Math.round(alone),
          'watched/s': Math.round(watched),
          slower: `${((1 - share) * 100).toFixed(1)} %`,
          'most updates/s of a stream': Math.round(mostPerS * 100) / 100,
          'CPU of serve': cpu(withThem),
          alone: cpu(without),
          'memory of serve before, with streams, after the campaign': `${memory.before}, ${memory.open}, ${memory.most} MB`,
        },
      },
    ];
  } finally {
    await site.close();
  }
}

/** Resident memory of a process, MB. */
async function memoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
}

/** Of one stream, between its first and its last one. */
function updatesPerS(updates: StreamTold['updates'][number]): number {
  const [first, last] = [updates[0]?.[0] ?? 0, updates.at(-1)?.[0] ?? 0];
  return last === first ? 0 : ((updates.length - 1) / (last - first)) * 1000;
}

export interface Sent {
  id: number;
  /** Answers a second, between a tenth and nine tenths of them. */
  perS: number;
  /** CPU seconds of serve. */
  cpu: number;
  /** What the database knew, and when. */
  truth: [at: number, accepted: number][];
}

/**
 * Plans and sends a campaign to so many.
 *
 * @param onConfirmed once it is running
 */
export async function sendCampaign(
  { url, pool, pid }: Site,
  people: number,
  onConfirmed: () => void = () => {},
): Promise<Sent> {
  const hongyan = createClient({ baseUrl: url, key: apiToken });
  const lines = Array.from({ length: people }, (_, i) => `${benchOpenid(i)}\n`).join('');
  const upload = await hongyan.call('POST /v1/audiences', {
    query: { appid: benchAppid, name: 'people.csv' },
    body: new Blob([`openid\n${lines}`], { type: 'text/csv' }),
  });
  const { campaign } = await hongyan.call('POST /v1/campaigns', {
    body: {
      ...{ appid: benchAppid, channel: 'template', audience: { kind: 'upload', id: upload.id }, again: true },
      message: { template_id: benchTemplateId, data: benchFields },
    },
  });
  const params = { id: campaign.id };
  const { id } = campaign;
  await until(async () => (await hongyan.call('GET /v1/campaigns/{id}', { params })).state === 'planned');
  const { planHash } = await hongyan.call('GET /v1/campaigns/{id}/plan', { params });
  const cpu = await cpuSeconds(pid);
  await hongyan.call('POST /v1/campaigns/{id}/confirm', { params, body: { planned: people, planHash } });
  onConfirmed();
  const truth: Sent['truth'] = [];
  await until(async () => {
    const { rows } = await pool.query<{ accepted: number; state: string }>(
      `select c.state, coalesce(sum(ch.accepted), 0)::integer as accepted from campaigns c left join chunks ch on ch.campaign_id = c.id
       where c.id = $1 group by c.state`,
      [id],
    );
    const [row] = rows;
    truth.push([now(), row?.accepted ?? 0]);
    if (row?.state !== 'running' && row?.state !== 'done') throw new Error(`the campaign is ${row?.state}`);
    return row.state === 'done';
  });
  const { rows } = await pool.query<{ seconds: number; count: number }>(
    `select extract(epoch from max(at) - min(at))::double precision as seconds, count(*) as count from (
       select at from facts where campaign_id = $1 and kind = 5 order by at offset $2 limit $3) f`,
    [id, Math.floor(people * 0.1), Math.floor(people * 0.8)],
  );
  const [{ seconds: middle, count } = { seconds: 0, count: 0 }] = rows;
  return { id, perS: count / middle, cpu: (await cpuSeconds(pid)) - cpu, truth };
}

/**
 * How old a stream's knowledge was when each update came: the time since the database knew more than the update before had said.
 * That includes the half second for which updates are gathered.
 */
function behindOf(updates: StreamTold['updates'][number], { truth }: Sent): number[] {
  let i = 0;
  return updates.slice(1).flatMap(([at], n) => {
    const known = updates[n]?.[1] ?? 0;
    while (i < truth.length && truth[i]![1] <= known) i++;
    const since = truth[i]?.[0];
    return since === undefined ? [] : [Math.max(0, at - since)];
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, sampleMs));
}
