/** Several working processes on one external PostgreSQL whose past is taken away under them, and what became of whom. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { silentLogger } from '../../../src/base/logger.ts';
import { createSealer, parseSecretKey } from '../../../src/base/seal.ts';
import { type CampaignReport, campaignReport } from '../../../src/engine/campaigns/report.ts';
import type { SimulatedAccount } from '../../../src/simulator/index.ts';
import { findCampaign, resumeCampaign } from '../../../src/store/campaigns/campaigns.ts';
import { recipientOutcomes } from '../../../src/store/campaigns/outcomes.ts';
import { createPool, type Pool } from '../../../src/store/database/pool.ts';
import { openStore } from '../../../src/store/store.ts';
import { Cli, type RunningCli, until, untilMoved } from '../cli.ts';
import { insertCampaign, type TestChannel } from '../delivery/insert-campaign.ts';
import { messageTo } from '../messages.ts';
import { databaseUrl } from '../postgres.ts';
import { type DatabaseLink, linkDatabase } from '../store/database-link.ts';
import { saveSimulated, startWechat } from '../wechat.ts';
import { makeOwnCluster, type OwnCluster } from './own-cluster.ts';

const secretKey = Buffer.alloc(32, 7).toString('base64');
const sealer = createSealer(parseSecretKey(secretKey));

export interface RestoreSite {
  readonly cluster: OwnCluster;
  /** Of a cluster beside it. */
  readonly directory: string;
  readonly link: DatabaseLink;
  readonly account: SimulatedAccount;
  /** Looks on: it reads, and notices nothing itself. */
  readonly pool: Pool;
  readonly cli: Cli;
  readonly nodes: RunningCli[];
  /** Starts a process that works, on a machine of its own: without a witness. */
  node(): Promise<RunningCli>;
  /** One that takes single messages too; gives what submits one to the person with this number. */
  server(): Promise<(no: number) => Promise<void>>;
  campaign(planned: number): Promise<number>;
  /** Messages that reached people. */
  readonly accepted: number;
}

export async function makeRestoreSite(
  t: TestContext,
  options: { followers: number; ratePerS: number; latencyMs?: number; kind?: 'service' | 'miniprogram' },
): Promise<RestoreSite> {
  const { followers, ratePerS, latencyMs = 20, kind = 'miniprogram' } = options;
  const { cluster, directory } = await makeOwnCluster(t);
  const simulator = await startWechat({
    ...{ kind, followers, creditsPerUser: 10, latencyMs },
    quotas: { '/cgi-bin/message/subscribe/send': null, '/cgi-bin/message/template/send': null },
  });
  const account = simulator.account();
  const store = await openStore({ connection: { ...cluster.connection }, sealer, logger: silentLogger });
  await store.jobs();
  await saveSimulated(store, simulator, account, ratePerS);
  await store.close();
  const link = await linkDatabase(cluster);
  const pool = createPool(link.connection, { max: 2 });
  const url = new URL(databaseUrl(cluster.connection));
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String(link.connection.port);
  const cli = new Cli({
    HONGYAN_DATABASE_URL: url.href,
    HONGYAN_SECRET_KEY: secretKey,
    HONGYAN_DATA_DIR: join(directory, 'data'),
    // Only what a process itself has seen is to help.
    HONGYAN_STATE_DIR: '/dev/null/none',
  });
  t.after(async () => {
    await cli.close();
    await pool.end();
    await link.close();
  });
  const nodes: RunningCli[] = [];
  const channel: TestChannel = kind === 'service' ? 'oa-template' : 'mp-subscribe';
  return {
    ...{ cluster, directory, link, account, pool, cli, nodes },
    async node() {
      const node = cli.start(['worker']);
      await node.printed(/is working/);
      nodes.push(node);
      return node;
    },
    async server() {
      const token = 'a'.repeat(32);
      const node = cli.start(['serve'], {
        env: { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_API_TOKEN: token },
      });
      const url = (await node.printed(/Listening on (http:\S+)/))[1] ?? '';
      nodes.push(node);
      return async (no) => {
        const { appid, openid, message } = messageTo({ account, channel }, no);
        const answer = await fetch(`${url}/v1/messages`, {
          method: 'POST',
          body: JSON.stringify({
            appid,
            channel,
            touser: openid,
            ...('body' in message ? message.body : {}),
          }),
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        });
        assert.equal(answer.status, 202, await answer.text());
      };
    },
    campaign: (planned) => insertCampaign(pool, account, channel, planned, { chunkSize: 100 }),
    get accepted() {
      return account.summary().accepted;
    },
  };
}

/** Resolves once the nodes have noticed. */
export async function untilHeld(site: RestoreSite, id: number): Promise<void> {
  const isHeld = async (): Promise<boolean> => {
    const campaign = await findCampaign(site.pool, id).catch(() => null);
    return campaign?.state === 'paused' && campaign.stateReason === 'restored';
  };
  await until('the campaign is paused', isHeld).catch((error: unknown) => {
    const logs = site.nodes.map(({ stderr }) => stderr.slice(-3_000)).join('\n---\n');
    throw new Error(`nobody noticed it:\n${logs}`, { cause: error });
  });
}

export async function resumeToTheEnd(site: RestoreSite, id: number): Promise<void> {
  assert.ok(await resumeCampaign(site.pool, id));
  await untilMoved('the campaign is done', async () => {
    const state = (await findCampaign(site.pool, id))?.state;
    return state === 'done' ? null : `${state}, ${site.accepted} accepted`;
  });
}

/** Nobody twice, nobody who has it called unsent, and the report counts what the export lists. Gives the counts. */
export async function assertHonest(site: RestoreSite, id: number): Promise<Record<string, number>> {
  const twice = [...site.account.counts()].filter(({ count }) => count > 1);
  assert.equal(twice.length, 0, `${twice.length} people got it twice`);
  // What a node still had in memory when the campaign was done is counted in both, though not at the same moment.
  const [report, rows, named] = await untilSame(site.pool, id);
  const wrong = rows.filter(
    ({ openid, outcome }) =>
      (site.account.receivedCount(openid) > 0 && (outcome === 'unsent' || outcome === 'rejected')) ||
      (site.account.receivedCount(openid) === 0 && outcome === 'accepted'),
  );
  assert.deepEqual(wrong.slice(0, 3), [], `${wrong.length} people are told of wrongly`);
  const { accepted, rejected, unknown, unsent } = report;
  assert.deepEqual({ accepted, rejected, unknown, unsent }, named, 'the counts are those of the export');
  return named;
}

type Rows = Awaited<ReturnType<typeof recipientOutcomes>>;

/** The report, the export and its counts, once the counts of both are the same; the last ones where they never are. */
async function untilSame(pool: Pool, id: number): Promise<[CampaignReport, Rows, Record<string, number>]> {
  for (let left = 50; ; left--) {
    const report = await campaignReport(pool, id);
    const rows = await recipientOutcomes(pool, id, 0, 1_000_000);
    const named: Record<string, number> = { accepted: 0, rejected: 0, unknown: 0, unsent: 0 };
    for (const { outcome } of rows) named[outcome] = (named[outcome] ?? 0) + 1;
    const { accepted, rejected, unknown, unsent } = report;
    if (left === 0 || isDeepStrictEqual({ accepted, rejected, unknown, unsent }, named))
      return [report, rows, named];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
