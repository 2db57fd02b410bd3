import { z } from 'zod';
import { changes, defineRoutes, reads } from '../route.ts';
import { bigId, listQuery, page, time } from '../shapes.ts';
import { accounts, me, role } from './access.ts';

const user = z
  .object({
    id: bigId,
    name: z.string(),
    role,
    accounts,
    /** False until the first link is used. */
    hasPassword: z.boolean(),
    createdAt: time,
    createdBy: z.string(),
    disabledAt: time.nullable(),
    /** After wrong passwords: until then none is looked at. */
    lockedUntil: time.nullable(),
    lastSignInAt: time.nullable(),
  })
  .meta({ id: 'User' });

const link = z
  .object({
    /** Behind the address of the console. Whoever opens it sets the password, once. */
    path: z.string(),
    expiresAt: time,
  })
  .meta({ id: 'PasswordLink' });

const name = z.string().trim().min(1).max(64).meta({ example: 'ming' });
const password = z.string().min(1).max(256);
const params = z.object({ id: bigId });

export const usersRoutes = defineRoutes({
  // Nobody is signed in yet to whom a key could belong; a second sign-in is another session.
  'POST /v1/sessions': {
    name: 'sessions.create',
    summary: {
      en: 'Signs a person in: sets the cookie that the console works with.',
      zh: '登录：设置控制台使用的会话 Cookie。',
    },
    permission: 'public',
    account: null,
    audit: 'change',
    idempotency: 'none',
    rate: 'sign-in',
    body: z.strictObject({ name, password }),
    answers: { 201: me },
  },
  // A link works once.
  'POST /v1/sessions/link': {
    name: 'sessions.useLink',
    summary: {
      en: 'Sets a password with a link that works once, and signs in.',
      zh: '用一次性链接设置密码并登录。',
    },
    permission: 'public',
    account: null,
    audit: 'change',
    idempotency: 'none',
    rate: 'sign-in',
    body: z.strictObject({ token: z.string().min(1).max(128), password }),
    answers: { 201: me },
  },
  'DELETE /v1/sessions/current': {
    name: 'sessions.end',
    summary: { en: 'Signs out.', zh: '退出登录。' },
    permission: 'known',
    account: null,
    audit: 'none',
    idempotency: 'repeatable',
    rate: 'normal',
    answers: { 204: null },
  },
  'PUT /v1/me/password': {
    name: 'me.changePassword',
    summary: {
      en: 'Sets another password; every other session of the person ends.',
      zh: '修改密码；该用户的其他会话全部结束。',
    },
    permission: 'known',
    account: null,
    audit: 'change',
    idempotency: 'repeatable',
    rate: 'sign-in',
    body: z.strictObject({ current: password, password }),
    answers: { 204: null },
  },
  'GET /v1/users': {
    name: 'users.list',
    summary: { en: 'People who may use the console.', zh: '可以使用控制台的成员。' },
    permission: 'user.manage',
    account: null,
    ...reads,
    query: listQuery({}),
    answers: { 200: page(user) },
  },
  'POST /v1/users': {
    name: 'users.create',
    summary: {
      en: 'Makes a person, and the link with which they set their password.',
      zh: '添加成员，并生成其设置密码的链接。',
    },
    permission: 'user.manage',
    account: null,
    audit: 'change',
    idempotency: 'sealed-key',
    rate: 'normal',
    body: z.strictObject({ name, role, accounts: accounts.default(null) }),
    answers: { 201: z.object({ user, link }) },
  },
  'PATCH /v1/users/{id}': {
    name: 'users.change',
    summary: {
      en: 'Another role, other accounts, disabled or enabled again; it holds from the next request on.',
      zh: '修改角色、可用账号，停用或重新启用；下一次请求即生效。',
    },
    permission: 'user.manage',
    account: null,
    ...changes,
    params,
    body: z.strictObject({
      role: role.optional(),
      accounts: accounts.optional(),
      isDisabled: z.boolean().optional(),
    }),
    answers: { 200: user },
  },
  'POST /v1/users/{id}/link': {
    name: 'users.link',
    summary: {
      en: 'A new link to set the password, for whoever forgot it. Until it is used, everything stays as it is.',
      zh: '为忘记密码的人重新生成链接；使用之前一切不变。',
    },
    permission: 'user.manage',
    account: null,
    audit: 'change',
    idempotency: 'sealed-key',
    rate: 'normal',
    params,
    answers: { 201: link },
  },
  'DELETE /v1/users/{id}/sessions': {
    name: 'users.endSessions',
    summary: { en: 'Ends every session of a person.', zh: '结束某人的全部会话。' },
    permission: 'user.manage',
    account: null,
    ...changes,
    params,
    answers: { 200: z.object({ ended: z.number().int() }) },
  },
});
