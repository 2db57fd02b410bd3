import { failure } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { contactsPage } from '../../store/accounts/contacts.ts';
import { filteredOpenids } from '../../store/accounts/filters.ts';
import { getAccountRules } from '../../store/accounts/rules.ts';
import { findTemplate } from '../../store/accounts/templates.ts';
import {
  type BucketPage,
  type BucketRow,
  bucketPages,
  type CreditLook,
} from '../../store/campaigns/bucket-rows.ts';
import { type Campaign, endUnsent, findCampaign } from '../../store/campaigns/campaigns.ts';
import { bucketCount } from '../../store/campaigns/staged-rows.ts';
import {
  type BucketDecision,
  finishPlan,
  planBucket,
  stagePage,
  storeExclusions,
} from '../../store/campaigns/staging.ts';
import type { Pool } from '../../store/database/pool.ts';
import { isAnybodyErased } from '../../store/erase.ts';
import type { Store } from '../../store/store.ts';
import { fill } from '../../texts/catalogue.ts';
import { type RowKey, type RowValues, rowTexts } from '../../texts/rows.ts';
import type { OpenidPage } from '../../wechat/calls/openid-pages.ts';
import { tagCalls } from '../../wechat/calls/tags.ts';
import { truncateField } from '../../wechat/fields/fields.ts';
import { tagMembers } from '../audience/tag-members.ts';
import { dataCheck, noCheck } from '../content/check-message.ts';
import { type CompiledMessage, compileCampaignMessage } from '../content/compiled-message.ts';
import { takesFormIds } from '../credits/form-ids.ts';
import { needsCredits } from '../credits/use-credits.ts';
import type { AccountClients } from '../sending/account-clients.ts';
import { requireExclusions } from './retention.ts';

/** Recipients per chunk: what one claim delivers. */
const chunkSize = 1000;
const pageRows = 10_000;

export interface PlanDeps {
  store: Store;
  clients: AccountClients;
  logger: Logger;
}

/**
 * Plans a campaign: fetches the rest of its audience into staging, then decides bucket by bucket who is a recipient.
 *
 * Each page and each bucket is one transaction that also moves the campaign's cursor, so a killed plan goes on
 * where it stopped, and two planners of one campaign do no harm. Does nothing for a campaign that is not `planning`.
 */
export async function planCampaign(deps: PlanDeps, campaignId: number, signal?: AbortSignal): Promise<void> {
  const { pool } = deps.store;
  const campaign = await findCampaign(pool, campaignId);
  if (campaign === null || campaign.state !== 'planning') return;
  await requireExclusions(pool, campaign.appid, campaign.exclusions, campaign.audience);
  if (campaign.planBucket === 0) {
    await stageAudience(deps, campaign, signal);
    await fetchExclusions(deps, campaign, signal);
  }
  const message = compileCampaignMessage(campaign);
  const template =
    campaign.templateId === null ? null : await findTemplate(pool, campaign.appid, campaign.templateId);
  const account = await getAccount(pool, campaign.appid);
  const { fatigueLimit, fatigueDays } = await getAccountRules(pool, campaign.appid);
  const decide = decision(campaign, message, dataCheck(template), fatigueLimit);
  const leftOut = {
    campaigns: campaign.exclusions.flatMap((one) => (one.kind === 'campaign' ? [one.id] : [])),
    // A resend is the same message once more, not another one.
    fatigueDays: campaign.linkedTo === null ? fatigueDays : null,
    bucketsByColumn: campaign.dedupe.startsWith('column:'),
  };
  const pages = bucketPages(pool, campaign, campaign.planBucket, {
    asksFollows: campaign.channel === 'oa-template',
    leftOut,
    // Asked after everybody is staged: whoever was erased before that is seen here, and whoever is staged is not erased.
    looksForErased: await isAnybodyErased(pool, campaign.appid),
    credits: creditLook(campaign),
  });
  for (let bucket = campaign.planBucket; bucket < bucketCount; bucket++) {
    signal?.throwIfAborted();
    const counts = await planBucket(pool, campaign, bucket, () => pagesOf(pages, bucket), {
      decide: decide(),
      // A Mini Program has no follower list: whoever is messaged is a contact from then on.
      remember: account.kind === 'miniprogram',
    });
    if (counts === null) return; // another planner is at work
  }
  if (campaign.onInvalid === 'reject') {
    const planned = await findCampaign(pool, campaignId);
    if (planned !== null && planned.invalidCount > 0) {
      await endUnsent(pool, campaignId, 'failed', 'invalid_rows', null);
      return;
    }
  }
  // Whoever was to be left out was there all the time: what is removed is marked first.
  await requireExclusions(pool, campaign.appid, campaign.exclusions, campaign.audience);
  if (await finishPlan(pool, campaignId, chunkSize)) deps.logger.info({ campaignId }, 'campaign planned');
}

/** Those of one bucket; the rest stays for the next one. */
async function* pagesOf(
  pages: AsyncGenerator<BucketPage, void, undefined>,
  bucket: number,
): AsyncGenerator<BucketRow[], void, undefined> {
  for (;;) {
    const next = await pages.next();
    if (next.done === true || next.value.bucket !== bucket)
      throw new Error(`bucket ${bucket} has no last page`);
    yield next.value.rows;
    if (next.value.isLast) return;
  }
}

/** Fills staging from what can be fetched again: our contacts, or a tag of WeChat's. Lists and files are there already. */
async function stageAudience(deps: PlanDeps, campaign: Campaign, signal?: AbortSignal): Promise<void> {
  const { audience, appid } = campaign;
  switch (audience.kind) {
    case 'list':
    case 'file':
      return;
    case 'all':
      return await stagePages(
        deps,
        campaign,
        contactPages(deps.store.pool, appid, campaign.planCursor ?? ''),
        signal,
      );
    case 'filter': {
      const { pool } = deps.store;
      const openids = filteredOpenids(pool, appid, audience.rules, campaign.planCursor ?? '', pageRows);
      return await stagePages(deps, campaign, withCursor(openids), signal);
    }
    case 'tag': {
      const from =
        campaign.planCursor === null ? {} : { from: campaign.planCursor, seen: campaign.audienceCount };
      const tags = tagCalls((await deps.clients.get(appid)).call);
      return await stagePages(deps, campaign, tagMembers(tags, audience.tagId, { ...from, signal }), signal);
    }
  }
}

/** Members of excluded tags, as WeChat lists them now. Files were stored by whoever created the campaign. */
async function fetchExclusions(deps: PlanDeps, campaign: Campaign, signal?: AbortSignal): Promise<void> {
  for (const exclusion of campaign.exclusions) {
    if (exclusion.kind !== 'tag') continue;
    const tags = tagCalls((await deps.clients.get(campaign.appid)).call);
    for await (const page of tagMembers(tags, exclusion.tagId, { signal })) {
      await storeExclusions(deps.store.pool, campaign.id, 'excluded-tag', page.openids);
    }
  }
}

async function* contactPages(pool: Pool, appid: string, from: string): AsyncGenerator<Page, void, undefined> {
  for (let after = from; ; ) {
    const openids = await contactsPage(pool, appid, after, pageRows);
    const nextOpenid = openids.at(-1);
    if (nextOpenid === undefined) return;
    yield { openids, nextOpenid };
    after = nextOpenid;
  }
}

/** In the order of openids, so that the last one says where to go on. */
async function* withCursor(pages: AsyncIterable<string[]>): AsyncGenerator<Page, void, undefined> {
  for await (const openids of pages) yield { openids, nextOpenid: openids.at(-1) ?? '' };
}

type Page = Pick<OpenidPage, 'openids' | 'nextOpenid'>;

async function stagePages(
  deps: PlanDeps,
  campaign: Campaign,
  pages: AsyncIterable<Page>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let cursor = campaign.planCursor;
  let seq = campaign.audienceCount;
  for await (const { openids, nextOpenid } of pages) {
    signal?.throwIfAborted();
    const rows = openids.map((openid) => ({
      seq: ++seq,
      line: 0,
      openid,
      dedupeKey: null,
      // {{openid}} is the only variable that such an audience can have.
      vars: campaign.variables.length === 0 ? null : JSON.stringify([openid]),
    }));
    if (!(await stagePage(deps.store.pool, campaign.id, { from: cursor, to: nextOpenid }, rows))) {
      throw failure('CAMPAIGN_STATE/other-planner', { id: String(campaign.id) });
    }
    cursor = nextOpenid;
  }
}

type Decision = Parameters<typeof planBucket>[4]['decide'];

/** The credits that the campaign's messages use up; null when they need none. */
function creditLook(campaign: Campaign): CreditLook | null {
  const { templateId, linkedTo, startAt } = campaign;
  if (takesFormIds(campaign))
    return { kind: 'form-ids', goodAt: new Date(Math.max(Date.now(), startAt?.getTime() ?? 0)) };
  return templateId !== null && needsCredits(campaign.channel)
    ? { kind: 'template', templateId, linkedTo }
    : null;
}

/** Makes one decider per bucket: duplicates can only meet inside a bucket, so its memory is a bucket's. */
function decision(
  campaign: Campaign,
  message: CompiledMessage,
  check: ReturnType<typeof dataCheck>,
  fatigueLimit: number | null,
): () => Decision {
  const creditsCount = creditLook(campaign) !== null;
  // Without a form_id WeChat refuses everybody.
  const includeNoCredit = campaign.includeNoCredit && !takesFormIds(campaign);
  return () => {
    const seen = new Set<string>();
    const planned = new Map<string, number>();
    /** A recipient, if there is a credit for it that no earlier row of the same person takes. */
    const recipient = (row: BucketRow): BucketDecision => {
      const { vars, openid, credits } = row;
      if (!creditsCount) return { vars };
      if (credits === null) return { vars, credit: 'unknown' };
      const taken = planned.get(openid) ?? 0;
      if (taken >= credits && !includeNoCredit)
        return leftOut('no_credit', 'no-credit', { left: String(credits), planned: String(taken) });
      planned.set(openid, taken + 1);
      return taken >= credits ? { vars, credit: 'none' } : { vars };
    };
    return (row: BucketRow) => {
      if (campaign.dedupe !== 'none') {
        const key = row.dedupeKey ?? row.openid;
        if (seen.has(key)) return leftOut('duplicate', 'duplicate', { what: campaign.dedupe });
        seen.add(key);
      }
      if (row.erased) return leftOut('excluded', 'erased', {});
      if (row.suppressed) return leftOut('excluded', 'suppressed', {});
      if (row.excluded !== null) return leftOut('excluded', row.excluded, {});
      if (fatigueLimit !== null && row.recent >= fatigueLimit)
        return leftOut('excluded', 'fatigue', { recent: String(row.recent) });
      if (row.unfollowed) return leftOut('unfollowed', 'unfollowed', {});
      if (check === noCheck) return recipient(row);
      const data = message.common ? [] : message.dataOf(row.vars);
      const problem = check(data);
      if (problem === null) return recipient(row);
      const shortened = campaign.onInvalid === 'truncate' ? truncateData(data, check) : null;
      // The values stay as they are; the compiled message shortens the same fields in the same way.
      if (shortened !== null) return recipient(row);
      return {
        ...leftOut('invalid', 'field', { problem: problem.message }),
        code: `field-${problem.rule}`,
      };
    };
  };
}

/** The data with every over-long `thing` shortened, if that makes it valid. */
function truncateData(
  data: [string, string][],
  check: ReturnType<typeof dataCheck>,
): [string, string][] | null {
  const shortened = data.map(([key, value]): [string, string] => [key, truncateField(key, value) ?? value]);
  return check(shortened) === null ? shortened : null;
}

type LeftOut = Extract<BucketDecision, { reason: unknown }>;

function leftOut<K extends RowKey>(reason: LeftOut['reason'], key: K, values: RowValues<K>): LeftOut {
  return { reason, code: key, detail: fill(rowTexts[key], 'en', 'code', values), words: { key, values } };
}
