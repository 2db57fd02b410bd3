import { z } from 'zod';
import { changes, defineRoutes, type Route, reads } from '../route.ts';
import { appid, idGiven, listQuery, page, time } from '../shapes.ts';
import {
  campaignState,
  channel,
  lastingAudience,
  lastingExclusion,
  message,
  onInvalid,
  ratePerS,
} from './campaign-shapes.ts';

/** Five fields, on the clocks of the account's zone. */
export const cron = z.string().min(1).max(256);
export const validMinutes = z.number().int().min(1).max(99_999);

export const scheduleRequest = z.strictObject({
  appid,
  cron,
  channel,
  message,
  audience: lastingAudience,
  exclusions: z.array(lastingExclusion).max(100).default([]),
  onInvalid: onInvalid.default('skip'),
  /** Fetches the follower list first. */
  sync: z.boolean().default(false),
  includeNoCredit: z.boolean().default(false),
  /** Of each of its campaigns. */
  ratePerS: ratePerS.optional(),
  /** A run may begin so long after its time; afterwards it is missed. */
  validMinutes: validMinutes.default(60),
});

const scheduleChange = z.strictObject({
  cron: cron.optional(),
  channel: channel.optional(),
  message: message.optional(),
  audience: lastingAudience.optional(),
  exclusions: z.array(lastingExclusion).max(100).optional(),
  onInvalid: onInvalid.optional(),
  sync: z.boolean().optional(),
  includeNoCredit: z.boolean().optional(),
  /** Null: only the account's. */
  ratePerS: ratePerS.nullable().optional(),
  validMinutes: validMinutes.optional(),
});

export const schedule = z
  .object({
    id: z.number().int(),
    appid: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    channel: z.string(),
    templateId: z.string().nullable(),
    templateTitle: z.string().nullable(),
    audience: z.union([
      z.object({ kind: z.literal('all') }),
      z.object({ kind: z.literal('tag'), tagId: z.number() }),
      z.object({ kind: z.literal('filter'), id: z.number() }),
    ]),
    validMinutes: z.number().int(),
    createdBy: z.string(),
    createdAt: time,
    /** Nothing of it runs since then. */
    pausedAt: time.nullable(),
    /** Changes with each edit. */
    version: z.number().int(),
    nextRunAt: time.nullable(),
    /** The next five, as if it were not paused. */
    nextRuns: z.array(time),
    /** WeChat's own body, as it was given. */
    message,
    onInvalid,
    sync: z.boolean(),
    includeNoCredit: z.boolean(),
    ratePerS: z.number().int().nullable(),
    /** The newest time that was missed, on the clocks of `timeZone`. */
    lastMissed: z.string().nullable(),
    lastCampaign: z.number().int().nullable(),
    lastState: campaignState.nullable(),
  })
  .meta({ id: 'Schedule' });

const params = z.object({ id: idGiven });

function changing<const N extends Route['name']>(name: N, summary: Route['summary']) {
  return {
    ...{ name, summary },
    permission: 'campaign.send',
    account: 'found',
    ...changes,
    params,
    answers: { 200: schedule },
  } as const;
}

export const schedulesRoutes = defineRoutes({
  'GET /v1/schedules': {
    name: 'schedules.list',
    summary: {
      en: 'Pushes that are repeated, with when each runs next.',
      zh: '定时任务及各自的下次执行时间。',
    },
    permission: 'campaign.read',
    account: 'filtered',
    ...reads,
    query: listQuery({}),
    answers: { 200: page(schedule) },
  },
  'POST /v1/schedules': {
    name: 'schedules.add',
    summary: {
      en: 'Repeats a push by cron; nobody is asked each time.',
      zh: '按 cron 周期推送，不再逐次确认。',
    },
    permission: 'campaign.send',
    account: 'body.appid',
    audit: 'change',
    // A second one would message everybody twice, each time.
    idempotency: 'stored-key',
    rate: 'normal',
    body: scheduleRequest,
    answers: { 201: schedule },
  },
  'GET /v1/schedules/{id}': {
    name: 'schedules.show',
    summary: { en: 'One schedule.', zh: '一个定时任务。' },
    permission: 'campaign.read',
    account: 'found',
    ...reads,
    params,
    answers: { 200: schedule },
  },
  'PATCH /v1/schedules/{id}': {
    ...changing('schedules.edit', {
      en: 'Changes what is named; campaigns that it started go on.',
      zh: '修改给出的部分；已启动的任务继续进行。',
    }),
    body: scheduleChange,
  },
  'POST /v1/schedules/{id}/pause': changing('schedules.pause', {
    en: 'Nothing of it runs until it is resumed.',
    zh: '暂停，直到恢复。',
  }),
  'POST /v1/schedules/{id}/resume': changing('schedules.resume', {
    en: 'It runs again from its next time on; what came in between is not made up for.',
    zh: '恢复，从下一个时间点起执行；暂停期间的不补发。',
  }),
  'GET /v1/accounts/{appid}/schedule-times': {
    name: 'schedules.times',
    summary: {
      en: 'When a cron expression would be due, on the clocks of the account.',
      zh: '按账号时区预览 cron 的执行时间。',
    },
    permission: 'campaign.read',
    account: 'params.appid',
    ...reads,
    params: z.object({ appid }),
    query: z.strictObject({ cron }),
    answers: { 200: z.object({ timeZone: z.string(), runs: z.array(time) }) },
  },
  'DELETE /v1/schedules/{id}': {
    ...changing('schedules.remove', {
      en: 'Ends it; campaigns that it started go on.',
      zh: '删除；已启动的任务继续进行。',
    }),
    answers: { 204: null },
  },
});
