import { z } from 'zod';
import { defineRoutes } from '../route.ts';
import { problem } from '../shapes.ts';

export const healthRoutes = defineRoutes({
  'GET /healthz': {
    name: 'health.show',
    summary: {
      en: 'That this process is alive. Says nothing of the database, without which it waits: whoever restarts it for that gains nothing.',
      zh: '本进程存活。不涉及数据库：数据库断开时进程会等待，重启它没有用处。',
    },
    permission: 'public',
    account: null,
    audit: 'none',
    idempotency: 'safe',
    rate: 'free',
    anyQuery: true,
    answers: { 200: z.object({ status: z.literal('ok'), version: z.string() }) },
  },
  'GET /readyz': {
    name: 'health.ready',
    summary: {
      en: 'Whether this process can do its work: for load balancers. 503 says why not in `reason`.',
      zh: '本进程能否正常工作：供负载均衡使用。503 时 `reason` 指出原因。',
    },
    permission: 'public',
    account: null,
    audit: 'none',
    idempotency: 'safe',
    rate: 'free',
    anyQuery: true,
    answers: { 200: z.object({ status: z.literal('ready'), version: z.string() }), 503: problem },
  },
});
