import type { z } from 'zod';
import { failure } from '../../base/errors.ts';
import { campaignRequest } from '../../contract/campaigns/campaign-shapes.ts';
import type { draftRequest } from '../../contract/campaigns/drafts.ts';
import { scheduleRequest } from '../../contract/campaigns/schedules.ts';
import { discardCampaign } from '../../engine/campaigns/campaigns.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { findCampaign } from '../../store/campaigns/campaigns.ts';
import {
  createDraft as create,
  type Draft,
  editDraft as edit,
  findDraft,
  listDrafts as list,
  noteDraftPlanned,
  removeDraft as remove,
  takeDraft,
} from '../../store/campaigns/drafts.ts';
import { inTransaction, type Pool } from '../../store/database/pool.ts';
import { formatTime } from '../../texts/times.ts';
import { type ActionSpec, action } from '../action.ts';
import { type Actor, personOf } from '../actor.ts';
import { idOf, type Page, pageOf } from '../page.ts';
import { readPart } from '../request-parts.ts';
import { submitInput } from './request.ts';
import { prepareSchedule, requireSchedule, type ScheduleView } from './schedules.ts';
import { type Submitted, submitCampaign } from './submit.ts';

/** As much of a campaign as is decided. */
export type DraftRequest = z.output<typeof draftRequest>;
export type DraftView = Draft<DraftRequest>;

interface OfDraft {
  id: number;
}

/** Whoever may create campaigns may read and go on with drafts of the account, also with those that somebody else began. */
function drafting(name: string, audit: 'change' | 'none'): ActionSpec<OfDraft> {
  return { name, permission: 'campaign.create', audit, target: ({ id }) => id };
}

/** Keeps a campaign that is still written. Nothing of it is checked but its form: that comes with `planDraft`. */
export const createDraft = action<
  { appid: string; name: string; request: DraftRequest; client: Record<string, unknown> },
  DraftView
>(
  { name: 'drafts.create', permission: 'campaign.create', audit: 'change', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, ...draft }, { actor, trail }) => {
    await getAccount(pool, appid);
    const id = await create(pool, appid, { ...draft, by: personOf(actor) });
    trail.target = id;
    return await requireDraft(pool, id);
  },
);

/** Those of which no campaign was confirmed yet, the newest first. */
export const listDrafts = action<
  { appid: string | null; limit: number; cursor?: string | undefined },
  Page<DraftView>
>(
  { name: 'drafts.list', permission: 'campaign.create', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, limit, cursor }, { actor }) => {
    const appids = appid !== null ? [appid] : actor.accounts === 'all' ? null : [...actor.accounts];
    const data = await list<DraftRequest>(pool, appids, limit, idOf(cursor));
    return pageOf(data, data.length === limit ? (data.at(-1)?.id ?? null) : null);
  },
);

/** Throws `DRAFT_NOT_FOUND`. */
export const showDraft = action<OfDraft, DraftView>(
  drafting('drafts.show', 'none'),
  async ({ store: { pool } }, { id }, { require }) => {
    const draft = await requireDraft(pool, id);
    await require(draft.appid);
    return draft;
  },
);

/** What is not named, or undefined, stays as it is. Throws `DRAFT_CHANGED` when somebody else was faster, and says who. */
export const editDraft = action<
  OfDraft & {
    revision: number;
    name?: string | undefined;
    request?: DraftRequest | undefined;
    client?: Record<string, unknown> | undefined;
  },
  DraftView
>(
  drafting('drafts.edit', 'change'),
  async ({ store: { pool } }, { id, revision, ...changes }, { actor, require, trail }) => {
    const before = await requireDraft(pool, id);
    await require(before.appid);
    trail.before = { revision: before.revision };
    const { name = before.name, request = before.request, client = before.client } = changes;
    if (!(await edit(pool, id, revision, { name, request, client, by: personOf(actor) })))
      throw await changed(pool, id, revision);
    const draft = await requireDraft(pool, id);
    trail.after = { revision: draft.revision };
    return draft;
  },
);

/** Removing it again does nothing. The campaign that was planned of it stays. */
export const removeDraft = action<OfDraft, void>(
  drafting('drafts.remove', 'change'),
  async ({ store: { pool } }, { id }, { require }) => {
    const draft = await findDraft(pool, id);
    if (draft === null) return;
    await require(draft.appid);
    await remove(pool, id);
  },
);

/**
 * Plans a campaign of the draft as it is at this revision. Once more for the same revision: the campaign that is there. One
 * that was planned of another revision, and that nobody confirmed, is cancelled: there is one plan to look at.
 *
 * Throws `DRAFT_CHANGED`, `DRAFT_INCOMPLETE` with each field, and like `submitCampaign`.
 */
export const planDraft = action<
  OfDraft & { revision: number; again?: boolean; key?: string | undefined; signal: AbortSignal },
  Submitted
>(drafting('drafts.plan', 'change'), async (app, { id, revision, again = false, key, signal }, context) => {
  const { actor, require, trail } = context;
  const { pool } = app.store;
  const draft = await requireDraft(pool, id);
  await require(draft.appid);
  if (draft.revision !== revision) throw await changed(pool, id, revision);
  const earlier = draft.campaignId === null ? null : await findCampaign(pool, draft.campaignId);
  const isOver = earlier === null || ['cancelled', 'failed'].includes(earlier.state);
  if (!isOver && draft.plannedRevision === revision)
    return { campaign: earlier, isRepeat: true, warnings: [] };
  const wanted = wholeOf(campaignRequest, draft, { ...draft.request, appid: draft.appid, again }, actor);
  if (!isOver && earlier.confirmedBy === null) await discardCampaign(app.store, earlier.id, 'planned_again');
  const input = await submitInput(app, actor, wanted, { key, signal });
  const submitted = await submitCampaign(app, actor, input);
  await noteDraftPlanned(pool, id, revision, submitted.campaign.id);
  trail.after = { campaign: submitted.campaign.id };
  return submitted;
});

/**
 * Makes a schedule of the draft as it is at this revision, instead of a campaign. The draft is gone in the same transaction, so
 * that no second press makes a second schedule; a plan of it that nobody confirmed is cancelled.
 *
 * Throws `DRAFT_CHANGED`, `DRAFT_INCOMPLETE` with each field (also for people who cannot be fetched again), and like `addSchedule`.
 */
export const scheduleDraft = action<
  OfDraft & { revision: number; cron: string; sync: boolean; validMinutes: number },
  ScheduleView
>(
  {
    name: 'drafts.schedule',
    permission: 'campaign.send',
    audit: 'change',
    target: ({ id }) => id,
    kept: ({ cron, validMinutes }) => ({ cron, validMinutes }),
  },
  async (app, { id, revision, cron, sync, validMinutes }, { actor, require, trail }) => {
    const { store } = app;
    const draft = await requireDraft(store.pool, id);
    await require(draft.appid);
    if (draft.revision !== revision) throw await changed(store.pool, id, revision);
    const {
      startAt: _start,
      validUntil: _until,
      dedupe: _dedupe,
      keepColumns: _kept,
      ...push
    } = draft.request;
    const asked = { ...push, appid: draft.appid, cron, sync, validMinutes };
    const { message, ...wanted } = wholeOf(scheduleRequest, draft, asked, actor);
    const storeSchedule = await prepareSchedule(
      app,
      { ...wanted, message: { body: message } },
      personOf(actor),
    );
    const made = await inTransaction(store.pool, async (client) =>
      (await takeDraft(client, id, revision)) ? await storeSchedule(client) : null,
    );
    if (made === null) throw await changed(store.pool, id, revision);
    trail.after = { schedule: made };
    const plan = draft.campaignId === null ? null : await findCampaign(store.pool, draft.campaignId);
    const isOpen =
      plan !== null && plan.confirmedBy === null && !['cancelled', 'failed'].includes(plan.state);
    if (isOpen) await discardCampaign(store, plan.id, 'scheduled_instead');
    return await requireSchedule(app, made);
  },
);

/** The draft's request as a whole one. Throws `DRAFT_INCOMPLETE`, which names each field. */
function wholeOf<S extends z.ZodType>(shape: S, { id }: Draft, asked: unknown, { lang }: Actor): z.output<S> {
  const wanted = readPart(shape, asked, 'body', lang);
  if (!('fields' in wanted)) return wanted.data;
  const fields = wanted.fields.map((one) => ({ ...one, path: `request.${one.path}` }));
  const names = fields.map(({ path }) => path);
  throw failure('DRAFT_INCOMPLETE', { id: String(id), names }, { details: { fields } });
}

async function requireDraft(pool: Pool, id: number): Promise<DraftView> {
  const draft = await findDraft<DraftRequest>(pool, id);
  if (draft === null) throw failure('DRAFT_NOT_FOUND', { id: String(id) });
  return draft;
}

/** Who was faster, and when, on the clocks of the account. */
async function changed(pool: Pool, id: number, revision: number) {
  const draft = await requireDraft(pool, id);
  const { timeZone } = await getAccount(pool, draft.appid);
  return failure('DRAFT_CHANGED', {
    ...{ id: String(id), who: draft.changedBy, at: formatTime(draft.changedAt, timeZone) },
    ...{ is: String(draft.revision), was: String(revision) },
  });
}
