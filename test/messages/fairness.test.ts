import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setRate } from '../../src/store/accounts/pace.ts';
import { factKind } from '../../src/store/facts.ts';
import { until } from '../support/cli.ts';
import { makeScene, Scene } from '../support/deliver.ts';
import { messageNode, messageTo, sceneOf, settled } from '../support/messages.ts';

/** Looks once for all of them: while it looks at one after the other a campaign goes on. */
async function allAccepted(scene: Scene, ids: readonly number[]): Promise<void> {
  await until('all are accepted', async () => {
    const { rows } = await scene.pool.query<{ n: number }>(
      'select count(distinct message_id)::integer as n from message_facts where message_id = any ($1) and kind = $2',
      [ids, factKind.accepted],
    );
    return rows[0]?.n === ids.length;
  });
}

/** The place of a person's only message among all that the account accepted. */
function seqOf(scene: Scene, no: number): number {
  const [message, another] = scene.account.messages(scene.account.openid(no - 1));
  assert.ok(message !== undefined && another === undefined);
  return message.seq;
}

test('single messages go before a running campaign of their account, and do not starve it', async () => {
  const scene = await makeScene('oa-template');
  await setRate(scene.pool, scene.account.appid, 300);
  const campaign = await scene.campaign(3_000, { chunkSize: 1_000 });
  let acceptedAtCommit = 0;
  const node = await messageNode(scene, {
    answerTimeoutMs: 10_000,
    leaseMs: 10_000,
    hooks: {
      reached(point) {
        if (point === 'inserted') acceptedAtCommit = scene.account.summary().accepted;
      },
    },
  });
  await until('the campaign is under way', async () => scene.calls > 300);

  const few = Array.from({ length: 10 }, (_, i) => 3_001 + i);
  const submitted = await Promise.all(few.map((no) => node.messages.submit(messageTo(scene, no))));
  for (const { id } of submitted) assert.equal((await settled(scene, id)).state, 'accepted');
  const last = Math.max(...few.map((no) => seqOf(scene, no)));
  // What was in flight already, a turn of the campaign for each, and what left while the last group was being stored.
  assert.ok(last - acceptedAtCommit <= 64 + 30, `${last - acceptedAtCommit} messages until the last of ten`);

  const many = Array.from({ length: 400 }, (_, i) => 3_101 + i);
  const flood = await Promise.all(many.map((no) => node.messages.submit(messageTo(scene, no))));
  await allAccepted(
    scene,
    flood.map(({ id }) => id),
  );
  assert.equal((await scene.find(campaign)).state, 'running', 'the campaign was there to compete');
  const seqs = many.map((no) => seqOf(scene, no));
  const others = Math.max(...seqs) - Math.min(...seqs) + 1 - many.length;
  assert.ok(others >= many.length / 2, `the campaign sent ${others} beside ${many.length} single messages`);
  await scene.pause(campaign);
});

test('ten accounts with campaigns and single messages share fairly, and a large campaign delays nobody', async () => {
  const first = await makeScene('oa-template', {
    followers: 20_000,
    latencyMs: 5,
    accounts: Array.from({ length: 10 }, () => ({ kind: 'service' as const })),
  });
  const { site, simulator } = first;
  const scenes = [first];
  for (const account of simulator.accounts.slice(1)) {
    await site.add(simulator, account);
    scenes.push(sceneOf(first, account, Scene));
  }
  for (const scene of scenes)
    await setRate(first.pool, scene.account.appid, scene === first ? 1_000_000 : 100);
  const campaigns = await Promise.all(
    scenes.map((scene, i) => scene.campaign(i === 0 ? 20_000 : 10, { chunkSize: 1_000 })),
  );
  await first.pool.query("update campaigns set state = 'paused' where id <> $1", [campaigns[0]]);
  const node = await messageNode(first, { answerTimeoutMs: 10_000, leaseMs: 10_000 });
  await until('the large one is under way', async () => first.calls > 500);

  const from = first.calls;
  await first.pool.query("update campaigns set state = 'running' where state = 'paused'");
  await first.pool.query("select pg_notify('hongyan_work', '')");
  const ids = await Promise.all(
    scenes.flatMap((scene) =>
      [101, 102, 103, 104, 105].map((no) =>
        node.messages.submit(messageTo(scene, scene === first ? 18_000 + no : no)),
      ),
    ),
  );
  await allAccepted(
    first,
    ids.map(({ id }) => id),
  );
  await Promise.all(scenes.slice(1).map((scene, i) => scene.done(campaigns[i + 1] ?? 0)));
  const meanwhile = first.calls - from;
  assert.equal((await first.find(campaigns[0] ?? 0)).state, 'running', 'the large one was there to compete');
  assert.ok(meanwhile < 19_000, `the large one sent ${meanwhile} meanwhile`);
  for (const scene of scenes.slice(1)) assert.equal(scene.account.summary().accepted, 15);
  await first.pause(campaigns[0] ?? 0);
});
