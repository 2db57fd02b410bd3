import type { ConditionLimits } from '../../store/alerts/conditions.ts';
import type { KindRule } from '../../store/alerts/incidents.ts';
import { type IncidentKind, incidentKinds } from '../../texts/alerts.ts';
import { channelNames, channels } from '../../wechat/channels.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** From when on something is wrong. docs/alerts.md says the same; a test compares. */
export const conditionLimits: ConditionLimits = {
  connectionShare: 0.9,
  keptLogBytes: 5 * 1024 ** 3,
  silentMinutes: 30,
  silentMessages: 10,
  receiptChannels: channelNames.filter((channel) => channels[channel].receipts),
  heldAtLeast: 10,
  failedHours: 24,
  // The first dump of a large database takes its time.
  backupHours: 6,
};

/** Less than both is free: a tenth of a large disk is room for years, and 5 GiB of a small one is all of it. */
export const diskLimits = { share: 0.1, bytes: 5 * 1024 ** 3 };

type Hold = Pick<KindRule, 'opensAfterMs' | 'endsAfterMs'> & Partial<KindRule>;

/** What lasts a minute is told; what is away for a minute is over. */
const aMinute: Hold = { opensAfterMs: minuteMs, endsAfterMs: minuteMs };
/** It happened, and does not go away by itself. */
const atOnce: Hold = { opensAfterMs: 0, endsAfterMs: minuteMs };
/** Machines: what is short and heals by itself wakes nobody. */
const fiveMinutes: Hold = { opensAfterMs: 5 * minuteMs, endsAfterMs: 5 * minuteMs };

const holds: Record<IncidentKind, Hold> = {
  'campaign-paused': aMinute,
  'campaign-failed': { ...atOnce, tellsEnd: false },
  'held-share': aMinute,
  // WeChat has refused it for good.
  'account-paused': atOnce,
  'address-refused': aMinute,
  'quota-used-up': atOnce,
  'schedule-missed': atOnce,
  // Receipts of what was accepted just now come within seconds.
  'callback-silent': { opensAfterMs: 10 * minuteMs, endsAfterMs: minuteMs },
  // Its row is removed after a day: then nobody looks for it any longer.
  'node-gone': { ...aMinute, forgottenAfterMs: dayMs - 10 * minuteMs },
  'disk-low': fiveMinutes,
  'database-log-kept': fiveMinutes,
  'database-connections': fiveMinutes,
  'backup-failed': atOnce,
  'backup-overdue': atOnce,
  'webhook-down': { opensAfterMs: 15 * minuteMs, endsAfterMs: minuteMs },
  'webhook-given-up': atOnce,
  'channel-failing': fiveMinutes,
};

export const kindRules: readonly KindRule[] = incidentKinds.map((kind) => ({
  kind,
  tellsEnd: true,
  forgottenAfterMs: 365 * dayMs,
  ...holds[kind],
}));
