import { z } from 'zod';
import { defineRoutes, reads } from './route.ts';
import { appid, time } from './shapes.ts';

const params = z.object({ appid });
const templateId = z.string().min(1).max(64).meta({ example: '711njo1uoUiuk2cVsUVCFPKCHAqJ9HYTR-qKguT2BiE' });

const template = z
  .object({
    templateId: z.string(),
    title: z.string(),
    content: z.string(),
    example: z.string(),
    /** `typed`: WeChat refuses values that break their field's rule; `free`: it shortens them. */
    kind: z.enum(['typed', 'free']),
    /** 类目模板, 行业模板, 一次性订阅, 长期订阅. */
    of: z.enum(['category', 'industry', 'one-time', 'long-term']),
    /** By which a message of it is sent. */
    channel: z.string(),
    fields: z.array(
      z.object({
        key: z.string(),
        label: z.string(),
        class: z.string().nullable(),
        /** The only values that it takes. */
        values: z.array(z.string()).nullable(),
        /** What a value looks like, in the caller's language; null where any text will do. */
        form: z.string().nullable(),
        /** Most characters; null where the form alone decides. */
        maxLength: z.number().int().nullable(),
      }),
    ),
    syncedAt: time,
    /** When WeChat's list no longer had it. */
    goneAt: time.nullable(),
  })
  .meta({ id: 'Template' });

/** A message as whoever gets it reads it. */
export const card = z.object({
  title: z.string().nullable(),
  lines: z.array(z.object({ label: z.string(), value: z.string() })),
  text: z.string().nullable(),
  opens: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('url'), url: z.string() }),
      z.object({ kind: z.literal('page'), page: z.string() }),
      z.object({ kind: z.literal('mini-program'), appid: z.string(), page: z.string().nullable() }),
    ])
    .nullable(),
});

const preview = z
  .object({
    /** Whether WeChat would take every field, as far as its rules are known. */
    ok: z.boolean(),
    card,
    fields: z.array(
      z.object({
        key: z.string(),
        label: z.string(),
        class: z.string().nullable(),
        value: z.string().nullable(),
        problem: z
          .object({
            /** `missing`, `unknown`, `empty`, `charset`, `format`, `too-long`, … */
            rule: z.string(),
            message: z.string(),
            length: z.number().int().nullable(),
            maxLength: z.number().int().nullable(),
          })
          .nullable(),
        /** What WeChat takes and may show otherwise. */
        warning: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'TemplatePreview' });

export const templatesRoutes = defineRoutes({
  'GET /v1/accounts/{appid}/templates': {
    name: 'templates.list',
    summary: { en: 'The stored templates with their fields and rules.', zh: '已保存的模板及其字段规则。' },
    permission: 'template.read',
    account: 'params.appid',
    ...reads,
    params,
    answers: { 200: z.object({ data: z.array(template) }) },
  },
  'POST /v1/accounts/{appid}/templates/sync': {
    name: 'templates.sync',
    summary: {
      en: 'Fetches the templates from WeChat; a few calls a day are allowed.',
      zh: '从微信获取模板列表，每天调用次数有限。',
    },
    permission: 'account.manage',
    account: 'params.appid',
    audit: 'change',
    idempotency: 'repeatable',
    rate: 'heavy',
    params,
    answers: {
      200: z.object({
        stored: z.number().int(),
        gone: z.number().int(),
        /** Lists that WeChat refused, e.g. because the feature was not added to the account. */
        refused: z.array(z.object({ family: z.string(), errcode: z.number().int(), errmsg: z.string() })),
      }),
    },
  },
  'GET /v1/accounts/{appid}/templates/{templateId}': {
    name: 'templates.show',
    summary: { en: 'One template with its fields and their rules.', zh: '单个模板及其字段规则。' },
    permission: 'template.read',
    account: 'params.appid',
    ...reads,
    params: z.object({ appid, templateId }),
    answers: { 200: template },
  },
  // Nothing is stored or sent.
  'POST /v1/accounts/{appid}/templates/{templateId}/preview': {
    name: 'templates.preview',
    summary: {
      en: 'The message as it will look, each field checked; nothing is sent.',
      zh: '预览消息并逐个检查字段，不发送。',
    },
    permission: 'template.read',
    account: 'params.appid',
    audit: 'none',
    idempotency: 'repeatable',
    rate: 'normal',
    params: z.object({ appid, templateId }),
    /** WeChat's own body (`data`, `url`, `miniprogram`, `page`), and `variables` for `{{name}}` in its texts. */
    body: z.looseObject({
      data: z.record(z.string().max(64), z.unknown()),
      variables: z.record(z.string().max(128), z.string().max(4_096)).default({}),
    }),
    answers: { 200: preview },
  },
});
