import { z } from 'zod';
import { bytes, defineRoutes } from '../route.ts';
import { appid } from '../shapes.ts';

const params = z.object({ appid });

/** What WeChat calls (服务器地址 URL). Its signature is its key, and its answers are WeChat's and not problems. */
export const callbackRoutes = defineRoutes({
  'GET /callback/{appid}': {
    name: 'callback.verify',
    summary: { en: 'WeChat asks whether the URL is ours.', zh: '微信验证服务器地址。' },
    permission: 'public',
    account: null,
    audit: 'none',
    idempotency: 'safe',
    rate: 'free',
    anyQuery: true,
    params,
    answers: { 200: bytes('text/plain') },
  },
  'POST /callback/{appid}': {
    name: 'callback.take',
    summary: { en: 'WeChat pushes what happened to an account.', zh: '微信推送账号上发生的事件与消息。' },
    permission: 'public',
    account: null,
    audit: 'none',
    idempotency: 'repeatable',
    rate: 'free',
    anyQuery: true,
    params,
    body: bytes('text/xml', 'application/json'),
    answers: { 200: bytes('text/plain') },
  },
});
