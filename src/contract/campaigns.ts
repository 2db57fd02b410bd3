import { z } from 'zod';
import { bytes, defineRoutes, type Route } from './route.ts';
import { appid, countGiven, idGiven, listQuery, openid, page, time, timeGiven } from './shapes.ts';

export const channel = z.string().min(1).max(64);

/** WeChat's own body without `touser`; its texts may have `{{variables}}`, and `data` may hold plain texts. */
export const message = z.record(z.string(), z.unknown());

const key = z.string().max(128);
const tag = z.strictObject({ kind: z.literal('tag'), tagId: z.number().int().min(0).max(999_999_999) });
const all = z.strictObject({ kind: z.literal('all') });

/** Whom a campaign is sent to. */
const audienceGiven = z.discriminatedUnion('kind', [
  all,
  tag,
  z.strictObject({ kind: z.literal('list'), openids: z.array(openid).min(1).max(10_000) }),
  /** A file that was uploaded: `POST /v1/audiences`. */
  z.strictObject({ kind: z.literal('upload'), id: z.number().int().min(1) }),
]);

/** Audiences that can be fetched again. */
export const lastingAudience = z.discriminatedUnion('kind', [all, tag]);

/** People who are left out. */
const exclusionGiven = z.discriminatedUnion('kind', [
  tag,
  z.strictObject({ kind: z.literal('campaign'), id: z.number().int().min(1) }),
  z.strictObject({ kind: z.literal('upload'), id: z.number().int().min(1) }),
]);
export const lastingExclusion = z.discriminatedUnion('kind', [
  tag,
  z.strictObject({ kind: z.literal('campaign'), id: z.number().int().min(1) }),
]);

const onInvalid = z.enum(['skip', 'truncate', 'reject']);

const campaignRequest = z.strictObject({
  appid,
  channel,
  message,
  audience: audienceGiven,
  /** `openid`, `row`, `none` or the name of a column. Default: `row` where columns are used, else `openid`. */
  dedupe: z.string().min(1).max(256).optional(),
  /** What is done about rows that break a rule of a field. */
  onInvalid: onInvalid.default('skip'),
  exclusions: z.array(exclusionGiven).max(100).default([]),
  /** Not sent before. */
  startAt: timeGiven.optional(),
  /** Not sent afterwards. Default: six hours after `startAt`. */
  validUntil: timeGiven.optional(),
  /** Also to people who are known to have no subscription left. */
  includeNoCredit: z.boolean().default(false),
  /** Although the same template went to the same audience within 24 hours. */
  again: z.boolean().default(false),
  /** Keeps all columns of an uploaded file, for exports. */
  keepColumns: z.boolean().default(true),
  /** Instead of the header Idempotency-Key. */
  key: key.optional(),
});

const audienceSaid = z.union([
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('tag'), tagId: z.number() }),
  z.object({ kind: z.literal('list'), count: z.number() }),
  z.object({ kind: z.literal('file'), name: z.string() }),
]);
const exclusionSaid = z.union([
  z.object({ kind: z.literal('tag'), tagId: z.number() }),
  z.object({ kind: z.literal('campaign'), id: z.number() }),
  z.object({ kind: z.literal('file'), name: z.string() }),
]);

export const campaignState = z.enum([
  ...(['staging', 'planning', 'planned', 'running', 'paused', 'done', 'cancelled', 'failed'] as const),
]);

const next = z.enum(['cancel', 'confirm', 'approve', 'resume']).nullable();

const waitsFor = z
  .object({
    what: z.string(),
    /** When it is tried again; null: when a person acts. */
    until: time.nullable(),
    errcode: z.number().int().optional(),
    held: z.number().int().optional(),
    of: z.number().int().optional(),
  })
  .nullable();

const campaignFields = {
  id: z.number().int(),
  appid: z.string(),
  channel: z.string(),
  state: campaignState,
  /** Why it stands still, or how it ended. */
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  key: z.string().nullable(),
  templateId: z.string().nullable(),
  audience: audienceSaid,
  exclusions: z.array(exclusionSaid),
  dedupe: z.string(),
  onInvalid,
  includeNoCredit: z.boolean(),
  startAt: time.nullable(),
  validUntil: time.nullable(),
  /** The campaign whose recipients this one sends to again. */
  linkedTo: z.number().int().nullable(),
  createdAt: time,
  plannedAt: time.nullable(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  /** Since then only its counts are left. */
  prunedAt: time.nullable(),
  confirmedBy: z.string().nullable(),
  approvedBy: z.string().nullable(),
  /** audience = planned + duplicate + invalid + noCredit + unfollowed + excluded. */
  counts: z.object({
    audience: z.number().int(),
    planned: z.number().int(),
    duplicate: z.number().int(),
    invalid: z.number().int(),
    noCredit: z.number().int(),
    unfollowed: z.number().int(),
    excluded: z.number().int(),
  }),
};

/** A campaign as it was stored. */
export const campaign = z.object(campaignFields).meta({ id: 'Campaign' });

const campaignListed = z
  .object({
    ...campaignFields,
    /** What brings it on, where it waits for a person. */
    next,
    /** What a running one waits for. */
    waitsFor,
  })
  .meta({ id: 'CampaignListed' });

const by = z.record(z.string(), z.number().int());

/** planned = accepted + rejected + unknown + held + unsent; accepted = delivered + blocked + failed + waiting + late. */
const campaignReport = z
  .object({
    ...campaignFields,
    next,
    waitsFor,
    accepted: z.number().int(),
    rejected: z.number().int(),
    unknown: z.number().int(),
    held: z.number().int(),
    heldUntil: time.nullable(),
    unsent: z.number().int(),
    /** Of rejected: errcode → how many. */
    byErrcode: by,
    byUnknown: by,
    byUnsent: by,
    receipts: z.object({
      /** `channel`: WeChat sends none. `callback`: the account's pushes do not come to Hongyan. */
      expected: z.enum(['yes', 'channel', 'callback']),
      delivered: z.number().int(),
      blocked: z.number().int(),
      failed: z.object({ system: z.number(), frequency: z.number(), other: z.number() }),
      inferred: z.number().int(),
      waiting: z.number().int(),
      late: z.number().int(),
      share: z.number(),
    }),
    /** Counted above as well. */
    maybeTwice: z.number().int(),
    messagesPerSecond: z.number().nullable(),
    timeZone: z.string(),
    /** Whether any process plans and delivers at this moment. */
    isWorkedOn: z.boolean(),
  })
  .meta({ id: 'CampaignReport' });

const campaignTaken = z.object({
  campaign,
  /** The key was used before, for the same: nothing was made. */
  isRepeat: z.boolean(),
  /** What a person should know before it is sent. */
  warnings: z.array(z.string()),
});

const card = z.object({
  title: z.string().nullable(),
  lines: z.array(z.object({ label: z.string(), value: z.string() })),
  text: z.string().nullable(),
  opens: z
    .union([
      z.object({ kind: z.literal('url'), url: z.string() }),
      z.object({ kind: z.literal('page'), page: z.string() }),
      z.object({ kind: z.literal('mini-program'), appid: z.string(), page: z.string().nullable() }),
    ])
    .nullable(),
});

const campaignPlan = z.object({
  campaign,
  accountName: z.string(),
  timeZone: z.string(),
  /** Names what was looked at, for `confirm`. Another one once anything of it, or its template, changed. */
  planHash: z.string(),
  credits: z.record(z.string(), z.number().int()).nullable(),
  ratePerS: z.number(),
  /** How long it takes at this rate. */
  seconds: z.number().int(),
  quota: z.object({ left: z.number().int(), source: z.string(), reset: time }).nullable(),
  hasCanary: z.boolean(),
  quietHours: z.object({ from: z.string(), to: z.string() }).nullable(),
  /** Confirmed by you, it waits for somebody else's approval, since it goes to more than so many. */
  approvalAbove: z.number().int().nullable(),
  /** The first rows that were left out. */
  dropped: z.object({
    total: z.number().int(),
    rows: z.array(
      z.object({
        line: z.number().int(),
        openid: z.string(),
        reason: z.string(),
        code: z.string(),
        detail: z.string(),
        column: z.string().nullable(),
      }),
    ),
  }),
  /** The first messages: the body as it goes out, and the card as it will be read. */
  examples: z.array(z.object({ openid: z.string(), body: message, card })),
});

const outcome = z.enum(['accepted', 'rejected', 'unknown', 'held', 'unsent']);

const recipient = z.object({
  no: z.number().int(),
  /** Line of the file; 0 when there is none. */
  line: z.number().int(),
  openid: z.string(),
  /** The caller's own number, where the list had one. */
  ref: z.string().nullable(),
  outcome,
  errcode: z.number().int().nullable(),
  reason: z.string().nullable(),
  /** 64-bit, hence text. */
  msgid: z.string().nullable(),
  attempts: z.number().int(),
  at: time.nullable(),
  receipt: z.string().nullable(),
  receiptAt: time.nullable(),
  maybeTwice: z.boolean(),
});

const params = z.object({ id: idGiven });
const stateAnswer = z.object({ id: z.number().int(), state: campaignState });

/** What is the same for a row that changes one campaign. */
function changing<const N extends Route['name'], const P extends Route['permission']>(
  name: N,
  permission: P,
  summary: Route['summary'],
) {
  return {
    ...{ name, permission, summary },
    account: 'found',
    audit: 'change',
    idempotency: 'repeatable',
    rate: 'normal',
    params,
    answers: { 200: stateAnswer },
  } as const;
}

export const campaignsRoutes = defineRoutes({
  'POST /v1/campaigns': {
    name: 'campaigns.submit',
    summary: {
      en: 'Stores a campaign with its recipients and plans it. Nobody is sent to before it is confirmed.',
      zh: '保存推送任务及其接收人并生成计划。确认之前不会发送给任何人。',
    },
    permission: 'campaign.create',
    account: 'body.appid',
    audit: 'change',
    idempotency: 'own-key',
    rate: 'heavy',
    body: campaignRequest,
    answers: { 202: campaignTaken },
  },
  'GET /v1/campaigns': {
    name: 'campaigns.list',
    summary: { en: 'Campaigns, the newest first.', zh: '推送任务，新的在前。' },
    permission: 'campaign.read',
    account: 'filtered',
    audit: 'none',
    idempotency: 'safe',
    rate: 'normal',
    query: listQuery({ appid: appid.optional() }),
    answers: { 200: page(campaignListed) },
  },
  'POST /v1/campaigns/test': {
    name: 'campaigns.test',
    summary: {
      en: 'Sends one message to one openid and says what WeChat answered; nothing of it is stored.',
      zh: '给一个 openid 发一条测试消息，返回微信的应答；不保存。',
    },
    permission: 'campaign.test',
    account: 'body.appid',
    audit: 'change',
    // A test is sent each time that it is asked for.
    idempotency: 'none',
    rate: 'normal',
    body: z.strictObject({ appid, channel, message, touser: openid, onInvalid: onInvalid.default('skip') }),
    answers: {
      200: z.object({
        kind: z.enum(['accepted', 'refused', 'failed']),
        msgid: z.string().nullable(),
        errcode: z.number().int().nullable(),
        errmsg: z.string().nullable(),
        rid: z.string().nullable(),
        /** What the errcode means, or why there was no answer. */
        explanation: z.string().nullable(),
        warnings: z.array(z.string()),
      }),
    },
  },
  'GET /v1/campaigns/{id}': {
    name: 'campaigns.show',
    summary: {
      en: 'One campaign and what became of it, every recipient counted once.',
      zh: '一个推送任务及其结果，每个接收人只计一次。',
    },
    permission: 'campaign.read',
    account: 'found',
    audit: 'none',
    idempotency: 'safe',
    rate: 'normal',
    params,
    answers: { 200: campaignReport },
  },
  'GET /v1/campaigns/{id}/plan': {
    name: 'campaigns.preview',
    summary: {
      en: 'What would be sent and to how many, as a person sees it before confirming.',
      zh: '确认前的预览：将发给多少人、内容如何。',
    },
    permission: 'campaign.read',
    account: 'found',
    audit: 'none',
    idempotency: 'safe',
    rate: 'heavy',
    params,
    answers: { 200: campaignPlan },
  },
  'POST /v1/campaigns/{id}/confirm': {
    ...changing('campaigns.confirm', 'campaign.send', {
      en: 'Starts a planned campaign, which is named by its count and its hash.',
      zh: '确认并开始，须写明计划人数和计划的哈希。',
    }),
    body: z.strictObject({ planned: z.number().int().min(0), planHash: z.string().max(64) }),
    answers: {
      200: z.object({ id: z.number().int(), state: campaignState, awaitsApproval: z.boolean() }),
    },
  },
  'POST /v1/campaigns/{id}/approve': changing('campaigns.approve', 'campaign.approve', {
    en: 'The second word for a campaign above the limit, by somebody other than who confirmed it.',
    zh: '审批超过上限的任务，须由确认者以外的人进行。',
  }),
  'POST /v1/campaigns/{id}/pause': changing('campaigns.pause', 'campaign.send', {
    en: 'Stops sending; what is in flight is finished.',
    zh: '暂停推送；已发出的等到结果。',
  }),
  'POST /v1/campaigns/{id}/resume': changing('campaigns.resume', 'campaign.send', {
    en: 'Goes on with a paused campaign.',
    zh: '继续已暂停的任务。',
  }),
  'POST /v1/campaigns/{id}/cancel': changing('campaigns.cancel', 'campaign.send', {
    en: 'Ends a campaign for good; who was not sent to stays unsent.',
    zh: '取消任务，不能恢复；尚未发送的不再发送。',
  }),
  'POST /v1/campaigns/{id}/resend': {
    name: 'campaigns.sendAgain',
    summary: {
      en: 'Plans a new campaign to some recipients of one that ended.',
      zh: '为已结束任务的部分接收人新建一个任务并生成计划。',
    },
    permission: 'campaign.create',
    account: 'found',
    audit: 'change',
    idempotency: 'own-key',
    rate: 'heavy',
    params,
    body: z.strictObject({
      /** `unknown` may have the message already, and get it twice. */
      what: z
        .array(z.enum(['failed', 'unknown', 'unsent']))
        .min(1)
        .max(3),
      includeNoCredit: z.boolean().default(false),
      key: key.optional(),
    }),
    answers: {
      202: z.object({
        campaign,
        isRepeat: z.boolean(),
        recipients: z.number().int(),
        by: z.object({ failed: z.number(), unknown: z.number(), unsent: z.number() }),
        /** Left out: WeChat reviews them, and delivers or blocks them by itself. */
        held: z.number().int(),
      }),
    },
  },
  'GET /v1/campaigns/{id}/recipients': {
    name: 'campaigns.recipients',
    summary: {
      en: 'Recipients with their outcomes. Of a rare outcome a page may be short though another one follows.',
      zh: '接收人及结果。按少见的结果筛选时，一页可能不满而仍有下一页。',
    },
    permission: 'campaign.read',
    account: 'found',
    audit: 'none',
    idempotency: 'safe',
    rate: 'normal',
    params,
    query: listQuery({ outcome: outcome.optional(), errcode: countGiven(-1, 999_999_999).optional() }),
    answers: { 200: page(recipient) },
  },
  'GET /v1/campaigns/{id}/export': {
    name: 'campaigns.export',
    summary: {
      en: 'Every recipient with its outcome, or every row that was left out, as a stream.',
      zh: '以流的方式导出每个接收人的结果，或所有未列入的行。',
    },
    permission: 'campaign.read',
    account: 'found',
    audit: 'export',
    idempotency: 'safe',
    rate: 'heavy',
    params,
    query: z.strictObject({
      format: z.enum(['csv', 'ndjson', 'xlsx']).default('csv'),
      /** The rows that the plan left out, instead of the recipients. */
      dropped: z.stringbool().default(false),
      /** Beside the columns of the file, in its order. */
      withColumns: z.stringbool().default(false),
      /** CSV for programs: long numbers and formulas as they are. */
      plain: z.stringbool().default(false),
    }),
    answers: {
      200: bytes(
        'text/csv',
        'application/x-ndjson',
        'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      ),
    },
  },
});
