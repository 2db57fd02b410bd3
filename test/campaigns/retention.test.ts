import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { planCampaign } from '../../src/engine/campaigns/plan.ts';
import { pruneCampaigns } from '../../src/engine/campaigns/retention.ts';
import { startEngine } from '../../src/engine/engine.ts';
import { AccountClients } from '../../src/engine/sending/account-clients.ts';
import { beginPrune, removeRecipients } from '../../src/store/campaigns/retention.ts';
import { lastJson, until } from '../support/cli.ts';
import { makeScene, type Scene } from '../support/deliver.ts';
import { templateOf } from '../support/wechat.ts';

const scene = await makeScene('oa-template', { followers: 200 });
const { cli } = scene.site;
const { appid } = scene.account;
const byRule = { appid: null, olderThanDays: null };

/** A campaign that ended so many days ago, some of it refused. */
async function ended(planned: number, daysAgo: number): Promise<number> {
  scene.simulator.addFault({ kind: 43004, at: [2], path: scene.path });
  const id = await scene.campaign(planned, { chunkSize: 10 });
  await scene.pool.query(
    "insert into dropped (campaign_id, seq, line, openid, reason, code) values ($1, 1, 1, 'o', 'invalid', 'openid')",
    [id],
  );
  await scene.pool.query(
    "insert into source_pages (campaign_id, first_line, last_line, rows) select $1, n, n, '' from generate_series(1, 250) n",
    [id],
  );
  // They say who they are about, as recipients do.
  await scene.pool.query(
    `insert into receipts (appid, created_at, msgid, campaign_id, no, status, openid)
     select $2, clock_timestamp(), $1 * 1000 + no, $1, no, 1, openid from recipients where campaign_id = $1 and no <= 3`,
    [id, appid],
  );
  const node = await scene.node({ window: 1 });
  await scene.done(id);
  await node.stop();
  scene.simulator.clearFaults();
  await scene.pool.query(
    `update campaigns set started_at = started_at - make_interval(days => $2),
       finished_at = finished_at - make_interval(days => $2) where id = $1`,
    [id, daysAgo],
  );
  await scene.pool.query(
    'update chunks set last_at = last_at - make_interval(days => $2) where campaign_id = $1',
    [id, daysAgo],
  );
  return id;
}

async function rowsOf(id: number): Promise<Record<string, number>> {
  const { rows } = await scene.pool.query<Record<string, number>>(
    `select (select count(*) from recipients where campaign_id = $1) as recipients,
       (select count(*) from facts where campaign_id = $1) as facts, (select count(*) from chunks where campaign_id = $1) as chunks,
       (select count(*) from dropped where campaign_id = $1) as dropped,
       (select count(*) from source_pages where campaign_id = $1) as sources,
       (select count(*) from exclusions where campaign_id = $1) as exclusions,
       (select count(*) from receipts where campaign_id = $1) as receipts`,
    [id],
  );
  return rows[0] ?? {};
}

const nothing = { recipients: 0, facts: 0, chunks: 0, dropped: 0, sources: 0, exclusions: 0, receipts: 0 };

async function rules(...flags: string[]): Promise<void> {
  await cli.ok(['accounts', 'rules', appid, ...flags]);
}

async function prune(...flags: string[]): Promise<Record<string, unknown>> {
  return lastJson(await cli.ok(['campaigns', 'prune', '--yes', '--json', ...flags]));
}

test('an old campaign loses its recipients by the rule of its account, and keeps its counts', async () => {
  const id = await ended(30, 40);
  const recent = await ended(5, 3);
  const show = async (): Promise<Record<string, unknown>> =>
    lastJson(await cli.ok(['campaigns', 'show', String(id), '--json']));
  const before = await show();
  assert.equal(before.accepted, 29);
  assert.deepEqual(await prune(), { campaigns: 0, recipients: 0 }, 'without a rule everything stays');
  await rules('--keep-campaigns', '30');
  const would = lastJson(await cli.ok(['campaigns', 'prune', '--dry-run', '--json']));
  assert.deepEqual(would, { campaigns: [id], recipients: 30, dryRun: true });
  assert.deepEqual(await prune(), { campaigns: 1, recipients: 30 });
  assert.deepEqual(await rowsOf(id), nothing);
  const { prunedAt, ...after } = await show();
  assert.equal(typeof prunedAt, 'string');
  assert.deepEqual(after, before);
  assert.equal((await rowsOf(recent)).recipients, 5);
  assert.deepEqual(await prune(), { campaigns: 0, recipients: 0 });
  await rules('--keep-campaigns', 'off');
});

test('what is gone is said, never taken for nobody', async () => {
  const id = await ended(5, 10);
  await prune('--older-than', '5');
  for (const args of [
    ['campaigns', 'export', String(id)],
    ['campaigns', 'resend', String(id), '--what', 'failed', '--yes'],
    pushLeavingOut(id),
  ])
    assert.match(await cli.fails(1, args), /CAMPAIGN_PRUNED/, args.join(' '));
  assert.match(await cli.fails(1, pushLeavingOut(999_999)), /CAMPAIGN_NOT_FOUND/);
  // One that was planned with it and comes to its turn only now.
  const late = await planning(id);
  const clients = new AccountClients({ store: scene.site.store, logger: silentLogger });
  const deps = { store: scene.site.store, clients, logger: silentLogger };
  await assert.rejects(planCampaign(deps, late), { code: 'CAMPAIGN_PRUNED' });
  await clients.close();
  await scene.pool.query("update campaigns set state = 'cancelled' where id = $1", [late]);
});

test('recipients that somebody still reads are not removed', async () => {
  const id = await ended(5, 10);
  const kept = async (): Promise<void> => {
    assert.deepEqual(await prune('--older-than', '5'), { campaigns: 0, recipients: 0 });
    assert.equal((await rowsOf(id)).recipients, 5);
  };
  await rules('--fatigue', '1/60');
  await kept();
  await rules('--fatigue', 'off');
  const other = await planning(id);
  await kept();
  await scene.pool.query("update campaigns set state = 'cancelled' where id = $1", [other]);
  const schedule = await scene.pool.query<{ id: number }>(
    `insert into schedules (appid, cron, request) values ($1, '0 9 * * 1', $2) returning id`,
    [appid, JSON.stringify({ exclusions: [{ kind: 'campaign', id }] })],
  );
  await kept();
  await scene.pool.query('delete from schedules where id = $1', [schedule.rows[0]?.id]);
  assert.deepEqual(await prune('--older-than', '5'), { campaigns: 1, recipients: 5 });
});

test('a removal that was killed is finished by the next one, and the counts are those of before', async () => {
  const id = await ended(40, 10);
  const before = await scene.report(id);
  const scope = { appid, olderThanDays: 5 };
  assert.equal(await beginPrune(scene.pool, id, scope), true);
  assert.equal(await beginPrune(scene.pool, id, scope), false);
  assert.deepEqual(await removeRecipients(scene.pool, id, 0, 15), { removed: 15, last: 15 });
  const { accepted, rejected, unsent, rejectedBy } = await scene.report(id);
  assert.deepEqual(
    { accepted, rejected, unsent, rejectedBy },
    { accepted: before.accepted, rejected: before.rejected, unsent: 0, rejectedBy: before.rejectedBy },
  );
  assert.deepEqual(await pruneCampaigns({ pool: scene.pool, logger: silentLogger }, byRule), {
    campaigns: 1,
    recipients: 25,
  });
  assert.deepEqual(await rowsOf(id), nothing);
});

test('a working node removes by the rule, once an hour', async () => {
  const id = await ended(5, 10);
  await rules('--keep-campaigns', '7');
  const { store } = scene.site;
  const clients = new AccountClients({ store, logger: silentLogger });
  const engine = await startEngine({ store, clients, logger: silentLogger, role: 'serve', version: '0' });
  try {
    const clock = await scene.pool.query<{ cron: string }>(
      "select cron from pgboss.schedule where name = 'prune'",
    );
    assert.match(clock.rows[0]?.cron ?? '', /^\d+ \* \* \* \*$/);
    await (await store.jobs()).send(scene.pool, 'prune', {}, randomUUID());
    await until('everything of it is gone', async () =>
      Object.values(await rowsOf(id)).every((rows) => rows === 0),
    );
  } finally {
    await engine.stop();
    await clients.close();
    await rules('--keep-campaigns', 'off');
  }
});

function pushLeavingOut(id: number): string[] {
  return [
    ...[
      'push',
      '--account',
      appid,
      '--channel',
      'template',
      '--to',
      scene.account.openid(1),
      '--yes',
      '--again',
    ],
    ...['--template', templateOf(scene.account, '消息通知'), '--exclude', `campaign:${id}`],
    ...['--data', 'keyword1=a', '--data', 'keyword2=b', '--data', 'keyword3=2026-11-22'],
  ];
}

/** A campaign that is being planned and leaves another one's people out. */
async function planning(leftOut: number): Promise<number> {
  const id = await (scene as Scene).campaign(1);
  await scene.pool.query(
    "update campaigns set state = 'planning', plan_bucket = 0, exclusions = $2 where id = $1",
    [id, JSON.stringify([{ kind: 'campaign', id: leftOut }])],
  );
  return id;
}
