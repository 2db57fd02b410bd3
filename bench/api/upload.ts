/** A CSV of a million people, as an operator uploads it. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { request } from 'undici';
import { benchAppid, benchOpenid } from '../bench-campaign.ts';
import { cpuSeconds, databaseCpuSeconds } from '../cpu.ts';
import type { Row } from './figures.ts';
import type { RowOptions } from './messages.ts';
import { apiToken, forgetPeak, openSite, peakMb, saveSiteAccount } from './site.ts';

async function* csv(rows: number): AsyncGenerator<string> {
  let text = 'openid,姓名,订单号,金额,备注\n';
  for (let n = 0; n < rows; n++) {
    text += `${benchOpenid(n)},张三${n % 5000},DD2026${n},${(n / 100).toFixed(2)},备注 ${n % 97}\n`;
    if (text.length < 60_000) continue;
    yield text;
    text = '';
  }
  yield text;
}

export async function uploadRows({ short, profile }: RowOptions): Promise<Row[]> {
  const count = short ? 200_000 : 1_000_000;
  const folder = await mkdtemp(join(tmpdir(), 'hongyan-bench-upload-'));
  const file = join(folder, 'people.csv');
  await pipeline(Readable.from(csv(count)), createWriteStream(file));
  const site = await openSite({ latencyMs: 0, profile });
  try {
    await saveSiteAccount(site, 100);
    const upload = async (): Promise<{ rows: number; status: number }> => {
      const { statusCode, body } = await request(`${site.url}/v1/audiences?appid=${benchAppid}&name=a.csv`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiToken}`, 'content-type': 'text/csv' },
        body: createReadStream(file),
        ...{ bodyTimeout: 0, headersTimeout: 0 },
      });
      // The contract's answer.
      const answer = (await body.json()) as { good?: number };
      return { status: statusCode, rows: answer.good ?? 0 };
    };
    const rows: Row[] = [];
    for (const what of ['the first', 'the second'] as const) {
      await forgetPeak(site.pid);
      const [cpu, database] = [await cpuSeconds(site.pid), await databaseCpuSeconds(site.pool)];
      const start = performance.now();
      const { status, rows: good } = await upload();
      const seconds = (performance.now() - start) / 1000;
      const [perS, peak] = [Math.round(count / seconds), await peakMb(site.pid)];
      const errors = status === 201 ? count - good : 1;
      rows.push({
        ...{ row: 'upload', what: `POST /v1/audiences, ${count.toLocaleString('en')} rows of CSV, ${what}` },
        ...{ goal: '≥ 100,000 rows/s, < 300 MB', ok: perS >= 100_000 && peak < 300 && errors === 0 },
        ...{ latencies: null, errors },
        figures: {
          ...{ 'rows/s': perS, 'peak MB of serve': peak },
          'CPU of serve': `${((await cpuSeconds(site.pid)) - cpu).toFixed(1)} s`,
          'of PostgreSQL': `${((await databaseCpuSeconds(site.pool)) - database).toFixed(1)} s`,
        },
      });
    }
    return rows;
  } finally {
    await site.close();
    await rm(folder, { recursive: true, force: true });
  }
}
