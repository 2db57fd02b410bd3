import type { z } from 'zod';
import type { AccountView } from '../../app/accounts/account-view.ts';
import {
  checkAccount,
  listAccounts,
  pauseAccount,
  removeAccount,
  resumeAccount,
  showAccount,
} from '../../app/accounts/accounts.ts';
import { changeQuota, clearQuota, showQuota } from '../../app/accounts/quota.ts';
import { changeAccount, createAccount } from '../../app/accounts/save-account.ts';
import type { account, accountsRoutes } from '../../contract/accounts.ts';
import { type Handlers, via } from '../register.ts';

export const accountsHandlers: Handlers<typeof accountsRoutes> = {
  'GET /v1/accounts': via(
    listAccounts,
    ({ query: { limit, cursor } }) => ({ limit, cursor: cursor ?? null }),
    ({ data, next }) => ({ data: data.map(answerOf), next }),
  ),
  'POST /v1/accounts': via(
    createAccount,
    ({ body: { check = true, ...input } }) => ({ ...input, check }),
    answerOf,
  ),
  'GET /v1/accounts/{appid}': via(showAccount, ({ params }) => params, answerOf),
  'PATCH /v1/accounts/{appid}': via(
    changeAccount,
    ({ params: { appid }, body }) => ({ appid, changes: body }),
    answerOf,
  ),
  'DELETE /v1/accounts/{appid}': via(
    removeAccount,
    ({ params }) => params,
    (removed) => removed,
  ),
  'POST /v1/accounts/{appid}/check': via(
    checkAccount,
    ({ params }) => params,
    (resumed) => resumed,
  ),
  'POST /v1/accounts/{appid}/pause': via(pauseAccount, ({ params }) => params, answerOf),
  'POST /v1/accounts/{appid}/resume': via(
    resumeAccount,
    ({ params }) => params,
    (resumed) => resumed,
  ),
  'GET /v1/accounts/{appid}/quota': via(
    showQuota,
    ({ params }) => params,
    ({ apis, nextReset, timeZone: _, ...rest }) => ({
      ...rest,
      nextReset: nextReset.toISOString(),
      apis: apis.map(({ path, limit, source, used, left, ours, parkedUntil, reservedUntil }) => ({
        ...{ path, limit, source, used, left, ours },
        parkedUntil: parkedUntil?.toISOString() ?? null,
        reservedUntil: reservedUntil?.toISOString() ?? null,
      })),
    }),
  ),
  'PATCH /v1/accounts/{appid}/quota': via(
    changeQuota,
    ({ params: { appid }, body }) => ({ appid, ...body }),
    () => undefined,
  ),
  'POST /v1/accounts/{appid}/quota/clear': via(
    clearQuota,
    ({ params }) => params,
    (left) => left,
  ),
};

function answerOf({ createdAt, ...rest }: AccountView) {
  return { ...rest, createdAt: createdAt.toISOString() } satisfies z.input<typeof account>;
}
