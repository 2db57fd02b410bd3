import { z } from 'zod';
import { bytes, changes, defineRoutes, type Route, reads } from '../route.ts';
import { appid, countGiven, idGiven, key, listQuery, openid, page } from '../shapes.ts';
import {
  campaign,
  campaignActivity,
  campaignListed,
  campaignPlan,
  campaignReport,
  campaignRequest,
  campaignState,
  campaignTaken,
  channel,
  message,
  onInvalid,
  outcome,
  ratePerS,
  receipt,
  recipient,
} from './campaign-shapes.ts';

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
    ...changes,
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
    ...reads,
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
    idempotency: 'stored-key',
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
    ...reads,
    params,
    answers: { 200: campaignReport },
  },
  'GET /v1/campaigns/{id}/activity': {
    name: 'campaigns.activity',
    summary: {
      en: 'What goes on with a campaign at this moment, and how fast it went: of the last ten minutes, or of all of it.',
      zh: '推送任务当前的发送情况与速率：最近十分钟，或从头到尾。',
    },
    permission: 'campaign.read',
    account: 'found',
    ...reads,
    params,
    query: z.strictObject({ span: z.enum(['recent', 'all']).default('recent') }),
    answers: { 200: campaignActivity },
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
  'POST /v1/campaigns/{id}/rate': {
    ...changing('campaigns.rate', 'campaign.send', {
      en: "Changes a campaign's own rate, also while it runs; null: only its account's, which holds in any case.",
      zh: '修改任务自己的速率上限，推送中也可以；null 表示只受账号上限约束。账号上限始终有效。',
    }),
    body: z.strictObject({ ratePerS: ratePerS.nullable() }),
    answers: {
      200: z.object({ id: z.number().int(), state: campaignState, ratePerS: z.number().int().nullable() }),
    },
  },
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
    ...reads,
    params,
    query: listQuery({
      outcome: outcome.optional(),
      errcode: countGiven(-1, 999_999_999).optional(),
      /** What WeChat said of an accepted one afterwards: `waiting`, `late` (nothing within 24 h), `none` (either of the two), or what it was. */
      receipt: receipt.optional(),
      openid: openid.optional(),
      /** The caller's own number. */
      ref: z.string().min(1).max(64).optional(),
    }),
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
