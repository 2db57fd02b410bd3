import { z } from 'zod';
import { permissions, roleNames } from '../permissions.ts';
import { changes, defineRoutes, reads } from '../route.ts';
import { appid, bigId, listQuery, page, time, timeGiven } from '../shapes.ts';

const permission = z.enum(permissions);
export const role = z.enum(roleNames);
/** `null`: every account, those to come included. */
export const accounts = z.array(appid).max(1000).nullable();

export const me = z
  .object({
    kind: z.enum(['terminal', 'user', 'key', 'program']),
    id: z.string(),
    name: z.string(),
    /** Of a person; null of a key. */
    role: role.nullable(),
    permissions: z.array(permission),
    accounts,
  })
  .meta({ id: 'Me' });

const key = z
  .object({
    id: z.string(),
    name: z.string(),
    permissions: z.array(permission),
    accounts,
    /** Most requests a second on each node; null: no limit of its own. */
    ratePerS: z.number().int().nullable(),
    createdAt: time,
    /** Who made it. */
    createdBy: z.string(),
    expiresAt: time.nullable(),
    /** To the minute. */
    lastUsedAt: time.nullable(),
    lastUsedFrom: z.string().nullable(),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'Key' });

const keyRequest = z.strictObject({
  /** What people read in the audit. */
  name: z.string().trim().min(1).max(64),
  permissions: z.array(permission).min(1),
  accounts: accounts.default(null),
  ratePerS: z.number().int().min(1).max(1_000_000).nullable().default(null),
  expiresAt: timeGiven.nullable().default(null),
});

const auditOutcome = z.enum(['began', 'done', 'refused', 'failed']);

const auditEntry = z
  .object({
    id: bigId,
    at: time,
    /** `began`: the process ended before it was over. `refused`: without the permission or the account. */
    outcome: auditOutcome,
    action: z.string(),
    code: z.string().nullable(),
    actorKind: z.enum(['terminal', 'user', 'key', 'program']),
    actorId: z.string(),
    actorName: z.string(),
    appid: z.string().nullable(),
    target: z.string().nullable(),
    input: z.record(z.string(), z.unknown()),
    before: z.unknown(),
    after: z.unknown(),
    source: z.string().nullable(),
    requestId: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry' });

const keyParams = z.object({ id: z.string().min(1).max(64) });

/** Who may do what, and who did. */
export const accessRoutes = defineRoutes({
  'GET /v1/me': {
    name: 'me.show',
    summary: { en: 'Who asks, and what they may do.', zh: '当前身份与权限。' },
    permission: 'known',
    account: null,
    ...reads,
    answers: { 200: me },
  },
  'GET /v1/keys': {
    name: 'keys.list',
    summary: {
      en: 'API keys, the newest first, without their secrets.',
      zh: 'API 密钥列表，最新的在前，不含密钥本身。',
    },
    permission: 'user.manage',
    account: null,
    ...reads,
    query: listQuery({}),
    answers: { 200: page(key) },
  },
  'POST /v1/keys': {
    name: 'keys.create',
    summary: {
      en: 'Makes an API key. This answer is the only one that ever shows it.',
      zh: '创建 API 密钥。密钥只在本次应答中显示一次。',
    },
    permission: 'user.manage',
    account: null,
    audit: 'change',
    idempotency: 'sealed-key',
    rate: 'normal',
    body: keyRequest,
    answers: { 201: key.extend({ key: z.string() }) },
  },
  'DELETE /v1/keys/{id}': {
    name: 'keys.revoke',
    summary: {
      en: 'Ends an API key; other nodes notice within two seconds. It stays in the list.',
      zh: '吊销 API 密钥；其他节点两秒内生效。密钥仍留在列表中。',
    },
    permission: 'user.manage',
    account: null,
    ...changes,
    params: keyParams,
    answers: { 200: key },
  },
  'GET /v1/audit': {
    name: 'audit.list',
    summary: {
      en: 'What was changed, exported and refused: who, when, from where, before and after. The newest first.',
      zh: '审计记录：谁在何时从哪里更改、导出或被拒绝，以及更改前后。最新的在前。',
    },
    permission: 'audit.read',
    account: 'filtered',
    ...reads,
    query: listQuery({
      appid: appid.optional(),
      /** `keys.create` */
      action: z.string().min(1).max(64).optional(),
      /** Name of a member, key or program, as the entries show it; capitals or not. */
      who: z.string().min(1).max(128).optional(),
      outcome: auditOutcome.optional(),
      /** From then on. */
      from: timeGiven.optional(),
      /** Before then. */
      to: timeGiven.optional(),
    }),
    answers: { 200: page(auditEntry) },
  },
});
