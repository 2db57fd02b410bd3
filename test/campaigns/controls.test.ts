import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgetLiftedLimit } from '../../src/store/accounts/approval.ts';
import { getAccountRules, setAccountRules } from '../../src/store/accounts/rules.ts';
import { findCampaign } from '../../src/store/campaigns/campaigns.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/in-time.ts';
import { received, startWechat, tutorialData } from '../support/wechat.ts';

const site = await makeSite();
const simulator = await startWechat({ kind: 'service', followers: 2_000 });
const account = simulator.account();
const appid = await site.add(simulator, account);
const template = account.templates().find((one) => one.content.includes('{{keyword3.DATA}}'));
const push = [
  'push',
  '--account',
  appid,
  '--channel',
  'template',
  '--template',
  template?.template_id ?? '',
  ...tutorialData,
  '--yes',
  '--again',
  '--wait',
  '--json',
];
const openids = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => account.openid(from + i));

function lastJson(stdout: string): Record<string, number & string> {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
}

test('leaves out suppressed openids, an excluded file, tag and campaign, each with its reason', async () => {
  account.clearReceived();
  const before = lastJson(await site.cli.ok([...push, '--to', openids(0, 10).join(',')]));
  const tagged = openids(10, 13);
  const tag = await createTag(tagged);
  await site.cli.ok(['suppress', 'add', appid, openids(13, 15).join(','), '--note', 'asked']);
  const file = await site.file('not-these.csv', `openid\n${openids(15, 18).join('\n')}\n`);
  const audience = await site.file('audience.csv', `openid\n${openids(0, 30).join('\n')}\n`);
  const report = lastJson(
    await site.cli.ok([
      ...push,
      '--to',
      `@${audience}`,
      '--exclude',
      `tag:${tag}`,
      '--exclude',
      `@${file}`,
      '--exclude',
      `campaign:${before.campaign}`,
    ]),
  );
  assert.equal(report.audience, 30);
  assert.equal(report.excluded, 10 + 3 + 2 + 3);
  assert.equal(report.planned, 12);
  const dropped = await site.cli.ok([
    'campaigns',
    'export',
    String(report.campaign),
    '--dropped',
    '--format',
    'ndjson',
  ]);
  const codes = dropped
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).code as string);
  assert.deepEqual([...new Set(codes)].sort(), [
    'excluded-campaign',
    'excluded-file',
    'excluded-tag',
    'suppressed',
  ]);
  const got = await received(simulator, appid);
  for (const openid of openids(0, 10)) assert.equal(got.get(openid), 1);
  for (const openid of openids(10, 18)) assert.equal(got.get(openid), undefined);
  for (const openid of openids(18, 30)) assert.equal(got.get(openid), 1);
  await site.cli.ok(['suppress', 'remove', appid, openids(13, 15).join(',')]);
});

test('a fatigue cap counts what people got in other campaigns', async () => {
  const people = openids(100, 110).join(',');
  for (let i = 0; i < 2; i++) await site.cli.ok([...push, '--to', people]);
  await site.cli.ok(['accounts', 'rules', appid, '--fatigue', '2/7']);
  try {
    const report = lastJson(await site.cli.ok([...push, '--to', `${people},${openids(110, 115).join(',')}`]));
    assert.equal(report.excluded, 10);
    assert.equal(report.accepted, 5);
  } finally {
    await site.cli.ok(['accounts', 'rules', appid, '--fatigue', 'off']);
  }
});

test('resends what failed and what was not sent, as a linked campaign, and nothing that was accepted', async () => {
  account.clearReceived();
  for (const openid of openids(200, 203)) account.unfollow(openid);
  const first = lastJson((await site.cli.run([...push, '--to', openids(200, 210).join(',')])).stdout);
  assert.equal(first.rejected, 3);
  for (const openid of openids(200, 203)) account.follow(openid);
  await site.store.pool.query('update contacts set follows = true where appid = $1', [appid]);
  const again = lastJson(
    await site.cli.ok([
      'campaigns',
      'resend',
      String(first.campaign),
      '--what',
      'failed',
      'unsent',
      '--yes',
      '--wait',
      '--json',
    ]),
  );
  assert.equal(again.accepted, 3);
  assert.equal(
    (await findCampaign(site.store.pool, Number(again.campaign)))?.linkedTo,
    Number(first.campaign),
  );
  const got = await received(simulator, appid);
  for (const openid of openids(200, 210)) assert.equal(got.get(openid), 1);
});

test('a resend to nobody makes no campaign, and says how many there are of each', async () => {
  const { rows } = await site.store.pool.query<{ id: number }>(
    'select max(id)::integer as id from campaigns',
  );
  const last = rows[0]?.id ?? 0;
  const refused = await site.cli.fails(1, [
    'campaigns',
    'resend',
    String(last),
    '--what',
    'unknown',
    '--yes',
  ]);
  assert.match(refused, /nobody to send to again.*0 refused, 0 unknown and 0 unsent \[RESEND_NOBODY\]/);
  const after = await site.store.pool.query('select from campaigns where id > $1', [last]);
  assert.equal(after.rowCount, 0);
});

test('refuses to resend while the campaign may still send', async () => {
  const waiting = lastJson(
    await site.cli.ok([
      'push',
      ...push.slice(1).filter((one) => one !== '--wait'),
      '--to',
      account.openid(300),
      '--at',
      '2099-01-01 09:00',
      '--dry-run',
    ]),
  );
  const { rows } = await site.store.pool.query<{ id: number }>(
    `update campaigns set state = 'paused' where id = $1 returning id`,
    [waiting.campaign],
  );
  assert.equal(rows.length, 1);
  const answer = await site.cli.run([
    'campaigns',
    'resend',
    String(waiting.campaign),
    '--what',
    'unsent',
    '--yes',
  ]);
  assert.equal(answer.code, 1);
  assert.match(answer.stderr, /CAMPAIGN_STATE/);
});

test('a campaign waits for its time, and expires when it is over', async () => {
  account.clearReceived();
  const running = site.cli.start([...push, '--to', openids(400, 410).join(','), '--at', '2099-01-01 09:00']);
  const id = await newestCampaign('running');
  assert.equal((await received(simulator, appid)).size, 0);
  // Its time comes: the process that waits sends.
  await site.store.pool.query('update campaigns set start_at = clock_timestamp() where id = $1', [id]);
  const report = lastJson((await running.ended).stdout);
  assert.equal(report.accepted, 10);

  const late = site.cli.start([
    ...push,
    '--to',
    openids(410, 420).join(','),
    '--at',
    '2098-01-01 09:00',
    '--valid-until',
    '2099-01-01 09:00',
  ]);
  const lateId = await newestCampaign('running');
  await site.store.pool.query('update campaigns set valid_until = clock_timestamp() where id = $1', [lateId]);
  const expired = lastJson((await late.ended).stdout);
  assert.equal(expired.accepted, 0);
  assert.equal(expired.unsent, 10);
  assert.deepEqual(expired.byUnsent, { expired: 10 });
  const got = await received(simulator, appid);
  for (const openid of openids(410, 420)) assert.equal(got.get(openid), undefined);
});

test('sends nothing in quiet hours, and goes on when they are over', async () => {
  account.clearReceived();
  const zone = { ...(await getAccountRules(site.store.pool, appid)), timeZone: 'UTC' };
  const hour = (plus: number): string =>
    `${String((new Date().getUTCHours() + plus + 24) % 24).padStart(2, '0')}:00`;
  await setAccountRules(site.store.pool, appid, { ...zone, quietFrom: hour(-1), quietTo: hour(2) });
  const running = site.cli.start([...push, '--to', openids(500, 505).join(',')]);
  await newestCampaign('running');
  assert.equal((await received(simulator, appid)).size, 0);
  await setAccountRules(site.store.pool, appid, {
    ...zone,
    timeZone: 'Asia/Shanghai',
    quietFrom: null,
    quietTo: null,
  });
  assert.equal(lastJson((await running.ended).stdout).accepted, 5);
});

test('above the approval limit a second person must agree', async () => {
  await site.cli.ok(['accounts', 'rules', appid, '--approval-above', '3']);
  try {
    const waiting = lastJson(await site.cli.ok([...push, '--to', openids(600, 605).join(',')]));
    assert.equal(waiting.awaitingApproval, true);
    const own = await site.cli.run(['campaigns', 'approve', String(waiting.campaign)]);
    assert.equal(own.code, 1);
    assert.match(own.stderr, /APPROVAL_OWN/);
    await site.store.pool.query(`update campaigns set confirmed_by = 'somebody else' where id = $1`, [
      waiting.campaign,
    ]);
    await site.cli.ok(['campaigns', 'approve', String(waiting.campaign)]);
    const report = lastJson(
      await site.cli.ok(['campaigns', 'resume', String(waiting.campaign), '--wait', '--json']),
    );
    assert.equal(report.accepted, 5);
    // Whoever lifts the limit is held by it all the same, until somebody else says what it is.
    await site.cli.ok(['accounts', 'rules', appid, '--approval-above', 'off']);
    const held = lastJson(await site.cli.ok([...push, '--to', openids(610, 615).join(',')]));
    assert.equal(held.awaitingApproval, true);
    await site.cli.ok(['campaigns', 'cancel', String(held.campaign)]);
    await forgetLiftedLimit(site.store.pool, appid, 'somebody else');
    const free = lastJson(await site.cli.ok([...push, '--to', openids(610, 615).join(',')]));
    assert.equal(free.accepted, 5);
  } finally {
    await site.cli.ok(['accounts', 'rules', appid, '--approval-above', 'off']);
    await forgetLiftedLimit(site.store.pool, appid, 'somebody else');
  }
});

test('cancels a running campaign for good', async () => {
  const running = site.cli.start([...push, '--to', openids(700, 705).join(','), '--at', '2099-01-01 09:00']);
  const id = await newestCampaign('running');
  await site.cli.ok(['campaigns', 'cancel', String(id)]);
  const report = lastJson((await running.ended).stdout);
  assert.equal(report.state, 'cancelled');
  assert.equal(report.unsent, 5);
  const answer = await site.cli.run(['campaigns', 'resume', String(id)]);
  assert.equal(answer.code, 1);
});

async function createTag(members: string[]): Promise<number> {
  const call = async (path: string, body: object): Promise<{ tag?: { id: number } }> => {
    const token = await fetch(`${simulator.url}/cgi-bin/stable_token`, {
      method: 'POST',
      body: JSON.stringify({ grant_type: 'client_credential', appid, secret: account.secret }),
    });
    const { access_token: accessToken } = (await token.json()) as { access_token: string }; // the simulator's shape
    const answer = await fetch(`${simulator.url}${path}?access_token=${accessToken}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    return (await answer.json()) as { tag?: { id: number } };
  };
  const created = await call('/cgi-bin/tags/create', { tag: { name: 'left out' } });
  const id = created.tag?.id ?? 0;
  await call('/cgi-bin/tags/members/batchtagging', { openid_list: members, tagid: id });
  return id;
}

/** Waits until the newest campaign is in this state. */
async function newestCampaign(state: string): Promise<number> {
  const seen = await site.store.pool.query<{ id: number }>(
    'select coalesce(max(id), 0) as id from campaigns where finished_at is not null',
  );
  const after = seen.rows[0]?.id ?? 0;
  return await until(`a campaign is ${state}`, async () => {
    const { rows } = await site.store.pool.query<{ id: number }>(
      'select id from campaigns where state = $1 and id > $2 order by id desc limit 1',
      [state, after],
    );
    return rows[0]?.id;
  });
}
