import { z } from 'zod';
import { defineRoutes, reads } from './route.ts';
import { appid, countGiven, idGiven, key, listQuery, openid, page, timeGiven } from './shapes.ts';

const messageState = z.enum(['waiting', 'accepted', 'rejected', 'unknown', 'held', 'unsent']);

/**
 * `POST /v1/messages`: WeChat's own body (`touser`, `template_id`, `data`, `url`, `miniprogram`, `page`, … as its documents
 * and tutorials write it), and beside it whose message it is. `data` may also hold plain texts.
 */
const messageFields = {
  appid: z.string().min(1).max(64),
  /** `oa-template`, `oa-subscribe`, `oa-once`, `mp-subscribe`, `kf`, `mp-form`, or the wire's name for it. */
  channel: z.string().min(1).max(64),
  touser: z.string().min(1).max(64),
  /** The same key is the same message, for as long as it is kept and on every node; instead of the header Idempotency-Key. */
  key: key.optional(),
  /** Your own number for it: not unique; told in answers, webhooks and searches. At most 64 characters. */
  ref: z.string().optional(),
  /** Not sent afterwards. ISO 8601 with its zone. */
  validUntil: z.iso.datetime({ offset: true }).optional(),
  /** Also to somebody who is known to have no subscription left; otherwise it is `unsent` with the reason `no-credit`. */
  includeNoCredit: z.boolean().optional(),
  /** Answers with the outcome if it is known within so many ms, at most 10,000. Default 0. */
  wait: z.number().int().min(0).max(10_000).optional(),
};

/** What a batch says once for all of its messages, or that makes no sense in one. */
const { appid: batchAppid, wait: _wait, touser: _touser, ...itemFields } = messageFields;

/** As somebody may spell a field of ours: in snake_case, without capitals, by another name. */
const meant = new Map([
  ...Object.keys(messageFields).map((name) => [plain(name), name] as const),
  ...[
    ['openid', 'touser'],
    ['account', 'appid'],
    ['idempotencykey', 'key'],
    ['templateid', 'template_id'],
    ['formid', 'form_id'],
  ].map(([from, to]) => [from ?? '', to ?? ''] as const),
]);

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

/** Each way with its channel and WeChat's own body. */
const way = z.looseObject({ channel: messageFields.channel });

/** What is not ours goes to WeChat as it is, so that a misspelt field of ours would be sent along and have no effect. */
const messageRequest = z
  .looseObject({
    ...messageFields,
    channel: messageFields.channel.optional(),
    /**
     * Instead of `channel` and a body: several ways, each with its own. The next is tried only when the one before was definitely
     * refused, and never when it may have arrived.
     */
    channels: z.array(way).min(1).max(6).optional(),
  })
  .superRefine(refuseMisspelt)
  .superRefine(({ channel, channels }, context) => {
    if ((channel === undefined) === (channels === undefined))
      context.addIssue({
        ...{ code: 'custom', path: ['channel'] },
        params: channel === undefined ? { rule: 'missing' } : { rule: 'unknown' },
      });
  });

const batchRequest = z.strictObject({
  appid: batchAppid,
  /** `all`: stored only when each can be sent. `valid`: those that can be are, and the others are told. */
  mode: z.enum(['all', 'valid']),
  /** Each as `POST /v1/messages` takes it, less `appid` and `wait`. */
  messages: z
    .array(
      // What is no openid is wrong with this one message, and not with the batch.
      z.looseObject({ ...itemFields, touser: z.string() }).superRefine(refuseMisspelt),
    )
    .min(1)
    .max(1_000),
});

function refuseMisspelt(body: object, context: z.RefinementCtx): void {
  for (const name of Object.keys(body)) {
    const right = meant.get(plain(name));
    if (right !== undefined && right !== name)
      context.addIssue({ code: 'custom', path: [name], params: { rule: 'unknown', limit: right } });
  }
}

export const messageAnswer = z.object({
  id: z.number().int(),
  appid: z.string(),
  channel: z.string(),
  touser: z.string(),
  templateId: z.string().nullable(),
  key: z.string().nullable(),
  ref: z.string().nullable(),
  /** The message whose refusal led to this one. */
  replaces: z.number().int().nullable(),
  /** The message that is tried instead, since this one was refused (`channels`). */
  next: z.number().int().nullable(),
  /**
   * `waiting` until it is settled; `accepted` is WeChat's word and not yet a delivery. `held`: WeChat holds it for review,
   * delivers or blocks it by itself, and it becomes accepted, rejected or unknown afterwards.
   */
  state: messageState,
  /** Of the answer that settled it, or while it waits of the last one. */
  errcode: z.number().int().nullable(),
  reason: z.string().nullable(),
  /** 64-bit, hence text. */
  msgid: z.string().nullable(),
  attempts: z.number().int(),
  createdAt: z.iso.datetime(),
  validUntil: z.iso.datetime().nullable(),
  at: z.iso.datetime().nullable(),
  /** While it waits: not tried before. */
  nextAt: z.iso.datetime().nullable(),
  /** While WeChat holds it: by when it has decided, as far as it keeps its word. */
  heldUntil: z.iso.datetime().nullable(),
  /** WeChat's later word on an accepted message; null: none (yet), or none is to be expected. */
  receipt: z
    .object({
      /** Only `delivered` is a delivery. `late`: accepted over 24 h ago, and no receipt came. */
      status: z.enum(['delivered', 'blocked', 'failed-system', 'failed-frequency', 'failed-other', 'late']),
      at: z.iso.datetime().nullable(),
      /** The outcome was unknown until this receipt came, which can be about no other message. */
      inferred: z.boolean(),
    })
    .nullable(),
});

/** 202: it is stored, and will be sent once, whatever happens to this process. */
const messageTaken = z.object({
  id: z.number().int(),
  /** The key was used before, for the same message: nothing new is sent. */
  isRepeat: z.boolean(),
  /** As it is when this is answered; with `wait` usually settled. */
  message: messageAnswer.optional(),
});

const batchAnswer = z.object({
  /** Stored now or before. */
  stored: z.number().int(),
  refused: z.number().int(),
  /** In the order of `messages`. */
  data: z.array(
    z.union([
      z.object({ id: z.number().int(), isRepeat: z.boolean() }),
      z.object({ error: z.object({ code: z.string(), detail: z.string(), hint: z.string().optional() }) }),
    ]),
  ),
});

export const messagesRoutes = defineRoutes({
  'POST /v1/messages': {
    name: 'messages.submit',
    summary: {
      en: 'Sends one message to one person. Stored when it is answered, and sent once, whatever happens to the process.',
      zh: '给一个人发一条消息。应答即已落盘，无论进程发生什么，只发一次。',
    },
    permission: 'message.send',
    account: 'body.appid',
    // What is sent is in the messages themselves.
    audit: 'none',
    idempotency: 'own-key',
    rate: 'submit',
    body: messageRequest,
    answers: { 202: messageTaken },
  },
  'POST /v1/messages/batch': {
    name: 'messages.submitBatch',
    summary: {
      en: 'Takes up to 1,000 messages of one account, and says in their order what became of each.',
      zh: '一次提交同一账号的至多 1,000 条消息，按顺序逐条应答。',
    },
    permission: 'message.send',
    account: 'body.appid',
    audit: 'none',
    // By the keys of its messages; those without one have that of the header, with their number: `order/1`.
    idempotency: 'own-key',
    rate: 'submit',
    body: batchRequest,
    answers: { 202: batchAnswer },
  },
  'GET /v1/messages': {
    name: 'messages.list',
    summary: {
      en: 'Messages, the newest first. Of a rare state or errcode a page may be short though another one follows.',
      zh: '单条消息，新的在前。按少见的状态或错误码筛选时，一页可能不满而仍有下一页。',
    },
    permission: 'message.read',
    account: 'filtered',
    ...reads,
    query: listQuery({
      appid: appid.optional(),
      channel: z.string().max(64).optional(),
      touser: openid.optional(),
      templateId: z.string().max(64).optional(),
      state: messageState.optional(),
      errcode: countGiven(-1, 999_999_999).optional(),
      /** Created at or after. */
      from: timeGiven.optional(),
      /** Created before. */
      to: timeGiven.optional(),
      /** The one under this key; with `appid`. */
      key: z.string().max(128).optional(),
      ref: z.string().max(64).optional(),
    }),
    answers: { 200: page(messageAnswer) },
  },
  'GET /v1/messages/{id}': {
    name: 'messages.show',
    summary: { en: 'One message and what became of it.', zh: '一条消息及其结果。' },
    permission: 'message.read',
    account: 'found',
    ...reads,
    params: z.object({ id: idGiven }),
    query: z.strictObject({
      /** Waits so many ms for the outcome. */
      wait: countGiven(0, 10_000).default(0),
    }),
    answers: { 200: messageAnswer },
  },
});
