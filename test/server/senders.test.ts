import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pidExists, processState } from '../../src/store/embedded/processes.ts';
import { makeSite, type Site } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { insertCampaign } from '../support/delivery/insert-campaign.ts';
import { received, startWechat } from '../support/wechat.ts';

interface NodeRow {
  id: string;
  pid: number;
}

async function nodesOf(site: Site): Promise<NodeRow[]> {
  return (await site.store.pool.query<NodeRow>('select id, pid from nodes')).rows;
}

test('serve --senders logs one JSON line after another, whichever process writes', async () => {
  const site = await makeSite();
  const serve = site.cli.start(['serve', '--senders', '3']);
  await serve.printed(/(?:"node started"[\s\S]*){3}/);
  const { code, stderr } = await serve.kill('SIGTERM');
  assert.equal(code, 0);
  const notices = ['Finishing what is in flight (at most 10 s) …', 'Stopped; nothing is lost.'];
  const lines = stderr.split('\n').filter((line) => line !== '' && !notices.includes(line));
  assert.ok(lines.length >= 3);
  for (const line of lines) assert.doesNotThrow(() => JSON.parse(line), line);
});

test('a killed serve takes its senders along: each hands back what it has, and ends', async () => {
  const site = await makeSite();
  const wechat = await startWechat({
    kind: 'miniprogram',
    followers: 20_000,
    creditsPerUser: 2,
    latencyMs: 30,
  });
  const account = wechat.account();
  await site.add(wechat, account);
  const serve = site.cli.start(['serve', '--senders', '3']);
  await serve.printed(/(?:"node started"[\s\S]*){3}/);
  const nodes = await nodesOf(site);
  assert.equal(nodes.length, 3);
  const id = await insertCampaign(site.store.pool, account, 'mp-subscribe', 20_000, { chunkSize: 1_000 });
  await until('all three deliver', async () => {
    const owners = await site.store.pool.query<{ n: number }>(
      `select count(distinct owner)::integer as n from chunks where state = 'open' and lease_until > clock_timestamp()`,
    );
    return owners.rows[0]?.n === 3;
  });
  const killedAt = performance.now();
  await serve.kill('SIGKILL');
  const senders = nodes.filter(({ pid }) => pid !== serve.child.pid);
  assert.equal(senders.length, 2);
  await until('the senders have ended', async () => senders.every(({ pid }) => !pidExists(pid)));
  assert.ok(performance.now() - killedAt < 10_000);
  // They have said goodbye, and nobody has a doubt about what they sent; only the killed one's lease runs out.
  const left = await nodesOf(site);
  assert.deepEqual(
    left.map(({ pid }) => pid),
    [serve.child.pid],
  );
  const held = await site.store.pool.query<{ owner: string }>(
    `select distinct owner from chunks where state = 'open' and owner is not null and lease_until > clock_timestamp()`,
  );
  for (const { owner } of held.rows) assert.equal(owner, left[0]?.id);
  const seen = await received(wechat, account.appid);
  assert.ok(seen.size > 0 && seen.size < 20_000 && Math.max(...seen.values()) === 1);
  assert.ok(id > 0);
});

test('ctrl-C in a terminal reaches serve and its senders at once, and all of them finish', async () => {
  const site = await makeSite();
  // An answer takes long enough for the senders to be at it when serve turns to them.
  const wechat = await startWechat({
    kind: 'miniprogram',
    followers: 3_000,
    creditsPerUser: 2,
    latencyMs: 2_000,
  });
  const account = wechat.account();
  await site.add(wechat, account);
  const serve = site.cli.start(['serve', '--senders', '2']);
  await serve.printed(/(?:"node started"[\s\S]*){2}/);
  const sender = (await nodesOf(site)).find(({ pid }) => pid !== serve.child.pid);
  assert(sender !== undefined);
  await insertCampaign(site.store.pool, account, 'mp-subscribe', 3_000, { chunkSize: 100 });
  await until('the sender is at it', async () => {
    const own = await site.store.pool.query(
      `select 1 from chunks where owner = $1 and watermark >= first_no and lease_until > clock_timestamp()`,
      [sender.id],
    );
    return own.rows.length > 0;
  });
  // The terminal signals the whole group; the sender gets it somewhat earlier here.
  process.kill(sender.pid, 'SIGINT');
  const since = performance.now();
  await serve.printed(/Finishing what is in flight/);
  await until('two signals are two', async () => performance.now() - since > 100);
  const { code, stderr } = await serve.kill('SIGINT');
  assert.equal(code, 0, stderr);
  assert.deepEqual(await nodesOf(site), [], 'every node has said goodbye');
  assert.equal((stderr.match(/"isClean":true,"msg":"node stopped"/g) ?? []).length, 2, stderr);
});

test('a stopped serve keeps its senders, and a sender that is killed is replaced', async () => {
  const site = await makeSite();
  const serve = site.cli.start(['serve', '--senders', '2']);
  await serve.printed(/(?:"node started"[\s\S]*){2}/);
  const before = await nodesOf(site);
  const sender = before.find(({ pid }) => pid !== serve.child.pid);
  assert(sender !== undefined);
  serve.child.kill('SIGSTOP');
  // It renews its lease while the other one stands still.
  const seenAt = async (): Promise<number> => {
    const found = await site.store.pool.query<{ at: Date }>('select seen_at as at from nodes where id = $1', [
      sender.id,
    ]);
    return found.rows[0]?.at.getTime() ?? 0;
  };
  const first = await seenAt();
  await until('the sender goes on', async () => (await seenAt()) > first);
  assert.equal((await processState(sender.pid))?.state === 'Z', false);
  serve.child.kill('SIGCONT');
  process.kill(sender.pid, 'SIGKILL');
  await until('another one works', async () => {
    const now = await nodesOf(site);
    return now.some(({ pid }) => !before.some((one) => one.pid === pid));
  });
  assert.equal((await serve.kill('SIGTERM')).code, 0);
});
