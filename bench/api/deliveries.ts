/** Who got what, found in a database of years: each question on a schedule, of other people each time. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { benchAppid } from '../bench-campaign.ts';
import { buildData, type DataSize, fullSize } from './data.ts';
import { differences } from './data-check.ts';
import type { Row } from './figures.ts';
import { runLoad } from './load.ts';
import { errorsOf, type RowOptions } from './messages.ts';
import { makeSample, sampleSize } from './sample.ts';
import { openSite, type Site, saveSiteAccount } from './site.ts';

/** Of a page; the contract's default. */
const pageRows = 50;
const deepPage = 10_000;

export async function deliveriesRows({ short, profile, data, scale }: RowOptions): Promise<Row[]> {
  const size = scaled(scale);
  const site = await openData(data, size, profile);
  try {
    const rows: Row[] = [];
    for (const { what, paths } of await questions(site, size)) {
      const rate = 40;
      const count = rate * (short ? 3 : 10);
      const ask = (first: number, asked: number) =>
        runLoad({
          ...{ url: site.url, kind: { name: 'get', paths }, rate, first, count: asked, connections: 64 },
        });
      await ask(0, rate); // warms up
      const found = await ask(rate, count);
      if (errorsOf(found) > 0) console.error(what, found.errors);
      rows.push({
        ...{ row: 'deliveries', what, goal: 'p99 < 100 ms', errors: errorsOf(found) },
        ok: found.latencies.p99 < 100 && errorsOf(found) === 0,
        latencies: found.latencies,
        figures: { found: Math.round((found.counted / count) * 10) / 10 },
      });
    }
    return rows;
  } finally {
    await site.close();
  }
}

function scaled(scale: number): DataSize {
  const { people, campaigns, messages } = fullSize;
  return { people: Math.round(people * scale), campaigns, messages: Math.round(messages * scale) };
}

/** Builds it where it is not there yet, and only if what is built is of the product's shape. */
async function openData(directory: string | undefined, size: DataSize, profile: string | undefined) {
  if (directory !== undefined) {
    const there = await readFile(join(directory, 'built.json'), 'utf8').catch(() => null);
    if (there !== null && there !== JSON.stringify(size))
      throw new Error(`${directory} holds ${there}, and not ${JSON.stringify(size)}`);
    if (there !== null) return await openSite({ directory, latencyMs: 0, profile });
  }
  await checkShape();
  const site = await openSite({ directory, latencyMs: 0, profile });
  const start = performance.now();
  await saveSiteAccount(site, 100);
  await buildData(site.pool, size, (what) => console.error(what));
  const { rows } = await site.pool.query<{ size: string }>(
    'select pg_size_pretty(pg_database_size(current_database())) as size',
  );
  console.error(`built in ${Math.round((performance.now() - start) / 1000)} s: ${rows[0]?.size}`);
  if (directory !== undefined) await writeFile(join(directory, 'built.json'), JSON.stringify(size));
  return site;
}

async function checkShape(): Promise<void> {
  const site = await openSite({ latencyMs: 0 });
  try {
    const product = await makeSample(site);
    await saveSiteAccount(site, 100);
    await buildData(site.pool, sampleSize, () => {});
    const found = await differences(site.pool, product, benchAppid);
    if (found.length > 0)
      throw new Error(`what is built differs from what the product writes:\n${found.join('\n')}`);
    console.error('what is built is of the shape of what the product writes, in every column');
  } finally {
    await site.close();
  }
}

/** What is asked, with paths for many different people or messages. */
async function questions({ pool }: Site, size: DataSize): Promise<{ what: string; paths: string[] }[]> {
  const list = async (query: string): Promise<string[]> =>
    (await pool.query<{ name: string }>(query)).rows.map(({ name }) => encodeURIComponent(name));
  const samplePercent = Math.min(100, (200_000 / size.people) * 0.5);
  const people = await list(
    `select openid as name from contacts tablesample bernoulli (${samplePercent}) repeatable (1) limit 2000`,
  );
  const campaigns = (await pool.query<{ id: number }>('select id from campaigns order by id')).rows.map(
    ({ id }) => id,
  );
  const numbers = Array.from({ length: 1_000 }, (_, i) => 1 + ((i * 7_919 * 31) % size.people));
  const msgids = [
    ...(await list(
      `select msgid::text as name from facts where campaign_id = ${campaigns[3]} and no = any ('{${numbers.join()}}') and msgid is not null`,
    )),
    ...(await list(
      `select msgid::text as name from message_facts where message_id = any ('{${numbers.map((n) => n * 5).join()}}') and msgid is not null`,
    )),
  ];
  const refs = numbers.flatMap((n, i) => [`C${((i % campaigns.length) + 1) * 10_000_000 + n}`, `M${n * 5}`]);
  const deep = Math.min(deepPage, Math.floor(size.people / pageRows) - 1);
  const deepName = deep.toLocaleString('en');
  const deepAfter = (deep - 1) * pageRows;
  const starts = (
    await pool.query<{ at: string }>(
      'select (extract(epoch from started_at) * 1000000)::bigint::text as at from campaigns order by id',
    )
  ).rows;
  const day = 86_400_000;
  return [
    { what: 'deliveries by openid', paths: people.map((one) => `/v1/deliveries?touser=${one}`) },
    { what: '… by ref', paths: refs.map((ref) => `/v1/deliveries?ref=${ref}`) },
    { what: '… by msgid', paths: shuffled(msgids).map((one) => `/v1/deliveries?msgid=${one}`) },
    {
      what: 'a contact and its history',
      paths: people.flatMap((one) => [
        `/v1/contacts/${one}?appid=${benchAppid}`,
        `/v1/deliveries?appid=${benchAppid}&touser=${one}&limit=20`,
      ]),
    },
    {
      what: '… by errcode',
      paths: ['/v1/deliveries?errcode=43004', `/v1/deliveries?errcode=43004&appid=${benchAppid}`],
    },
    {
      what: '… by errcode and day',
      paths: Array.from({ length: 25 }, (_, i) => {
        const from = new Date(Date.now() - (i + 1) * day);
        return `/v1/deliveries?errcode=43004&from=${from.toISOString()}&to=${new Date(from.getTime() + day).toISOString()}`;
      }),
    },
    {
      what: '… by campaign, page 1',
      paths: campaigns.map((id) => `/v1/deliveries?campaign=${id}`),
    },
    {
      what: `… by campaign, page ${deepName}`,
      paths: campaigns.map(
        (id, i) =>
          `/v1/deliveries?campaign=${id}&cursor=${starts[i]?.at}.${id}.${size.people - deepAfter + 1}`,
      ),
    },
    {
      what: 'recipients of a campaign, page 1',
      paths: campaigns.map((id) => `/v1/campaigns/${id}/recipients`),
    },
    {
      what: `… page ${deepName}`,
      paths: campaigns.map((id) => `/v1/campaigns/${id}/recipients?cursor=${deepAfter}`),
    },
  ];
}

/** Odd ones first: campaigns and single messages mixed. */
function shuffled(all: string[]): string[] {
  const half = Math.ceil(all.length / 2);
  return all.slice(0, half).flatMap((one, i) => [one, all[half + i] ?? one]);
}
