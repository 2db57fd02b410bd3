/**
 * Rows per second from a CSV file to a planned campaign: reading, staging and planning, on an embedded database.
 *
 *     node bench/plan.ts [--rows 1000000] [--no-keep-columns]
 *
 * The message uses two of the file's five columns, so rows are told apart by all of them (`--dedupe row`).
 */
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { silentLogger } from '../src/base/logger.ts';
import { openRecipientFile } from '../src/engine/audience/recipient-file.ts';
import { stageRecords } from '../src/engine/audience/stage.ts';
import { prepareCampaign } from '../src/engine/campaigns/campaigns.ts';
import { planCampaign } from '../src/engine/campaigns/plan.ts';
import { startPlanning } from '../src/store/campaigns/campaigns.ts';
import {
  benchAppid,
  benchOpenid,
  benchTemplateId,
  openBenchDatabase,
  openBenchStore,
  saveBenchAccount,
} from './bench-campaign.ts';
import { databaseCpuSeconds } from './cpu.ts';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    rows: { type: 'string', default: '1000000' },
    'keep-columns': { type: 'boolean', default: true },
  },
});
const rows = Number(values.rows);

async function* csv(): AsyncGenerator<string> {
  let text = 'openid,姓名,订单号,金额,备注\n';
  for (let n = 0; n < rows; n++) {
    text += `${benchOpenid(n)},张三${n % 5000},DD2026${n},${(n / 100).toFixed(2)},备注 ${n % 97}\n`;
    if (text.length < 60_000) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** Seconds of the clock, and of CPU: on a busy machine only these say anything. */
async function timed(what: string, work: () => Promise<unknown>): Promise<number> {
  const before = await databaseCpuSeconds(store.pool);
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const own = (used.user + used.system) / 1e6;
  const theirs = (await databaseCpuSeconds(store.pool)) - before;
  console.log(
    `${what.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s, ${Math.round(rows / seconds).toLocaleString('en')} rows/s, ${own.toFixed(1)} s of CPU here, ${theirs.toFixed(1)} s in PostgreSQL`,
  );
  return seconds;
}

const directory = await mkdtemp(join(tmpdir(), 'hongyan-bench-plan-'));
await chmod(directory, 0o711);
const database = await openBenchDatabase(directory);
const { store, clients } = await openBenchStore(database.connection, 1);
try {
  const path = join(directory, 'orders.csv');
  await pipeline(Readable.from(csv()), createWriteStream(path));
  await saveBenchAccount(store, 'http://127.0.0.1:1');
  const file = await openRecipientFile({ path });
  const prepared = await prepareCampaign(
    { store, clients },
    {
      appid: benchAppid,
      channel: 'oa-template',
      message: {
        parts: {
          templateId: benchTemplateId,
          url: 'https://example.com/?order={{订单号}}',
          data: { keyword1: '发货通知', keyword2: '{{姓名}}，您的订单 {{订单号}} 已发货', keyword3: '今天' },
        },
      },
      audience: { kind: 'file', name: path },
      audienceName: path,
      columns: file.columns,
      onInvalid: 'skip',
      lang: 'en',
    },
  );
  if (prepared.kind !== 'created') throw new Error(prepared.kind);
  const { campaign } = prepared;
  file.select(campaign.variables);
  const staging = await timed('read and staged', () =>
    stageRecords(store.pool, campaign, file.batches, values['keep-columns'] ? { columns: file.header } : {}),
  );
  const planning = await timed('planned', async () => {
    await startPlanning(store.pool, campaign.id);
    await planCampaign({ store, clients, logger: silentLogger }, campaign.id);
  });
  const { rows: found } = await store.pool.query(
    `select planned_count as planned, (select sum(pg_column_size(p.*)) from source_pages p) as pages,
       pg_total_relation_size('recipients') as recipients from campaigns where id = $1`,
    [campaign.id],
  );
  const seconds = staging + planning;
  console.log(
    `${'in all'.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s, ${Math.round(rows / seconds).toLocaleString('en')} rows/s; ${JSON.stringify(found[0])}, peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
  );
} finally {
  await clients.close();
  await store.close();
  await database.close();
  await rm(directory, { recursive: true, force: true });
}
