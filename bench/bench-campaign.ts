/** A whole durable campaign for the benchmarks: its database, account, template and planned recipients. */
import { join } from 'node:path';
import { silentLogger } from '../src/base/logger.ts';
import { createSealer } from '../src/base/seal.ts';
import { stageRecords } from '../src/engine/audience/stage.ts';
import { prepareCampaign } from '../src/engine/campaigns/campaigns.ts';
import { planCampaign } from '../src/engine/campaigns/plan.ts';
import { campaignReport } from '../src/engine/campaigns/report.ts';
import { AccountClients } from '../src/engine/sending/account-clients.ts';
import { saveAccount } from '../src/store/accounts/accounts.ts';
import { storeTemplates } from '../src/store/accounts/templates.ts';
import { confirmCampaign, startPlanning } from '../src/store/campaigns/campaigns.ts';
import type { Connection } from '../src/store/database/pool.ts';
import { type EmbeddedPostgres, openEmbeddedPostgres } from '../src/store/embedded/open.ts';
import { openStore, type Store } from '../src/store/store.ts';

export const benchAppid = 'wxbench00000000000';
export const benchTemplateId = 'bench-template-id-of-43-characters_________';
export const benchFields = { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22 08:00' };

export function benchOpenid(i: number): string {
  return `oBench${String(i).padStart(22, '0')}`;
}

export function openBenchDatabase(directory: string): Promise<EmbeddedPostgres> {
  return openEmbeddedPostgres({ dataDir: join(directory, 'data'), systemDir: join(directory, 'system') });
}

/** @param inFlight connections of each account's client */
export async function openBenchStore(
  connection: Connection,
  inFlight: number,
): Promise<{ store: Store; clients: AccountClients }> {
  const sealer = createSealer(Buffer.alloc(32, 7));
  const store = await openStore({ connection, sealer, logger: silentLogger });
  return { store, clients: new AccountClients({ store, logger: silentLogger, connections: inFlight }) };
}

/** An account with a template of three free fields. */
export async function saveBenchAccount(store: Store, url: string): Promise<void> {
  await saveAccount(store.pool, store.sealer, {
    appid: benchAppid,
    kind: 'service',
    name: '',
    tokenSource: 'secret',
    secret: '0'.repeat(32),
    baseUrl: url,
    proxy: null,
    ratePerS: 1_000_000,
  });
  const keys = Object.keys(benchFields);
  await storeTemplates(
    store.pool,
    benchAppid,
    ['template'],
    [
      {
        templateId: benchTemplateId,
        family: 'template',
        title: 'bench',
        content: keys.map((key) => `{{${key}.DATA}}`).join('\n'),
        example: '',
        kind: 'free',
        type: null,
        fields: keys.map((key) => ({ key, label: '', class: null })),
      },
    ],
  );
}

/** Plans a campaign to so many people; @returns its id. Nothing is sent before `runCampaign`. */
export async function planBenchCampaign(
  { store, clients }: { store: Store; clients: AccountClients },
  url: string,
  messages: number,
): Promise<number> {
  await saveBenchAccount(store, url);
  const prepared = await prepareCampaign(
    { store, clients },
    {
      appid: benchAppid,
      channel: 'oa-template',
      message: {
        parts: { templateId: benchTemplateId, url: 'https://example.com/', data: benchFields },
      },
      audience: { kind: 'file', name: 'bench' },
      audienceName: String(Math.random()),
      columns: [],
      onInvalid: 'skip',
      again: true,
      lang: 'en',
    },
  );
  if (prepared.kind !== 'created') throw new Error(prepared.kind);
  const { id } = prepared.campaign;
  await stageRecords(store.pool, prepared.campaign, rows(messages));
  await startPlanning(store.pool, id);
  await planCampaign({ store, clients, logger: silentLogger }, id);
  return id;
}

async function* rows(messages: number) {
  for (let i = 0; i < messages; i += 1000) {
    yield Array.from({ length: Math.min(1000, messages - i) }, (_, n) => ({
      kind: 'row' as const,
      line: i + n,
      openid: benchOpenid(i + n),
      vars: {},
    }));
  }
}

/** Confirms the campaign and waits for its end; @returns how many WeChat accepted. Throws when it stops before. */
export async function runCampaign({ pool }: Store, id: number, messages: number): Promise<number> {
  if (!(await confirmCampaign(pool, id, messages))) throw new Error('not planned');
  for (;;) {
    const { rows: found } = await pool.query(
      'select state, state_reason as reason, state_detail as detail from campaigns where id = $1',
      [id],
    );
    if (found[0]?.state === 'done') break;
    if (found[0]?.state !== 'running') throw new Error(JSON.stringify(found[0]));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return (await campaignReport(pool, id)).accepted;
}
