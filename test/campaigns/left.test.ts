import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { tidyCampaigns } from '../../src/engine/campaigns/reading.ts';
import { type Campaign, findCampaign, listCampaigns } from '../../src/store/campaigns/campaigns.ts';
import { endLeftCampaigns, endLeftReading } from '../../src/store/campaigns/left.ts';
import { copyStaging } from '../../src/store/campaigns/staged-rows.ts';
import { inTransaction } from '../../src/store/database/pool.ts';
import { makeSite } from '../support/campaign.ts';
import { type RunningCli, until } from '../support/cli.ts';
import { received, startWechat, templateOf, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
const { pool } = site.store;
const wechat = await startWechat({ followers: 30_000, kind: 'service' });
const account = wechat.account();
const appid = await site.add(wechat, account);
const push = [
  ...['push', '--account', appid, '--channel', 'oa-template'],
  ...['--template', templateOf(account, '消息通知'), ...tutorialData],
];
const openids = (n: number): string => Array.from({ length: n }, (_, i) => account.openid(i)).join(',');
const rows = (n: number): string => `${openids(n).replaceAll(',', '\n')}\n`;

async function newest(): Promise<Campaign> {
  const [found] = await listCampaigns(pool, null, 1);
  assert(found !== undefined);
  return found;
}

/** The campaign of a push that reads standard input, once a page is stored. */
async function isReading(running: RunningCli): Promise<Campaign> {
  return await until('a page is stored', async () => {
    assert.equal(running.child.exitCode, null, running.stderr);
    const found = await newest().catch(() => undefined);
    return found?.state === 'staging' && found.audienceCount > 0 && found;
  });
}

/** As a reader leaves them that is killed. */
async function stage(id: number, ...staged: string[]): Promise<void> {
  await inTransaction(pool, (client) =>
    copyStaging(
      client,
      id,
      staged.map((openid, i) => ({ seq: i + 1, line: i + 1, openid, dedupeKey: null, vars: null })),
    ),
  );
}

async function staged(id: number): Promise<number> {
  const found = await pool.query<{ n: number }>(
    'select count(*)::integer as n from staging where campaign_id = $1',
    [id],
  );
  return found.rows[0]?.n ?? 0;
}

/** As if so much time had passed for this campaign. */
async function age(id: number, interval: string): Promise<void> {
  await pool.query(
    `update campaigns set created_at = created_at - $2::interval, planned_at = planned_at - $2::interval,
       read_until = read_until - $2::interval where id = $1`,
    [id, interval],
  );
}

test('a reader that was killed: the campaign says so, and a rerun with the key begins anew', async () => {
  const args = [...push, '--yes', '--to', '-', '--key', 'left-1', '--wait', '--json'];
  const killed = site.cli.start(args, { input: rows(30_000), holdInput: true });
  const { id } = await isReading(killed);
  await killed.kill('SIGKILL');
  // It may live, for all that others know.
  assert.match(await site.cli.ok(['campaigns', 'list']), new RegExp(`^${id} .*reading recipients`, 'm'));
  const busy = await site.cli.fails(1, args, { input: rows(20) });
  assert.match(busy, new RegExp(`\\[CAMPAIGN_UNFINISHED\\].*campaigns cancel ${id}\n`, 's'));
  assert.ok((await staged(id)) > 0);

  await age(id, '2 minutes');
  const list = await site.cli.ok(['campaigns', 'list']);
  assert.match(list, new RegExp(`^${id} .*reading was cut off .*hongyan campaigns cancel ${id}$`, 'm'));
  const shown = await site.cli.ok(['campaigns', 'show', String(id)]);
  assert.match(shown, new RegExp(`is gone, and nobody was messaged\\. .*hongyan campaigns cancel ${id}\\.`));
  assert.equal(
    (await site.cli.json(['campaigns', 'show', String(id), '--json'])).next,
    `hongyan campaigns cancel ${id}`,
  );

  const again = await site.cli.run(args, { input: rows(20) });
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stderr, new RegExp(`campaign ${id}, .*cancelled, and begun anew`));
  const left = await findCampaign(pool, id);
  assert.deepEqual(
    [left?.state, left?.stateReason, left?.key, await staged(id)],
    ['cancelled', 'reader_gone', null, 0],
  );
  const fresh = await newest();
  assert.deepEqual([fresh.state, fresh.key, fresh.plannedCount], ['done', 'left-1', 20]);
});

test('a reader that is slow, or whose other end is, keeps its campaign for as long as it lives', async () => {
  // Many are read, so that a page is stored, and few are sent to.
  const others = await site.file('others.txt', rows(25_000).split('\n').slice(20).join('\n'));
  const to = ['--to', '-', '--exclude', `@${others}`, '--key', 'slow', '--again', '--wait'];
  const slow = site.cli.start([...push, '--yes', ...to], { input: rows(25_000), holdInput: true });
  const { id } = await isReading(slow);
  // Its lease is short by now; it renews it although nothing comes.
  await pool.query("update campaigns set read_until = clock_timestamp() + interval '15 s' where id = $1", [
    id,
  ]);
  const before = (await findCampaign(pool, id))?.readUntil?.getTime() ?? 0;
  await until(
    'it is renewed',
    async () => ((await findCampaign(pool, id))?.readUntil?.getTime() ?? 0) > before,
  );
  assert.equal(await endLeftReading(pool, id), false);
  await endLeftCampaigns(pool);
  slow.child.stdin?.end();
  const { code, stderr } = await slow.ended;
  assert.equal(code, 0, stderr);
  const done = await findCampaign(pool, id);
  assert.deepEqual([done?.state, done?.plannedCount], ['done', 20]);
});

test('a reader that was stopped for so long that it was taken for gone stages nothing more', async () => {
  const stopped = site.cli.start([...push, '--yes', '--to', '-', '--again'], {
    input: rows(25_000),
    holdInput: true,
  });
  const { id } = await isReading(stopped);
  // Between two pages: in the middle of one it would hold the row of its campaign, from this test too.
  await until('it is stopped while it holds nothing', async () => {
    stopped.child.kill('SIGSTOP');
    const { rows } = await pool.query(
      `select from pg_stat_activity where datname = current_database() and backend_type = 'client backend'
         and pid <> pg_backend_pid() and xact_start is not null`,
    );
    if (rows.length === 0) return true;
    stopped.child.kill('SIGCONT');
    return false;
  });
  await age(id, '2 minutes');
  assert.equal(await endLeftReading(pool, id), true);
  stopped.child.kill('SIGCONT');
  stopped.child.stdin?.end(rows(25_000));
  const { code, stderr } = await stopped.ended;
  assert.equal(code, 1, stderr);
  assert.match(stderr, /\[CAMPAIGN_STATE\]/);
  assert.deepEqual([(await findCampaign(pool, id))?.stateReason, await staged(id)], ['reader_gone', 0]);
});

test('a list to leave out that cannot be read cancels the campaign', async () => {
  const wrong = await site.file('not-these.csv', `openid\n${account.openid(1)}\nnobody\n`);
  const refused = await site.cli.fails(1, [
    ...push,
    '--yes',
    '--to',
    openids(3),
    '--exclude',
    `@${wrong}`,
    '--again',
  ]);
  assert.match(refused, /EXCLUSION_UNREADABLE/);
  const left = await newest();
  assert.deepEqual([left.state, left.stateReason], ['cancelled', 'audience_incomplete']);
});

test('a question that nobody answered: confirm answers it with the count, and nothing else does', async (t) => {
  if (spawnSync('script', ['--version']).status !== 0) return t.skip('no script(1) for a terminal');
  account.clearReceived();
  const line = site.cli.commandLine([...push, '--to', openids(5), '--again', '--key', 'asked']);
  const terminal = spawn('script', ['-qec', `stty cols 120 rows 40; exec ${line}`, '/dev/null'], {
    env: { ...site.cli.environment, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  t.after(() => terminal.kill('SIGKILL'));
  let screen = '';
  terminal.stdout.setEncoding('utf8').on('data', (part: string) => {
    screen += part;
  });
  await until('it asks', async () => screen.includes('Send to 5 recipients?'));
  const { stdout } = spawnSync('pgrep', ['-P', String(terminal.pid)], { encoding: 'utf8' });
  process.kill(Number(stdout.trim()), 'SIGKILL');
  const { id } = await newest();
  const number = String(id);

  const next = `hongyan campaigns confirm ${id}`;
  assert.match(
    await site.cli.ok(['campaigns', 'list']),
    new RegExp(`^${id} .*waiting for confirmation .*${next}$`, 'm'),
  );
  assert.match(
    await site.cli.ok(['campaigns', 'show', number]),
    new RegExp(`Send it to 5 recipients with: ${next}; or end it with: hongyan campaigns cancel ${id}\\.`),
  );
  for (const verb of ['approve', 'resume'])
    assert.match(
      await site.cli.fails(1, ['campaigns', verb, number]),
      new RegExp(`\\[CAMPAIGN_STATE\\].*${next}`, 's'),
    );
  assert.match(await site.cli.fails(2, ['campaigns', 'confirm', number]), /--count/);
  assert.match(
    await site.cli.fails(1, ['campaigns', 'confirm', number, '--count', '4']),
    /planned for 5 recipients, not for 4/,
  );
  assert.equal((await findCampaign(pool, id))?.state, 'planned', 'a wrong count changes nothing');
  assert.equal((await received(wechat, appid)).size, 0);
  const report = await site.cli.json(['campaigns', 'confirm', number, '--count', '5', '--json']);
  assert.deepEqual([report.state, report.accepted], ['done', 5]);
  assert.match(await site.cli.fails(1, ['campaigns', 'confirm', number, '--count', '5']), /is done/);
  assert.equal((await received(wechat, appid)).size, 5);
});

test('a push that was killed while it was planned: confirm plans the rest, and sends', async () => {
  const file = await site.file('all.txt', rows(2_000));
  // Nobody plans it: what was killed between handing it over and its first look.
  const { campaign } = await site.cli.json([...push, '--to', `@${file}`, '--dry-run', '--json', '--again']);
  assert.ok(Number(campaign) > 0);
  await pool.query(
    `insert into campaigns (appid, channel, state, fingerprint, template_id, audience, message, variables, dedupe, on_invalid)
     select appid, channel, 'planning', fingerprint, template_id, '{"kind":"list","count":0}', message, variables, dedupe, on_invalid
     from campaigns where id = $1`,
    [campaign],
  );
  const left = await newest();
  const job = await site.store.jobs();
  await job.send(pool, 'plan', { campaignId: left.id }, left.uuid);
  await pool.query('update campaigns set audience_count = 2 where id = $1', [left.id]);
  await stage(left.id, account.openid(0), account.openid(1));
  assert.match(
    await site.cli.ok(['campaigns', 'show', String(left.id)]),
    /Nobody is planning it.*campaigns confirm/,
  );
  const report = await site.cli.json(['campaigns', 'confirm', String(left.id), '--count', '2', '--json']);
  assert.deepEqual([report.state, report.planned, report.accepted], ['done', 2, 2]);
});

test('a resend that was killed while it was filled is not sent with a part of its people', async () => {
  const done = await site.cli.json([...push, '--yes', '--to', openids(4), '--again', '--wait', '--json']);
  await pool.query("update campaigns set state = 'cancelled' where id = $1", [done.campaign]);
  await pool.query('delete from facts where campaign_id = $1', [done.campaign]);
  const resend = [
    'campaigns',
    'resend',
    String(done.campaign),
    '--what',
    'unsent',
    '--key',
    'resent',
    '--yes',
    '--json',
  ];
  // What a process that is killed after the first page leaves.
  await pool.query(
    `insert into campaigns (appid, channel, state, fingerprint, template_id, audience, message, variables, dedupe, on_invalid, key,
       linked_to, audience_count, read_until)
     select appid, channel, 'staging', fingerprint, template_id, '{"kind":"list","count":0}', message, variables, 'none', on_invalid,
       'resent', id, 1, clock_timestamp() + interval '1 minute' from campaigns where id = $1`,
    [done.campaign],
  );
  const half = await newest();
  await stage(half.id, account.openid(0));
  assert.match(await site.cli.fails(1, resend), /\[CAMPAIGN_UNFINISHED\]/);
  await age(half.id, '2 minutes');
  const report = await site.cli.json(resend);
  assert.deepEqual([report.planned, report.state], [4, 'done']);
  assert.equal((await findCampaign(pool, half.id))?.stateReason, 'reader_gone');

  // Without anybody to ask nothing is made that waits for an answer.
  const before = (await newest()).id;
  assert.match(
    await site.cli.fails(
      2,
      resend.filter((arg) => arg !== '--yes'),
    ),
    /nobody to ask/,
  );
  assert.equal((await newest()).id, before);
});

test('what was left for a day is cancelled and said; what lives, waits for a second person or is younger is not', async () => {
  const lines: { campaignId?: number }[] = [];
  const logger = { ...silentLogger, warn: (fields: object) => void lines.push(fields) };
  const insert = async (state: string, more: string, hours: number): Promise<number> => {
    const result = await pool.query<{ id: number }>(
      `insert into campaigns (appid, channel, state, fingerprint, audience, message, variables, dedupe, on_invalid, key,
         created_at, planned_at, read_until, confirmed_by, auto_confirm, audience_count, planned_count)
       select $1, 'oa-template', $2, 'f', '{"kind":"all"}', '{}', '{}', 'openid', 'skip', gen_random_uuid()::text,
         at, at, case when $2 = 'staging' then at end, case when $3 = 'confirmed' then 'somebody' end, $3 = 'schedule', 1, 1
       from (select clock_timestamp() - make_interval(hours => $4) as at) t returning id`,
      [appid, state, more, hours],
    );
    return result.rows[0]?.id ?? 0;
  };
  const left = [
    await insert('staging', '', 25),
    await insert('planning', '', 25),
    await insert('planned', '', 25),
  ];
  const kept = [
    await insert('staging', '', 23),
    await insert('planning', '', 23),
    await insert('planned', '', 23),
    await insert('planned', 'confirmed', 100),
    await insert('planning', 'schedule', 100),
    await insert('paused', '', 100),
  ];
  const living = await insert('staging', '', 100);
  await pool.query(
    "update campaigns set read_until = clock_timestamp() + interval '1 minute' where id = $1",
    [living],
  );
  for (const id of [left[0]!, living]) await stage(id, 'o'); // it was inserted above
  // Whoever holds a row, a process that was stopped in the middle of something, say, holds nobody up.
  const holder = await pool.connect();
  await holder.query('begin');
  await holder.query('select 1 from campaigns where id = $1 for update', [left[2]]);
  await tidyCampaigns(pool, logger);
  assert.equal(lines.length, 2);
  await holder.query('rollback');
  holder.release();
  await tidyCampaigns(pool, logger);
  const states = async (ids: number[]) =>
    await Promise.all(
      ids.map(async (id) => {
        const found = await findCampaign(pool, id);
        return [found?.state, found?.stateReason, found?.key === null];
      }),
    );
  assert.deepEqual(await states(left), [
    ['cancelled', 'reader_gone', true],
    ['cancelled', 'never_confirmed', true],
    ['cancelled', 'never_confirmed', true],
  ]);
  for (const [state, reason] of await states([...kept, living]))
    assert.deepEqual([state === 'cancelled', reason], [false, null]);
  assert.deepEqual(lines.map(({ campaignId }) => campaignId).sort(), [...left].sort());
  assert.deepEqual([await staged(left[0] ?? 0), await staged(living)], [0, 1]);
  assert.match(await site.cli.ok(['campaigns', 'show', String(left[2])]), /nobody confirmed it within a day/);
  await pool.query('delete from campaigns where id = any ($1::bigint[])', [[...left, ...kept, living]]);
});
