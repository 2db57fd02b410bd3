/**
 * One campaign of bench/scale.ts `--rows` in a process of its own: plans it where it is not planned yet, asks for its report, sends
 * a slice, prints one JSON line.
 *
 *     node bench/scale/part.ts ROWS URL DIRECTORY SEND
 */
import { setFlagsFromString } from 'node:v8';
import { silentLogger } from '../../src/base/logger.ts';
import { campaignReport } from '../../src/engine/campaigns/report.ts';
import { startEngine } from '../../src/engine/engine.ts';
import {
  confirmCampaign,
  isBeingSent,
  listCampaigns,
  pauseCampaign,
  resumeCampaign,
} from '../../src/store/campaigns/campaigns.ts';
import { campaignOutcomes } from '../../src/store/campaigns/counts.ts';
import { findRecipients, recipientOutcomes } from '../../src/store/campaigns/outcomes.ts';
import {
  benchAppid,
  benchOpenid,
  openBenchDatabase,
  openBenchStore,
  planBenchCampaign,
  saveBenchAccount,
} from '../bench-campaign.ts';
import { databaseCpuSeconds } from '../cpu.ts';

// As bin/hongyan.js does, and for the same reason.
setFlagsFromString('--semi-space-growth-factor=1');
const [rowsText = '0', url = '', directory = '', sendText = '0'] = process.argv.slice(2);
const [rows, send] = [Number(rowsText), Number(sendText)];
const inFlight = 64;

const database = await openBenchDatabase(directory);
const { store, clients } = await openBenchStore(database.connection, inFlight);
const { pool } = store;
const peakMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

/** Median of 5, ms. */
async function asked(question: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    await question();
    times.push(performance.now() - start);
  }
  return Math.round((times.sort((a, b) => a - b)[2] ?? Number.NaN) * 10) / 10;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

const said: Record<string, number> = { rows };
try {
  let [campaign] = await listCampaigns(pool, null, 1);
  if (campaign === undefined) {
    const [start, cpu, theirs] = [performance.now(), process.cpuUsage(), await databaseCpuSeconds(pool)];
    await planBenchCampaign({ store, clients }, url, rows);
    const used = process.cpuUsage(cpu);
    said.planned = Math.round((performance.now() - start) / 100) / 10;
    said.planMicros = Math.round(((used.user + used.system) / rows) * 10) / 10;
    said.planPostgres = Math.round((((await databaseCpuSeconds(pool)) - theirs) * 1e7) / rows) / 10;
    said.planPeakMb = peakMb();
    [campaign] = await listCampaigns(pool, null, 1);
  }
  if (campaign?.plannedCount !== rows) throw new Error(`another campaign is in ${directory}`);
  const { id } = campaign;
  said.reportMs = await asked(() => campaignReport(pool, id));
  said.firstPageMs = await asked(() => recipientOutcomes(pool, id, 0, 100));
  said.lastPageMs = await asked(() => recipientOutcomes(pool, id, rows - 100, 100));
  const who = { openid: benchOpenid(Math.floor(rows / 3)), ref: null };
  said.personMs = await asked(() => findRecipients(pool, id, who, 0, 10));
  if (send > 0 && campaign.state !== 'done') {
    await saveBenchAccount(store, url);
    const engine = await startEngine({
      ...{ store, clients, logger: silentLogger, role: 'demo', version: 'bench', window: inFlight },
      webhookAllow: ['127.0.0.1'],
    });
    const accepted = async (): Promise<number> => (await campaignOutcomes(pool, id)).accepted;
    const before = await accepted();
    if (
      !(campaign.state === 'planned' ? await confirmCampaign(pool, id, rows) : await resumeCampaign(pool, id))
    )
      throw new Error(`${directory}: the campaign is ${campaign.state}`);
    // Its first answers and its canary are another matter.
    const from = before + Math.min(send / 4, 5_000);
    const to = Math.min(rows, before + send);
    await until(async () => (await accepted()) >= from);
    const [start, cpu, first] = [performance.now(), process.cpuUsage(), await accepted()];
    await until(async () => (await accepted()) >= to);
    const count = (await accepted()) - first;
    const used = process.cpuUsage(cpu);
    said.perSecond = Math.round(count / ((performance.now() - start) / 1000));
    said.sendMicros = Math.round(((used.user + used.system) / count) * 10) / 10;
    await pauseCampaign(pool, id, 'operator', null);
    await until(async () => !(await isBeingSent(pool, id)));
    await engine.stop();
    said.reportAfterMs = await asked(() => campaignReport(pool, id));
  }
  said.peakMb = peakMb();
  const { rows: size } = await pool.query<{ bytes: number }>(
    'select pg_database_size(current_database()) as bytes from accounts where appid = $1',
    [benchAppid],
  );
  said.bytes = Math.round((size[0]?.bytes ?? 0) / rows);
  console.log(JSON.stringify(said));
} finally {
  await clients.close();
  await store.close();
  await database.close();
}
