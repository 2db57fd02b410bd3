/** What the conditions of incidents look at, made by hand, and time that passes. */
import { silentLogger } from '../../../src/base/logger.ts';
import { look } from '../../../src/engine/alerts/alerts.ts';
import { conditionLimits } from '../../../src/engine/alerts/kinds.ts';
import { addChannel } from '../../../src/store/alerts/channels.ts';
import { type Incident, listIncidents } from '../../../src/store/alerts/incidents.ts';
import { makeSite, type Site } from '../campaign.ts';

export interface AlertsScene {
  site: Site;
  appid: string;
  /** Other tests have connections to the same server, so all of them may be in use unless a test says otherwise. */
  limits: { connectionShare: number };
  /** As a node looks, if nobody did within `everyMs`. */
  lookNow(everyMs?: number): Promise<unknown>;
  later(minutes: number): Promise<unknown>;
  all(kind: string): Promise<Incident[]>;
  campaign(state: string, reason: string | null, finished?: string | null): Promise<number>;
  node(host: string, seconds: number): Promise<unknown>;
  channel(name: string, appids: string[] | null): Promise<number>;
}

export async function alertsScene(): Promise<AlertsScene> {
  const site = await makeSite();
  const { store } = site;
  const { pool, sealer } = store;
  const appid = 'wx00000000000000a1';
  await pool.query(
    `insert into accounts (appid, kind, name, token_source) values ($1, 'service', '示例服务号', 'none')`,
    [appid],
  );

  const everything = { appids: null, installation: true };
  const limits = { connectionShare: 1 };
  const lookNow = (everyMs = 0): Promise<unknown> =>
    look(
      { store, logger: silentLogger, databaseDirectory: null },
      { everyMs, limits: { ...conditionLimits, ...limits } },
    );
  /** As if so much more time had passed since whatever is noted of incidents. */
  const later = (minutes: number): Promise<unknown> =>
    pool.query(
      `update incidents set seen_at = seen_at - make_interval(secs => $1), opened_at = opened_at - make_interval(secs => $1),
       gone_at = gone_at - make_interval(secs => $1) where state <> 'ended'`,
      [minutes * 60],
    );
  const all = async (kind: string): Promise<Incident[]> =>
    (await listIncidents(pool, everything, null, null, 1_000)).filter((one) => one.kind === kind);

  /** One of the account, as far as conditions look at it. */
  async function campaign(
    state: string,
    reason: string | null,
    finished: string | null = null,
  ): Promise<number> {
    const { rows } = await pool.query<{ id: number }>(
      `insert into campaigns (appid, channel, state, state_reason, fingerprint, audience, message, variables, dedupe, on_invalid, finished_at)
     values ($1, 'oa-template', $2, $3, '', '{}', '{}', '{}', 'openid', 'skip', clock_timestamp() - $4::interval) returning id`,
      [appid, state, reason, finished],
    );
    return rows[0]!.id; // an insert … returning gives its row
  }

  /** A process that was last seen so long ago. */
  const node = (host: string, seconds: number): Promise<unknown> =>
    pool.query(
      `insert into nodes (id, host, pid, role, version, started_at, seen_at)
     values (gen_random_uuid(), $1, 1, 'serve', 'test', clock_timestamp() - interval '1 hour', steady_now() - make_interval(secs => $2))`,
      [host, seconds],
    );

  /** A channel of everything, or of accounts. */
  function channel(name: string, appids: string[] | null): Promise<number> {
    return addChannel(pool, sealer, {
      ...{ kind: 'wecom', name, lang: 'zh', appids, host: `${name}.example`, createdBy: 'test' },
      target: { kind: 'wecom', url: `https://${name}.example/?key=1` },
    });
  }

  return { site, appid, limits, lookNow, later, all, campaign, node, channel };
}
