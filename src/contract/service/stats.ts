import { z } from 'zod';
import { defineRoutes } from '../route.ts';
import { appid, countGiven } from '../shapes.ts';

const count = z.number().int();

const dailyOutcomes = z
  .object({
    /** In the account's time zone. */
    day: z.iso.date(),
    appid: z.string(),
    channel: z.string(),
    accepted: count,
    rejected: count,
    /** Nobody knows whether they arrived. */
    unknown: count,
    /** WeChat holds them for review. */
    held: count,
    /** Of what is over: never sent, and known not to be. */
    unsent: count,
  })
  .meta({ id: 'DailyOutcomes' });

export const statsRoutes = defineRoutes({
  'GET /v1/stats': {
    name: 'stats.show',
    summary: {
      en: 'What became of messages, by day, account and channel: campaigns and single messages together, the newest day first.',
      zh: '按日期、账号、通道统计发送结果，推送任务与单条消息合计，最近的日期在前。',
    },
    permission: 'message.read',
    account: 'filtered',
    audit: 'none',
    idempotency: 'safe',
    rate: 'heavy',
    query: z.strictObject({
      appid: appid.optional(),
      /** So many, with today. */
      days: countGiven(1, 92).default(30),
    }),
    /** Days without an outcome have no entry. */
    answers: { 200: z.object({ data: z.array(dailyOutcomes) }) },
  },
});
