import { z } from 'zod';
import { changes, defineRoutes, reads } from '../route.ts';
import { appid, countGiven, idGiven, listQuery, openid, page, time } from '../shapes.ts';

const params = z.object({ appid });

export const contact = z
  .object({
    openid: z.string(),
    unionid: z.string().nullable(),
    /** Null: nobody knows; Mini Programs have no followers. */
    follows: z.boolean().nullable(),
    remark: z.string().nullable(),
    tagIds: z.array(z.number().int()).nullable(),
    subscribedAt: time.nullable(),
    subscribeScene: z.string().nullable(),
    firstSeenAt: time,
    unfollowedAt: time.nullable(),
    /** When its details were fetched. */
    detailedAt: time.nullable(),
  })
  .meta({ id: 'Contact' });

const followerSync = z
  .object({
    id: z.number().int(),
    /** `abandoned`: it did not come to its end, and the next one begins anew. */
    state: z.enum(['running', 'done', 'abandoned']),
    /** Why nobody works on it any more; a code of the documents. `running` goes on with the next start. */
    failedCode: z.string().nullable(),
    pages: z.number().int(),
    /** People on its pages so far. */
    seen: z.number().int(),
    /** By WeChat's count. */
    total: z.number().int().nullable(),
    added: z.number().int(),
    gone: z.number().int(),
    startedAt: time,
    finishedAt: time.nullable(),
  })
  .meta({ id: 'FollowerSync' });

export const contactsRoutes = defineRoutes({
  'GET /v1/contacts': {
    name: 'contacts.list',
    summary: {
      en: 'Contacts of an account, by openid, unionid or tag.',
      zh: '查询账号的用户，可按 openid、unionid 或标签。',
    },
    permission: 'contact.read',
    account: 'query.appid',
    ...reads,
    query: listQuery({
      appid,
      openid: openid.optional(),
      unionid: z.string().min(1).max(64).optional(),
      tag: countGiven(0, 2_147_483_647).optional(),
      /** Only those who follow (`true`), or who left (`false`). */
      follows: z
        .enum(['true', 'false'])
        .transform((value) => value === 'true')
        .optional(),
    }),
    answers: { 200: page(contact) },
  },
  'GET /v1/contacts/{openid}': {
    name: 'contacts.show',
    summary: {
      en: 'What is known of one person, and whether campaigns may send to them.',
      zh: '单个用户的已知信息，以及是否在禁发名单中。',
    },
    permission: 'contact.read',
    account: 'query.appid',
    ...reads,
    params: z.object({ openid }),
    query: z.strictObject({ appid }),
    answers: { 200: contact.extend({ suppressed: z.boolean() }) },
  },
  'DELETE /v1/contacts/{openid}': {
    name: 'contacts.erase',
    summary: {
      en: 'Erases one person: counts stay, and a digest by which no campaign sends to them again.',
      zh: '删除一个用户的信息：保留计数，并保留不可还原的摘要以不再向其推送。',
    },
    permission: 'contact.manage',
    account: 'query.appid',
    ...changes,
    rate: 'heavy',
    params: z.object({ openid }),
    query: z.strictObject({ appid }),
    answers: {
      200: z.object({
        /** In which something of them stood. */
        rows: z.number().int(),
        /** The same by table. */
        tables: z.record(z.string(), z.number().int()),
      }),
    },
  },
  'GET /v1/accounts/{appid}/tags': {
    name: 'tags.list',
    summary: {
      en: 'The tags of an Official Account, asked of WeChat.',
      zh: '公众号的用户标签（向微信查询）。',
    },
    permission: 'contact.read',
    account: 'params.appid',
    ...reads,
    params,
    answers: {
      200: z.object({
        data: z.array(z.object({ id: z.number().int(), name: z.string(), count: z.number().int() })),
      }),
    },
  },
  'POST /v1/accounts/{appid}/follower-syncs': {
    name: 'followers.startSync',
    summary: {
      en: 'Begins to fetch the follower list, or goes on where it was interrupted.',
      zh: '开始同步关注者列表，或从断点继续。',
    },
    permission: 'contact.manage',
    account: 'params.appid',
    ...changes,
    params,
    body: z.strictObject({
      /** Also unionid, tags, subscribe time and scene: one call per 100 followers. */
      details: z.boolean().default(false),
      /** Although over 5 % of the followers would be marked as gone. */
      acceptLoss: z.boolean().default(false),
    }),
    answers: { 202: followerSync },
  },
  'GET /v1/accounts/{appid}/follower-syncs': {
    name: 'followers.listSyncs',
    summary: { en: 'The follower syncs, the newest first.', zh: '关注者同步记录，新的在前。' },
    permission: 'contact.read',
    account: 'params.appid',
    ...reads,
    params,
    query: listQuery({}),
    answers: { 200: page(followerSync) },
  },
  'GET /v1/accounts/{appid}/follower-syncs/{id}': {
    name: 'followers.showSync',
    summary: { en: 'How far a follower sync is.', zh: '关注者同步的进度。' },
    permission: 'contact.read',
    account: 'params.appid',
    ...reads,
    params: z.object({ appid, id: idGiven }),
    answers: { 200: followerSync },
  },
  'GET /v1/accounts/{appid}/followers/count': {
    name: 'followers.count',
    summary: {
      en: 'How many people are known of an account, how many of them follow it, and how old the list is.',
      zh: '账号已知用户数、其中关注的人数，以及列表的同步时间。',
    },
    permission: 'contact.read',
    account: 'params.appid',
    ...reads,
    params,
    answers: {
      200: z.object({
        all: z.number().int(),
        following: z.number().int(),
        unfollowed: z.number().int(),
        /** When the last complete follower sync ended. */
        syncedAt: time.nullable(),
      }),
    },
  },
  'GET /v1/accounts/{appid}/suppressions': {
    name: 'suppressions.list',
    summary: { en: 'People whom no campaign of the account sends to.', zh: '禁发名单。' },
    permission: 'contact.read',
    account: 'params.appid',
    ...reads,
    params,
    query: listQuery({
      /** Whether this one is on it, and why. */
      openid: openid.optional(),
    }),
    answers: { 200: page(z.object({ openid: z.string(), note: z.string(), createdAt: time })) },
  },
  'POST /v1/accounts/{appid}/suppressions': {
    name: 'suppressions.add',
    summary: {
      en: 'Puts people on the list; those already there keep their note.',
      zh: '加入禁发名单；已在名单中的保留原备注。',
    },
    permission: 'contact.manage',
    account: 'params.appid',
    ...changes,
    params,
    body: z.strictObject({
      openids: z.array(openid).min(1).max(1_000),
      /** Why. */
      note: z.string().max(200).default(''),
    }),
    answers: { 200: z.object({ added: z.number().int() }) },
  },
  'DELETE /v1/accounts/{appid}/suppressions/{openid}': {
    name: 'suppressions.remove',
    summary: { en: 'Takes somebody off the list.', zh: '移出禁发名单。' },
    permission: 'contact.manage',
    account: 'params.appid',
    ...changes,
    params: z.object({ appid, openid }),
    answers: { 200: z.object({ removed: z.number().int() }) },
  },
});
