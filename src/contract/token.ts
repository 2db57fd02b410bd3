import { z } from 'zod';
import { defineRoutes } from './route.ts';
import { appid } from './shapes.ts';

export const tokenRoutes = defineRoutes({
  'GET /v1/accounts/{appid}/token': {
    name: 'token.lend',
    summary: {
      en: "Lends the account's access_token, so that no other program fetches one and ends ours. Each time is in the audit.",
      zh: '取用账号的 access_token，避免其他程序各自获取而互相失效。每次取用都记入审计。',
    },
    permission: 'token.lend',
    account: 'params.appid',
    audit: 'export',
    idempotency: 'safe',
    rate: 'normal',
    params: z.object({ appid }),
    // As WeChat's own answer, so that whatever read that reads this.
    answers: { 200: z.object({ access_token: z.string(), expires_in: z.number().int() }) },
  },
});
