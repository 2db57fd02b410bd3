/** Three nodes that send, on a server that a standby follows, which takes over. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findCampaign } from '../../../src/store/campaigns/campaigns.ts';
import { until, untilMoved } from '../cli.ts';
import type { OwnCluster } from './own-cluster.ts';
import { assertHonest, makeRestoreSite, type RestoreSite } from './restore-site.ts';

const planned = 2_000;

export interface FailoverScene {
  site: RestoreSite;
  standby: OwnCluster;
  id: number;
}

export async function makeFailoverScene(
  t: TestContext,
  isSynchronous: boolean,
  channel: 'keyed' | 'unkeyed',
): Promise<FailoverScene> {
  const kind = channel === 'keyed' ? 'service' : 'miniprogram';
  const site = await makeRestoreSite(t, { followers: planned, ratePerS: 400, kind });
  const { cluster } = site;
  await cluster.stop();
  const standby = await cluster.standby(join(site.directory, 'standby'));
  if (isSynchronous) {
    await cluster.query("alter system set synchronous_standby_names = '*'");
    await cluster.query('select pg_reload_conf()');
  }
  await Promise.all([site.node(), site.node(), site.node()]);
  // Its first look may be of before the standby was counted on, and a renewal counts only after one of since.
  await until('each has renewed its lease three times', async () => {
    const { rows } = await site.pool.query<{ least: number | null; n: number }>(
      'select min(beat)::integer as least, count(*)::integer as n from nodes',
    );
    return rows[0]?.n === 3 && (rows[0].least ?? 0) >= 4;
  });
  const id = await site.campaign(planned);
  await until('it is under way', async () => site.accepted > 200);
  return { site, standby, id };
}

/** It is sent to the end without anybody’s doing. Gives the counts. */
export async function assertWentOn({ site, id }: FailoverScene): Promise<Record<string, number>> {
  await untilMoved('the campaign is done', async () => {
    const campaign = await findCampaign(site.pool, id).catch(() => null);
    assert.notEqual(
      campaign?.state,
      'paused',
      site.nodes.map(({ stderr }) => stderr.slice(-2_000)).join('\n---\n'),
    );
    return campaign?.state === 'done' ? null : `${campaign?.state}, ${site.accepted} accepted`;
  });
  await until('it is said', async () =>
    site.nodes.some(({ stderr }) => stderr.includes('has forgotten nothing')),
  );
  return await assertHonest(site, id);
}
