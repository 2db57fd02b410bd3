import { z } from 'zod';
import { defineRoutes } from './route.ts';
import { countGiven, idGiven } from './shapes.ts';

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
  key: z.string().optional(),
  /** Not sent afterwards. ISO 8601 with its zone. */
  validUntil: z.iso.datetime({ offset: true }).optional(),
  /** Also to somebody who is known to have no subscription left; otherwise it is `unsent` with the reason `no-credit`. */
  includeNoCredit: z.boolean().optional(),
  /** Answers with the outcome if it is known within so many ms, at most 10,000. Default 0. */
  wait: z.number().int().min(0).max(10_000).optional(),
};

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

/** What is not ours goes to WeChat as it is, so that a misspelt field of ours would be sent along and have no effect. */
const messageRequest = z.looseObject(messageFields).superRefine((body, context) => {
  for (const name of Object.keys(body)) {
    const right = meant.get(plain(name));
    if (right !== undefined && right !== name)
      context.addIssue({ code: 'custom', path: [name], params: { rule: 'unknown', limit: right } });
  }
});

export const messageAnswer = z.object({
  id: z.number().int(),
  appid: z.string(),
  channel: z.string(),
  touser: z.string(),
  templateId: z.string().nullable(),
  key: z.string().nullable(),
  /**
   * `waiting` until it is settled; `accepted` is WeChat's word and not yet a delivery. `held`: WeChat holds it for review,
   * delivers or blocks it by itself, and it becomes accepted, rejected or unknown afterwards.
   */
  state: z.enum(['waiting', 'accepted', 'rejected', 'unknown', 'held', 'unsent']),
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
  'GET /v1/messages/{id}': {
    name: 'messages.show',
    summary: { en: 'One message and what became of it.', zh: '一条消息及其结果。' },
    permission: 'message.read',
    account: 'found',
    audit: 'none',
    idempotency: 'safe',
    rate: 'normal',
    params: z.object({ id: idGiven }),
    query: z.strictObject({
      /** Waits so many ms for the outcome. */
      wait: countGiven(0, 10_000).default(0),
    }),
    answers: { 200: messageAnswer },
  },
});
