import { z } from 'zod';
import { filterRules } from '../campaigns/campaign-shapes.ts';
import { changes, defineRoutes, reads } from '../route.ts';
import { appid, idGiven, listQuery, page, time } from '../shapes.ts';
import { contact } from './contacts.ts';

/** Unique in the account, capitals or not. */
const name = z.string().trim().min(1).max(120);

const filter = z
  .object({
    id: z.number().int(),
    appid: z.string(),
    name: z.string(),
    rules: filterRules,
    /** Changes with each edit. */
    revision: z.number().int(),
    createdBy: z.string(),
    createdAt: time,
    changedBy: z.string(),
    changedAt: time,
  })
  .meta({ id: 'Filter' });

const ofAccount = z.object({ appid });
const params = z.object({ appid, id: idGiven });
const reading = { ...reads, permission: 'contact.read', account: 'params.appid' } as const;
const changing = { ...changes, permission: 'campaign.create', account: 'params.appid' } as const;

export const filtersRoutes = defineRoutes({
  'GET /v1/accounts/{appid}/filters': {
    ...reading,
    name: 'filters.list',
    summary: { en: 'The saved filters over contacts.', zh: '已保存的用户筛选。' },
    params: ofAccount,
    query: listQuery({}),
    answers: { 200: page(filter) },
  },
  'POST /v1/accounts/{appid}/filters': {
    ...changing,
    name: 'filters.add',
    summary: { en: 'Saves a filter, of at least one rule.', zh: '保存筛选，至少一条规则。' },
    idempotency: 'stored-key',
    params: ofAccount,
    body: z.strictObject({ name, rules: filterRules }),
    answers: { 201: filter },
  },
  'POST /v1/accounts/{appid}/filters/count': {
    ...reading,
    name: 'filters.count',
    summary: {
      en: 'How many the rules find at this moment, and the first of them; nothing is kept.',
      zh: '规则此刻筛出多少人及其前几位，不保存。',
    },
    // It changes nothing; rules are too long for a query.
    idempotency: 'repeatable',
    rate: 'heavy',
    params: ofAccount,
    body: z.strictObject({ rules: filterRules }),
    answers: {
      200: z.object({
        count: z.number().int(),
        /** Followers whose tags, or time of following, nobody has fetched yet: they are not found. */
        unknown: z.number().int(),
        first: z.array(contact),
      }),
    },
  },
  'GET /v1/accounts/{appid}/filters/{id}': {
    ...reading,
    name: 'filters.show',
    summary: { en: 'One filter.', zh: '一个筛选。' },
    params,
    answers: { 200: filter },
  },
  'GET /v1/accounts/{appid}/filters/{id}/contacts': {
    ...reading,
    name: 'filters.contacts',
    summary: { en: 'Whom it finds at this moment.', zh: '此刻筛出的用户。' },
    rate: 'heavy',
    params,
    query: listQuery({}),
    answers: { 200: page(contact) },
  },
  'PATCH /v1/accounts/{appid}/filters/{id}': {
    ...changing,
    name: 'filters.edit',
    summary: {
      en: 'Changes what is named, if nobody else changed the filter since; campaigns keep the rules that they were made with, schedules follow.',
      zh: '修改给出的部分，他人已修改过时拒绝；已创建的任务不受影响，定时任务随之变化。',
    },
    idempotency: 'stored-key',
    params,
    body: z.strictObject({
      /** Of the filter as it was read: of another one nothing is done (409 `FILTER_CHANGED`). */
      revision: z.number().int().min(1),
      name: name.optional(),
      rules: filterRules.optional(),
    }),
    answers: { 200: filter },
  },
  'DELETE /v1/accounts/{appid}/filters/{id}': {
    ...changing,
    name: 'filters.remove',
    summary: {
      en: 'Removes a filter that no schedule sends to.',
      zh: '删除筛选；被定时任务使用时拒绝。',
    },
    params,
    answers: { 204: null },
  },
});
