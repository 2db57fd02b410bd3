import { z } from 'zod';
import { changes, defineRoutes, reads } from '../route.ts';
import { appid, countGiven, listQuery, page, time } from '../shapes.ts';

const ofAccount = z.object({ appid });

const event = z
  .object({
    /** `1764000000-17`: its second, and the number that makes it one. */
    id: z.string(),
    appid: z.string(),
    /** WeChat's CreateTime. */
    createdAt: time,
    receivedAt: time,
    /** `follow`, `unfollow`, `scan`, `message`, `credit-popup`, `credit-change`, `session`, `mass-receipt`, `unknown`, `unreadable` … */
    type: z.string(),
    openid: z.string(),
    /** As WeChat wrote them, all values as text. */
    fields: z.record(z.string(), z.unknown()),
    /** What could not follow from it yet; null: nothing. */
    pending: z.array(z.string()).nullable(),
  })
  .meta({ id: 'Event' });

const eventInFull = event.extend({
  /** The decrypted body as it came, of one that cannot be read: as text, and its very bytes. */
  raw: z.object({ text: z.string(), base64: z.string() }).nullable(),
  did: z.object({
    /** What follows from events of its type, and whether it did. */
    effects: z.array(z.object({ name: z.string(), state: z.enum(['done', 'pending', 'given-up']) })),
    /** What it made of its person, as long as no newer event did; null: nothing. */
    follows: z.boolean().nullable(),
    credits: z.array(
      z.object({
        templateId: z.string(),
        kind: z.string(),
        delta: z.number().int(),
        sets: z.number().int().nullable(),
      }),
    ),
  }),
});

const retention = z.object({ days: z.number().int() });

/** What WeChat pushed to the callback. */
export const eventsRoutes = defineRoutes({
  'GET /v1/accounts/{appid}/events': {
    name: 'events.list',
    summary: {
      en: "An account's events and users' messages, the newest first. Receipts stand beside their messages.",
      zh: '账号的事件与用户消息，最新的在前。回执见对应的消息。',
    },
    permission: 'event.read',
    account: 'params.appid',
    ...reads,
    params: ofAccount,
    query: listQuery({ type: z.string().min(1).max(64).optional() }),
    answers: { 200: page(event) },
  },
  'GET /v1/accounts/{appid}/events/{id}': {
    name: 'events.show',
    summary: { en: 'One event, raw, and what followed from it.', zh: '一个事件的原文及其后续处理。' },
    permission: 'event.read',
    account: 'params.appid',
    ...reads,
    params: ofAccount.extend({ id: z.string().min(1).max(64) }),
    answers: { 200: eventInFull },
  },
  'GET /v1/accounts/{appid}/callback/requests': {
    name: 'callback.counts',
    summary: {
      en: "What became of the requests to an account's callback, by day, the newest first.",
      zh: '账号消息推送请求的每日处理情况，最新的在前。',
    },
    permission: 'event.read',
    account: 'params.appid',
    ...reads,
    params: ofAccount,
    query: z.strictObject({ days: countGiven(1, 90).default(7) }),
    answers: {
      200: z.object({
        data: z.array(z.object({ day: z.iso.date(), kind: z.string(), count: z.number().int() })),
      }),
    },
  },
  'GET /v1/events/retention': {
    name: 'events.days',
    summary: {
      en: 'How many days events are kept, of accounts without a term of their own (`keepEventDays`).',
      zh: '事件保留多少天（账号未另设 `keepEventDays` 时）。',
    },
    permission: 'event.read',
    account: null,
    ...reads,
    answers: { 200: retention },
  },
  'PUT /v1/events/retention': {
    name: 'events.keep',
    summary: {
      en: 'Changes how many days events are kept, of accounts without a term of their own (`keepEventDays`); older ones go within the hour.',
      zh: '修改事件的保留天数（账号未另设 `keepEventDays` 时）；更早的在一小时内清除。',
    },
    permission: 'account.manage',
    account: null,
    ...changes,
    body: z.strictObject({ days: z.number().int().min(1).max(99_999) }),
    answers: { 200: retention },
  },
});
