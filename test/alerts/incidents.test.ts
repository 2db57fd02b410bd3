import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { look } from '../../src/engine/alerts/alerts.ts';
import { conditionLimits, kindRules } from '../../src/engine/alerts/kinds.ts';
import { findConditions } from '../../src/store/alerts/conditions.ts';
import { beginBackup, endBackup, noteBackupDue } from '../../src/store/backup/nightly.ts';
import { type IncidentKind, incidentKinds, incidentPath, incidentWords } from '../../src/texts/alerts.ts';
import { alertsScene } from '../support/alerts/scene.ts';

const { site, appid, limits, lookNow, later, all, campaign, node, channel } = await alertsScene();
const { store } = site;
const { pool } = store;
const holdOf = (kind: IncidentKind) => kindRules.find((one) => one.kind === kind)!; // each has one: the type of the table

const addWebhook = async (): Promise<number> =>
  (
    await pool.query<{ id: number }>(
      `insert into webhooks (appid, url_sealed, host, secret_sealed, topics) values ($1, '', 'hook.example', '', '{all}') returning id`,
      [appid],
    )
  ).rows[0]!.id; // an insert … returning gives its row

interface Case {
  /** Makes it so; gives what ends it. */
  begin(): Promise<() => Promise<unknown>>;
  /** What is said of it. */
  says: RegExp;
  path: RegExp;
}

/** Every kind but that of the disk, which has a test of its own. */
const cases: Record<Exclude<IncidentKind, 'disk-low'>, Case> = {
  'campaign-paused': {
    async begin() {
      const id = await campaign('paused', 'errcode:40037');
      return () => pool.query(`update campaigns set state = 'running' where id = $1`, [id]);
    },
    says: /推送任务 \d+ 已暂停 原因：40037 .*模板/,
    path: /^\/campaigns\/\d+$/,
  },
  'campaign-failed': {
    async begin() {
      const id = await campaign('failed', 'invalid_rows', '1 minute');
      await pool.query('update campaigns set invalid_count = 3 where id = $1', [id]);
      return () =>
        pool.query(`update campaigns set finished_at = finished_at - interval '1 day' where id = $1`, [id]);
    },
    says: /推送任务 \d+ 失败 原因：有 3 行无效/,
    path: /^\/campaigns\/\d+$/,
  },
  'held-share': {
    async begin() {
      const id = await campaign('running', null);
      await pool.query(
        `insert into chunks (campaign_id, first_no, last_no, watermark, accepted, held) values ($1, 1, 1000, 0, 980, 20)`,
        [id],
      );
      return () => pool.query('update chunks set held = 5, accepted = 995 where campaign_id = $1', [id]);
    },
    says: /1,000 条中有 20 条在审核中/,
    path: /^\/campaigns\/\d+$/,
  },
  'account-paused': {
    async begin() {
      await pool.query(
        `update accounts set state = 'paused', state_reason = 'errcode:40001' where appid = $1`,
        [appid],
      );
      return () =>
        pool.query(`update accounts set state = 'active', state_reason = null where appid = $1`, [appid]);
    },
    says: /账号示例服务号已暂停 原因：40001 /,
    path: new RegExp(`^/accounts/${appid}$`),
  },
  'address-refused': {
    async begin() {
      await node('worker-1', 0);
      await pool.query(
        `insert into node_blocks (node_id, appid, reason, until, ip)
         select id, $1, 'ip', steady_now() + interval '1 hour', '203.0.113.7' from nodes where host = 'worker-1'`,
        [appid],
      );
      return () =>
        pool.query(`with b as (delete from node_blocks) delete from nodes where host = 'worker-1'`);
    },
    says: /IP 不在白名单 节点 worker-1，IP 203\.0\.113\.7/,
    path: new RegExp(`^/accounts/${appid}$`),
  },
  'quota-used-up': {
    async begin() {
      await pool.query(
        `insert into api_quotas (appid, path, day, parked_until, parked_errcode)
         values ($1, '/cgi-bin/message/template/send', current_date, steady_now() + interval '1 hour', 45009)`,
        [appid],
      );
      return () => pool.query('delete from api_quotas');
    },
    says: /当日额度已用完 \/cgi-bin\/message\/template\/send（errcode 45009）/,
    path: new RegExp(`^/accounts/${appid}$`),
  },
  'schedule-missed': {
    async begin() {
      const { rows } = await pool.query<{ id: number }>(
        `insert into schedules (appid, cron, request) values ($1, '0 9 * * *', '{}') returning id`,
        [appid],
      );
      const id = rows[0]?.id;
      const run = (day: string, state: string) =>
        pool.query(
          'insert into schedule_runs (schedule_id, local_time, due_at, state) values ($1, $2, $3, $4)',
          [id, `${day}T09:00`, `${day}T01:00:00Z`, state],
        );
      await run('2026-11-25', 'started');
      await run('2026-11-26', 'missed');
      return () => run('2026-11-27', 'started');
    },
    says: /定时任务 \d+ 错过一次 应于 2026-11-26 09:00 执行/,
    path: /^\/schedules$/,
  },
  'callback-silent': {
    async begin() {
      await pool.query(
        `insert into account_callbacks (appid, token_sealed, aes_key_sealed, mode, format) values ($1, '', '', 'plain', 'xml')`,
        [appid],
      );
      await pool.query(
        `insert into callback_counters (appid, day, kind, count, last_at)
         values ($1, current_date, 'stored', 5, clock_timestamp() - interval '40 minutes')`,
        [appid],
      );
      const id = await campaign('running', null);
      await pool.query(
        `insert into chunks (campaign_id, first_no, last_no, watermark, accepted, first_at, last_at)
         values ($1, 1, 1000, 0, 500, clock_timestamp() - interval '20 minutes', clock_timestamp())`,
        [id],
      );
      return () => pool.query('update callback_counters set last_at = clock_timestamp()');
    },
    says: /收不到消息推送 30 分钟以上没有收到有效推送，期间至少有 500 条消息已受理/,
    path: new RegExp(`^/accounts/${appid}$`),
  },
  'node-gone': {
    async begin() {
      await node('worker-2', 30);
      return () =>
        pool.query(
          `insert into nodes (id, host, pid, role, version) values (gen_random_uuid(), 'worker-2', 2, 'serve', 'test')`,
        );
    },
    says: /节点 worker-2 已失联/,
    path: /^\/nodes$/,
  },
  'database-log-kept': {
    async begin() {
      // A slot that keeps 5 GiB takes 5 GiB; what the function says of slots is PostgreSQL's.
      await pool.query(`create or replace function kept_log(out slot text, out bytes numeric) returns setof record
        language sql stable as $$ select 'standby_1', 6442450944::numeric $$`);
      return () =>
        pool.query(`create or replace function kept_log(out slot text, out bytes numeric) returns setof record
          language sql stable as $$ select 'standby_1', 1024::numeric $$`);
    },
    says: /复制槽 standby_1 保留了 6,144 MB/,
    path: /^\/nodes$/,
  },
  'database-connections': {
    async begin() {
      // Other tests come to the same server and leave it: how many there are now says nothing of the next look.
      limits.connectionShare = 0;
      return async () => {
        limits.connectionShare = 1;
      };
    },
    says: /共 \d+ 个，已用 \d+ 个/,
    path: /^\/nodes$/,
  },
  'backup-failed': {
    async begin() {
      await noteBackupDue(pool, new Date());
      const path = '/backup/hongyan-1-20261127T033000Z.zip';
      const attempt = () => beginBackup(pool, { dueAt: new Date(), host: 'worker-5', path });
      await endBackup(pool, await attempt(), { code: 'ENOSPC' });
      // One that was stopped in the middle says nothing of what was wrong before.
      await endBackup(pool, await attempt(), { code: 'INTERRUPTED' });
      return async () => endBackup(pool, await attempt(), { bytes: 1 });
    },
    says: /每日备份失败 节点 worker-5，\/backup\/hongyan-1-20261127T033000Z\.zip：磁盘已满，ENOSPC/,
    path: /^\/nodes$/,
  },
  'backup-overdue': {
    async begin() {
      const wanted = { host: 'worker-5', path: '/backup/one.zip' };
      await noteBackupDue(pool, new Date());
      await pool.query(
        `update backup_wanted set asked_at = clock_timestamp() - interval '7 hours', due_at = clock_timestamp()`,
      );
      // The next time of day comes, and it is overdue all the same.
      const dueAt = new Date(Date.now() + 60_000);
      await noteBackupDue(pool, dueAt);
      return async () => endBackup(pool, await beginBackup(pool, { ...wanted, dueAt }), { bytes: 1 });
    },
    says: /每日备份逾期未完成 自 \d{4}-\d\d-\d\d \d\d:\d\d 起应备份，至今没有完整备份/,
    path: /^\/nodes$/,
  },
  'webhook-down': {
    async begin() {
      const id = await addWebhook();
      await pool.query('update webhooks set down_since = clock_timestamp() where id = $1', [id]);
      return () => pool.query('update webhooks set down_since = null where id = $1', [id]);
    },
    says: /Webhook \d+ 无法投递 hook\.example 未接收通知/,
    path: /^\/webhooks\/\d+$/,
  },
  'webhook-given-up': {
    async begin() {
      const id = await addWebhook();
      await pool.query(
        `insert into webhook_deliveries (webhook_id, body, items, state) values ($1, '{}', 1, 'dead'), ($1, '{}', 1, 'dead')`,
        [id],
      );
      return () => pool.query('delete from webhook_deliveries where webhook_id = $1', [id]);
    },
    says: /hook\.example：已放弃 2 个投递/,
    path: /^\/webhooks\/\d+$/,
  },
  'channel-failing': {
    async begin() {
      const id = await channel('a', null);
      await pool.query('update alert_channels set failing_since = clock_timestamp() where id = $1', [id]);
      return () => pool.query('delete from alert_channels where id = $1', [id]);
    },
    says: /告警渠道 a\.example 无法送达 渠道 \d+/,
    path: /^\/alerts$/,
  },
};

describe('what a person is needed for', () => {
  for (const kind of incidentKinds) {
    if (kind === 'disk-low') continue;
    const { begin, says, path } = cases[kind];
    test(`${kind}: is an incident once it has lasted, said in both languages, and ends`, async () => {
      const { opensAfterMs, endsAfterMs } = holdOf(kind);
      const end = await begin();
      await lookNow();
      if (opensAfterMs > 0) {
        assert.deepEqual(await all(kind), [], 'it has not lasted yet');
        await later(opensAfterMs / 60_000);
        await lookNow();
      }
      const [incident, ...more] = await all(kind);
      assert.ok(incident !== undefined && more.length === 0);
      assert.deepEqual([incident.state, incident.endedAt], ['open', null]);
      const words = incidentWords(incident, 'zh', (code) => (code === 40037 ? '模板 id 无效' : '密钥错误'));
      assert.match(`${words.title} ${words.why}`, says);
      for (const text of [...Object.values(words), ...Object.values(incidentWords(incident, 'en', String))])
        assert.doesNotMatch(text, /[{}]|undefined|null|-$/, 'every value is there');
      assert.match(incidentPath(incident), path);

      await end();
      await lookNow();
      assert.equal((await all(kind))[0]?.state, 'open', 'it may be back in a moment');
      await later(endsAfterMs / 60_000);
      await lookNow();
      const [over] = await all(kind);
      assert.deepEqual([over?.id, over?.state], [incident.id, 'ended']);
      assert.ok(over?.endedAt !== null);
    });
  }

  test('disk-low: little room where the database lies', async () => {
    const lookAt = (disk: { share: number; bytes: number }) =>
      look({ store, logger: silentLogger, databaseDirectory: site.directory }, { everyMs: 0, disk });
    const low = { share: 1.1, bytes: Number.MAX_SAFE_INTEGER };
    await lookAt({ ...low, bytes: 1 });
    await lookAt({ ...low, share: 0 });
    assert.equal((await pool.query(`select 1 from incidents where kind = 'disk-low'`)).rowCount, 0);
    await lookAt(low);
    await later(5);
    await lookAt(low);
    const [incident] = await all('disk-low');
    assert.equal(incident?.state, 'open');
    assert.match(incidentWords(incident, 'zh', String).why, /^共 [\d,]+ MB，剩余 [\d,]+ MB$/);
  });

  test('what somebody did on purpose is none', async () => {
    const paused = await campaign('paused', 'operator');
    const interrupted = await campaign('paused', 'interrupted');
    await pool.query(`update accounts set state = 'paused', state_reason = 'operator' where appid = $1`, [
      appid,
    ]);
    await lookNow();
    const { rows } = await pool.query(
      `select kind, subject from incidents where state <> 'ended' and gone_at is null and kind in ('campaign-paused', 'account-paused')`,
    );
    assert.deepEqual(rows, []);
    await pool.query('delete from campaigns where id = any ($1)', [[paused, interrupted]]);
    await pool.query(`update accounts set state = 'active', state_reason = null where appid = $1`, [appid]);
  });

  test('a daily backup that nobody asks for any longer is none, and one that is asked for anew has its time', async () => {
    const kinds = async (): Promise<string[]> =>
      (await findConditions(pool, conditionLimits))
        .map(({ kind }) => kind)
        .filter((kind) => kind.startsWith('backup-'));
    await pool.query('delete from backups');
    const dueAt = new Date();
    const id = await beginBackup(pool, { dueAt, host: 'worker-5', path: '/backup/one.zip' });
    await endBackup(pool, id, { code: 'EACCES' });
    await noteBackupDue(pool, dueAt);
    await pool.query(`update backup_wanted set asked_at = clock_timestamp() - interval '7 hours'`);
    assert.deepEqual(await kinds(), ['backup-failed', 'backup-overdue']);
    await pool.query(`update backup_wanted set seen_at = clock_timestamp() - interval '11 minutes'`);
    assert.deepEqual(await kinds(), []);
    await noteBackupDue(pool, dueAt);
    assert.deepEqual(await kinds(), ['backup-failed']);
    await pool.query('delete from backups');
    await pool.query('delete from backup_wanted');
  });

  test('an account that is paused stands for its campaigns, which it paused', async () => {
    const id = await campaign('paused', 'errcode:40001');
    await pool.query(
      `update accounts set state = 'paused', state_reason = 'errcode:40001' where appid = $1`,
      [appid],
    );
    await lookNow();
    const seen = async () =>
      (
        await pool.query(
          `select kind from incidents where state <> 'ended' and gone_at is null and appid = $1 order by kind`,
          [appid],
        )
      ).rows.map(({ kind }) => kind);
    assert.deepEqual(await seen(), ['account-paused']);
    // Somebody has mended it, and has yet to resume the campaign.
    await pool.query(`update accounts set state = 'active', state_reason = null where appid = $1`, [appid]);
    await lookNow();
    assert.deepEqual(await seen(), ['campaign-paused']);
    await pool.query('delete from campaigns where id = $1', [id]);
    await lookNow();
    assert.deepEqual(await seen(), []);
  });
});

test('the log names the campaign that an incident is about', async () => {
  const id = await campaign('failed', 'invalid_rows', '1 minute');
  const told: object[] = [];
  const logger = { ...silentLogger, error: (fields: object) => void told.push(fields) };
  await look({ store, logger, databaseDirectory: null }, { everyMs: 0 });
  // As a number, which a command compares with its own: others of this file may be told of with it.
  assert.ok(
    told.some((fields) => 'campaignId' in fields && fields.campaignId === id),
    JSON.stringify(told),
  );
});
