import { failure } from '../../base/errors.ts';
import {
  type Campaign,
  endUnsent,
  findCampaign,
  findCampaignByKey,
  isBeingSent,
} from '../../store/campaigns/campaigns.ts';
import { campaignOutcomes } from '../../store/campaigns/counts.ts';
import { endLeftReading } from '../../store/campaigns/left.ts';
import { settleLeftDoubts } from '../../store/campaigns/left-doubts.ts';
import { type RecipientOutcome, recipientOutcomes } from '../../store/campaigns/outcomes.ts';
import type { StagedRow } from '../../store/campaigns/staged-rows.ts';
import { stageRows } from '../../store/campaigns/staging.ts';
import type { Pool } from '../../store/database/pool.ts';
import { erasedOpenid } from '../../store/erase.ts';
import type { Store } from '../../store/store.ts';
import { campaignStates } from '../../texts/parts.ts';
import { contentOf, requireSameContent } from '../content/campaign-content.ts';
import { stillRead, whileReading } from './reading.ts';
import { answeredOf } from './report.ts';
import { requireRecipients } from './retention.ts';
import { createInSpan } from './traces.ts';

/**
 * Whom a resend takes from the campaign before: refused ones, those nobody knows of, those that were never sent. Never those
 * that WeChat holds for review: it delivers them by itself.
 */
export type ResendWhat = 'failed' | 'unknown' | 'unsent';

const outcomeOf: Record<ResendWhat, RecipientOutcome['outcome']> = {
  failed: 'rejected',
  unknown: 'unknown',
  unsent: 'unsent',
};

const pageRows = 5_000;

function nobody(): Record<ResendWhat, number> {
  return { failed: 0, unknown: 0, unsent: 0 };
}

/**
 * A new campaign with the same message for some of an ended campaign's recipients, linked to it; in `staging`,
 * complete, ready for `submitCampaign`; `held`: how many WeChat holds, and who are left out. Its messages have keys of their own, so `unknown` may reach people twice.
 *
 * Throws `RESEND_NOBODY` when none of them came to that end, and `CAMPAIGN_STATE` while the campaign may still send (running, paused, or a process holds a part of it):
 * the same recipient could then be sent to by both. Throws `KEY_REUSED` when the key belongs to another campaign.
 */
export async function resendCampaign(
  store: Store,
  id: number,
  what: ResendWhat[],
  options: { key?: string | undefined; includeNoCredit?: boolean; signal?: AbortSignal } = {},
): Promise<{
  campaign: Campaign;
  recipients: number;
  by: Record<ResendWhat, number>;
  existed: boolean;
  held: number;
}> {
  const { pool } = store;
  const before = await findCampaign(pool, id);
  if (before === null) throw failure('CAMPAIGN_NOT_FOUND', { id: String(id) });
  if (before.state !== 'done' && before.state !== 'cancelled')
    throw failure('CAMPAIGN_STATE/not-ended', { id: String(id), state: campaignStates[before.state] });
  requireRecipients(before);
  if (await isBeingSent(pool, id)) throw failure('CAMPAIGN_STATE/being-sent', { id: String(id) });
  await settleLeftDoubts(pool, id);
  const changed = {
    dedupe: 'none',
    startAt: null,
    validUntil: null,
    exclusions: [],
    includeNoCredit: options.includeNoCredit ?? false,
  };
  const content = contentOf({
    ...before,
    ...changed,
    body: before.message,
    audience: { kind: 'resend', of: id, what: [...new Set(what)].sort() },
  });
  const found = options.key === undefined ? null : await findCampaignByKey(pool, before.appid, options.key);
  const counts = await resendable(pool, before);
  // One that exists is the answer to its key, whatever happened to the people since.
  if (found === null && what.every((one) => counts[one] === 0)) throw nobodyLeft(id, counts);
  const create = () =>
    createInSpan(pool, {
      ...before,
      ...changed,
      key: options.key ?? null,
      content: options.key === undefined ? null : content,
      audience: { kind: 'list', count: 0 },
      linkedTo: id,
    });
  let { campaign, existed } = await create();
  if (existed) requireSameContent(campaign, content);
  if (existed && campaign.state === 'staging') {
    // With what was staged of it alone the others would be forgotten.
    if (!(await endLeftReading(pool, campaign.id))) throw stillRead(campaign);
    ({ campaign, existed } = await create());
  }
  if (existed) return { campaign, recipients: campaign.audienceCount, by: nobody(), existed, held: 0 };
  try {
    const staged = await whileReading(pool, campaign.id, () =>
      stageAgain(pool, before, campaign.id, what, options.signal),
    );
    if (staged.recipients === 0) throw nobodyLeft(id, counts);
    return { campaign, existed, ...staged };
  } catch (error) {
    await endUnsent(pool, campaign.id, 'cancelled', 'audience_incomplete', null).catch(() => {});
    throw error;
  }
}

async function resendable(pool: Pool, campaign: Campaign): Promise<Record<ResendWhat, number>> {
  const outcomes = await campaignOutcomes(pool, campaign.id);
  const { rejected, unknown } = outcomes;
  return { failed: rejected, unknown, unsent: campaign.plannedCount - answeredOf(outcomes) };
}

function nobodyLeft(id: number, counts: Record<ResendWhat, number>) {
  return failure('RESEND_NOBODY', { id: String(id), ...counts });
}

async function stageAgain(
  pool: Pool,
  from: Campaign,
  to: number,
  what: ResendWhat[],
  signal: AbortSignal | undefined,
): Promise<{ recipients: number; by: Record<ResendWhat, number>; held: number }> {
  const by = nobody();
  const wanted = new Map(what.map((one) => [outcomeOf[one], one]));
  let seq = 0;
  let held = 0;
  for (let after = 0; ; ) {
    signal?.throwIfAborted();
    const page = await recipientOutcomes(pool, from.id, after, pageRows);
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.no;
    const rows: StagedRow[] = [];
    const before = seq;
    for (const { line, openid, vars, ref, outcome } of page) {
      if (outcome === 'held') held++;
      const one = wanted.get(outcome);
      if (one === undefined || openid === erasedOpenid) continue;
      by[one]++;
      rows.push({ seq: ++seq, line, openid, dedupeKey: null, vars, ref });
    }
    if (rows.length > 0 && !(await stageRows(pool, to, before, { rows })))
      throw failure('CAMPAIGN_STATE/no-longer-filled', { id: String(to) });
  }
  const now = await findCampaign(pool, from.id);
  // Removal may have begun between the first look and our row, which keeps it off.
  if (now !== null) requireRecipients(now);
  return { recipients: seq, by, held };
}
