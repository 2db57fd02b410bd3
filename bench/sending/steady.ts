/** When messages were answered, as a rate: how fast once it runs, and how long until then. */
import type { Store } from '../../src/store/store.ts';

export interface Steady {
  /** Messages/s between three and nine tenths of the answers. */
  perSecond: number;
  /** ms until 95 % of that were held for the first time, over five latencies and at least 100 ms. */
  rampMs: number;
}

/** What of the ramp of a campaign is what, ms since it was confirmed. */
export interface Ramp {
  firstAnswer: number;
  /** 10 answers are in: no longer 10 in flight. */
  probed: number;
  /** The first chunk, the canary, is answered; and the first answer of the others, which WeChat was asked about before. */
  canary: number;
  opened: number;
}

/**
 * @param times of the answers, ms since the start, in order
 * @param openedMs the rate is looked for from here on: what comes before goes by other limits
 */
export function steadyOf(times: ArrayLike<number>, latencyMs: number, openedMs = 0): Steady {
  const at = (part: number): number => times[Math.floor((times.length - 1) * part)] ?? 0;
  const perSecond = (times.length * 0.6 * 1000) / (at(0.9) - at(0.3));
  const windowMs = Math.max(100, 5 * latencyMs);
  const enough = (perSecond * windowMs * 0.95) / 1000;
  let first = 0;
  for (let last = 0; last < times.length; last++) {
    while (times[last]! - times[first]! > windowMs) first++; // both are below the length
    if (times[first]! >= openedMs && last - first + 1 >= enough)
      return { perSecond: Math.round(perSecond), rampMs: Math.round(times[first]!) };
  }
  return { perSecond: Math.round(perSecond), rampMs: Math.round(at(1)) };
}

/** The same of a campaign that was delivered, by the times of its facts. */
export async function steadyOfCampaign(
  { pool }: Pick<Store, 'pool'>,
  id: number,
  latencyMs: number,
): Promise<Steady & { ramp: Ramp }> {
  const { rows } = await pool.query<{ no: number; ms: number }>(
    `select f.no, (extract(epoch from f.at - c.started_at) * 1000)::double precision as ms
     from facts f join campaigns c on c.id = f.campaign_id where c.id = $1 and f.kind = 5 order by f.at`,
    [id],
  );
  const times = rows.map(({ ms }) => ms);
  const of = (isOne: (no: number) => boolean): number[] =>
    rows.filter(({ no }) => isOne(no)).map(({ ms }) => ms);
  const chunk = of((no) => no <= 1_000);
  const ramp = {
    firstAnswer: times[0] ?? 0,
    probed: times[9] ?? 0,
    canary: chunk.at(-1) ?? 0,
    opened: of((no) => no > 1_000)[0] ?? 0,
  };
  return { ...steadyOf(times, latencyMs, ramp.opened), ramp };
}
