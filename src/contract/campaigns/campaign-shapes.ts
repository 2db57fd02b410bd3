import { z } from 'zod';
import { appid, key, openid, time, timeGiven } from '../shapes.ts';
import { card } from '../templates.ts';

export const channel = z.string().min(1).max(64);

/** WeChat's own body without `touser`; its texts may have `{{variables}}`, and `data` may hold plain texts. */
export const message = z.record(z.string(), z.unknown());

/** Most messages a second, over all nodes; the account's rate holds in any case. */
export const ratePerS = z.number().int().min(1).max(9_999_999);
const tag = z.strictObject({ kind: z.literal('tag'), tagId: z.number().int().min(0).max(999_999_999) });
const all = z.strictObject({ kind: z.literal('all') });
/** `GET /v1/accounts/{appid}/filters`. */
const filter = z.strictObject({ kind: z.literal('filter'), id: z.number().int().min(1) });

/** Of those who may be sent to, whom each rule that is there finds. */
export const filterRules = z
  .strictObject({
    /** With one of these tags, as their details were fetched last. */
    tags: z.array(z.number().int().min(0).max(999_999_999)).min(1).max(20).optional(),
    subscribedSince: timeGiven.optional(),
    subscribedWithinDays: z.number().int().min(1).max(3650).optional(),
    /** `left`, `none`: known to have one, or none; `known`: either; `unknown`: nobody told us. */
    credit: z
      .strictObject({
        templateId: z.string().min(1).max(128),
        is: z.enum(['left', 'none', 'known', 'unknown']),
      })
      .optional(),
    /** Who got it, or may have got it; or who certainly did not. */
    campaigns: z
      .array(z.strictObject({ id: z.number().int().min(1), got: z.boolean() }))
      .min(1)
      .max(5)
      .optional(),
    /** Whether they are on the suppression list: no campaign sends to those who are. */
    suppressed: z.boolean().optional(),
  })
  .meta({ id: 'FilterRules' });

/** Whom a campaign is sent to. */
export const audienceGiven = z.discriminatedUnion('kind', [
  all,
  tag,
  filter,
  z.strictObject({ kind: z.literal('list'), openids: z.array(openid).min(1).max(10_000) }),
  /** A file that was uploaded: `POST /v1/audiences`. */
  z.strictObject({ kind: z.literal('upload'), id: z.number().int().min(1) }),
]);

/** Audiences that can be fetched again. */
export const lastingAudience = z.discriminatedUnion('kind', [all, tag, filter]);

/** People who are left out. */
export const exclusionGiven = z.discriminatedUnion('kind', [
  tag,
  z.strictObject({ kind: z.literal('campaign'), id: z.number().int().min(1) }),
  z.strictObject({ kind: z.literal('upload'), id: z.number().int().min(1) }),
]);
export const lastingExclusion = z.discriminatedUnion('kind', [
  tag,
  z.strictObject({ kind: z.literal('campaign'), id: z.number().int().min(1) }),
]);

export const onInvalid = z.enum(['skip', 'truncate', 'reject']);

export const campaignRequest = z.strictObject({
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
  /** Default: only the account's. */
  ratePerS: ratePerS.optional(),
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
  /** With the rules that it had when the campaign was made. */
  z.object({ kind: z.literal('filter'), id: z.number(), name: z.string(), rules: filterRules }),
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
  /** It was planned to be looked at and never to be sent; its state is `cancelled`. */
  dryRun: z.boolean(),
  key: z.string().nullable(),
  templateId: z.string().nullable(),
  audience: audienceSaid,
  exclusions: z.array(exclusionSaid),
  dedupe: z.string(),
  onInvalid,
  includeNoCredit: z.boolean(),
  /** Its own, under the account's; null: only that. */
  ratePerS: z.number().int().nullable(),
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

export const campaignListed = z
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
export const campaignReport = z
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
    /** Whether exports can have the columns of the file. */
    hasColumns: z.boolean(),
  })
  .meta({ id: 'CampaignReport' });

export const campaignTaken = z.object({
  campaign,
  /** The key was used before, for the same: nothing was made. */
  isRepeat: z.boolean(),
  /** What a person should know before it is sent. */
  warnings: z.array(z.string()),
});

export const campaignPlan = z.object({
  campaign,
  accountName: z.string(),
  timeZone: z.string(),
  /** Names what was looked at, for `confirm`. Another one once anything of it, or its template, changed. */
  planHash: z.string(),
  credits: z.record(z.string(), z.number().int()).nullable(),
  /** The account's, or its own where that is lower. */
  ratePerS: z.number(),
  /** How long it takes at this rate. */
  seconds: z.number().int(),
  quota: z
    .object({
      left: z.number().int(),
      /** So many people more than that: they are sent to after the reset. */
      short: z.number().int(),
      source: z.string(),
      reset: time,
    })
    .nullable(),
  /** Who was left out for what; `code` as in the rows of `dropped`. */
  leftOut: z.array(z.object({ reason: z.string(), code: z.string(), count: z.number().int() })),
  /** Of the first 1,000 of the last campaign of this template, else of the account: how many WeChat held for review. */
  lastCanary: z
    .object({
      campaign: z.number().int(),
      at: time,
      isSameTemplate: z.boolean(),
      of: z.number().int(),
      held: z.number().int(),
      /** From this share on the rest waits; null: never. */
      mostHeldPercent: z.number().nullable(),
    })
    .nullable(),
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

export const outcome = z.enum(['accepted', 'rejected', 'unknown', 'held', 'unsent']);
export const receipt = z.enum(['delivered', 'blocked', 'failed', 'waiting', 'late', 'none']);

export const campaignActivity = z.object({
  /** People whose message may be on its way and has no stored answer. */
  underWay: z.number().int(),
  /** Of what a process left when it ended in the middle: resolved by itself, or becomes `unknown`. */
  inDoubt: z.number().int(),
  /** That sent for the account in the last seconds. */
  nodes: z.number().int(),
  /** Requests of the account that wait for their answer, on all nodes. */
  inFlight: z.number().int(),
  /** Of the account. */
  ratePerS: z.number(),
  /** Smoothed time of an answer; null while nothing is under way. */
  latencyMs: z.number().nullable(),
  stepSeconds: z.number().int(),
  /** So many were answered in the `stepSeconds` from `at` on; steps without any are left out. Chunks count evenly over their time. */
  pace: z.array(z.object({ at: time, answered: z.number() })),
});

export const recipient = z.object({
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
