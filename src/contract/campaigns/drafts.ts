import { z } from 'zod';
import { changes, defineRoutes, reads } from '../route.ts';
import { appid, idGiven, listQuery, page, time, timeGiven } from '../shapes.ts';
import {
  audienceGiven,
  campaignState,
  campaignTaken,
  channel,
  exclusionGiven,
  message,
  onInvalid,
  ratePerS,
} from './campaign-shapes.ts';
import { cron, schedule, validMinutes } from './schedules.ts';

/** As much of `POST /v1/campaigns` as is decided; its account is the draft's. */
export const draftRequest = z.strictObject({
  channel: channel.optional(),
  message: message.optional(),
  audience: audienceGiven.optional(),
  dedupe: z.string().min(1).max(256).optional(),
  onInvalid: onInvalid.optional(),
  exclusions: z.array(exclusionGiven).max(100).optional(),
  startAt: timeGiven.optional(),
  validUntil: timeGiven.optional(),
  includeNoCredit: z.boolean().optional(),
  ratePerS: ratePerS.optional(),
  keepColumns: z.boolean().optional(),
});

/** Whatever the program that writes it needs to go on: which step it was at, fields that are half filled in. Given back as it came. */
const client = z.record(z.string(), z.unknown());
const name = z.string().max(120);

const draftFields = {
  id: z.number().int(),
  appid: z.string(),
  name: z.string(),
  /** Changes with each edit. */
  revision: z.number().int(),
  createdBy: z.string(),
  createdAt: time,
  changedBy: z.string(),
  changedAt: time,
  /** It is removed then, unless it is changed before. */
  expiresAt: time,
  /** What was planned of it last. */
  planned: z
    .object({
      campaign: z.number().int(),
      state: campaignState,
      /** Which revision it was made of: another one than now is an old plan. */
      revision: z.number().int(),
    })
    .nullable(),
};

const draft = z.object({ ...draftFields, request: draftRequest, client }).meta({ id: 'Draft' });
const draftListed = z
  .object({ ...draftFields, channel: z.string().nullable(), templateId: z.string().nullable() })
  .meta({ id: 'DraftListed' });

const params = z.object({ id: idGiven });
/** Of the draft as it was read: of another one nothing is done (409 `DRAFT_CHANGED`). */
const revision = z.number().int().min(1);

const reading = { ...reads, permission: 'campaign.create', account: 'found' } as const;
const changing = { ...changes, permission: 'campaign.create', account: 'found' } as const;

export const draftsRoutes = defineRoutes({
  'POST /v1/drafts': {
    ...changing,
    name: 'drafts.create',
    summary: {
      en: 'Keeps a campaign that is still written; anything of it may be missing.',
      zh: '保存未写完的推送任务，任何部分都可以缺。',
    },
    account: 'body.appid',
    idempotency: 'stored-key',
    body: z.strictObject({
      appid,
      name: name.default(''),
      request: draftRequest.default({}),
      client: client.default({}),
    }),
    answers: { 201: draft },
  },
  'GET /v1/drafts': {
    ...reading,
    name: 'drafts.list',
    summary: {
      en: 'Drafts of which no campaign was confirmed yet, the newest first.',
      zh: '尚未确认为任务的草稿，新的在前。',
    },
    account: 'filtered',
    query: listQuery({ appid: appid.optional() }),
    answers: { 200: page(draftListed) },
  },
  'GET /v1/drafts/{id}': {
    ...reading,
    name: 'drafts.show',
    summary: { en: 'One draft.', zh: '一个草稿。' },
    params,
    answers: { 200: draft },
  },
  'PATCH /v1/drafts/{id}': {
    ...changing,
    name: 'drafts.edit',
    summary: {
      en: 'Changes what is named, each as a whole, if nobody else changed the draft since.',
      zh: '修改给出的部分（各自整体替换）；他人已修改过时拒绝。',
    },
    idempotency: 'stored-key',
    params,
    body: z.strictObject({
      revision,
      name: name.optional(),
      request: draftRequest.optional(),
      client: client.optional(),
    }),
    answers: { 200: draft },
  },
  'DELETE /v1/drafts/{id}': {
    ...changing,
    name: 'drafts.remove',
    summary: {
      en: 'Removes a draft; the campaign that was planned of it stays.',
      zh: '删除草稿；由它生成的任务不受影响。',
    },
    params,
    answers: { 204: null },
  },
  'POST /v1/drafts/{id}/plan': {
    ...changing,
    name: 'drafts.plan',
    summary: {
      en: 'Plans a campaign of the draft. An earlier plan of it that nobody confirmed is cancelled.',
      zh: '由草稿生成推送任务的计划。此前生成而未确认的会被取消。',
    },
    // The draft knows which campaign was planned of which revision.
    idempotency: 'own-key',
    rate: 'heavy',
    params,
    body: z.strictObject({
      revision,
      /** Although the same template went to the same audience within 24 hours. */
      again: z.boolean().default(false),
    }),
    answers: { 202: campaignTaken },
  },
  'POST /v1/drafts/{id}/schedule': {
    ...changing,
    name: 'drafts.schedule',
    permission: 'campaign.send',
    summary: {
      en: 'Makes a schedule of the draft instead of a campaign. The draft is removed, and its plan that nobody confirmed is cancelled.',
      zh: '由草稿创建定时任务，而不是一次推送。草稿随即删除，由它生成而未确认的计划被取消。',
    },
    idempotency: 'stored-key',
    params,
    body: z.strictObject({
      revision,
      cron,
      /** Fetches the follower list first. */
      sync: z.boolean().default(false),
      validMinutes: validMinutes.default(60),
    }),
    answers: { 201: schedule },
  },
});
