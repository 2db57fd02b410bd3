import { z } from 'zod';
import { messageAnswer } from './messages.ts';
import { defineRoutes, reads } from './route.ts';
import { appid, bigId, countGiven, idGiven, listQuery, openid, page, timeGiven } from './shapes.ts';

const delivery = messageAnswer
  .omit({ id: true, replaces: true, next: true, validUntil: true, nextAt: true, heldUntil: true })
  .extend({
    /** Of a single message; else null. */
    messageId: z.number().int().nullable(),
    /** Of a campaign; else null. */
    campaignId: z.number().int().nullable(),
    /** Its number in the campaign. */
    no: z.number().int().nullable(),
  })
  .meta({ id: 'Delivery' });

export const deliveriesRoutes = defineRoutes({
  'GET /v1/deliveries': {
    name: 'deliveries.search',
    summary: {
      en: 'Who got what, when, and what became of it: single messages and recipients of campaigns in one list, the newest first.',
      zh: '谁在什么时候收到了什么、结果如何：单条消息与推送任务的接收人在同一个列表中，新的在前。',
    },
    permission: 'message.read',
    account: 'filtered',
    ...reads,
    /** One of `touser`, `ref`, `msgid`, `campaign` and `errcode` is needed. */
    query: listQuery({
      appid: appid.optional(),
      touser: openid.optional(),
      /** Your own number. */
      ref: z.string().min(1).max(64).optional(),
      msgid: bigId.optional(),
      campaign: idGiven.optional(),
      /** Of the answer that settled it. */
      errcode: countGiven(-1, 999_999_999).optional(),
      /** Asked for, or with `errcode` alone answered, at or after. */
      from: timeGiven.optional(),
      /** … and before. */
      to: timeGiven.optional(),
    }),
    answers: { 200: page(delivery) },
  },
});
