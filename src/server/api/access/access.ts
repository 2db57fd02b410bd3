import type { z } from 'zod';
import { listAudit } from '../../../app/access/audit.ts';
import { createKey, listKeys, revokeKey } from '../../../app/access/keys.ts';
import type { Actor } from '../../../app/actor.ts';
import type { accessRoutes, me } from '../../../contract/access/access.ts';
import { isPermission, isRole, permissions } from '../../../contract/permissions.ts';
import type { ApiKey } from '../../../store/access/keys.ts';
import { type Handlers, via } from '../../register.ts';

export const accessHandlers: Handlers<typeof accessRoutes> = {
  'GET /v1/me': async ({ actor }) => shownActor(actor),

  'GET /v1/keys': via(
    listKeys,
    ({ query }) => ({ limit: query.limit, cursor: query.cursor ?? null }),
    ({ data, next }) => ({ data: data.map(shownKey), next }),
  ),
  'POST /v1/keys': via(
    createKey,
    ({ body }) => ({ ...body, expiresAt: body.expiresAt === null ? null : new Date(body.expiresAt) }),
    ({ key, ...made }) => ({ ...shownKey(made), key }),
  ),
  'DELETE /v1/keys/{id}': via(
    revokeKey,
    ({ params }) => ({ id: params.id }),
    (key) => shownKey(key),
  ),

  'GET /v1/audit': via(
    listAudit,
    ({ query }) => ({
      appid: query.appid ?? null,
      action: query.action ?? null,
      who: query.who ?? null,
      outcome: query.outcome ?? null,
      from: query.from === undefined ? null : new Date(query.from),
      to: query.to === undefined ? null : new Date(query.to),
      limit: query.limit,
      cursor: query.cursor ?? null,
    }),
    ({ data, next }) => ({ data: data.map((entry) => ({ ...entry, at: entry.at.toISOString() })), next }),
  ),
};

export function shownActor(actor: Actor): z.input<typeof me> {
  return {
    kind: actor.kind,
    id: actor.id,
    name: actor.name,
    role: actor.role !== undefined && isRole(actor.role) ? actor.role : null,
    permissions: actor.permissions === 'all' ? [...permissions] : [...actor.permissions],
    accounts: actor.accounts === 'all' ? null : [...actor.accounts],
  };
}

function shownKey(key: ApiKey) {
  const iso = (time: Date | null): string | null => time?.toISOString() ?? null;
  return {
    id: key.id,
    name: key.name,
    permissions: key.permissions.filter(isPermission),
    accounts: key.accounts,
    ratePerS: key.ratePerS,
    createdAt: key.createdAt.toISOString(),
    createdBy: key.createdBy,
    expiresAt: iso(key.expiresAt),
    lastUsedAt: iso(key.lastUsedAt),
    lastUsedFrom: key.lastUsedFrom,
    revokedAt: iso(key.revokedAt),
  };
}
