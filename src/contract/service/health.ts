import { z } from 'zod';
import { defineRoutes } from '../route.ts';

/** What `/healthz` says while the database does not answer. */
export const noDatabase = 'no database';

export const healthRoutes = defineRoutes({
  'GET /healthz': {
    name: 'health.show',
    summary: {
      en: 'Whether this process and its database answer: for load balancers and container health checks.',
      zh: '本进程与数据库是否可用：供负载均衡与容器健康检查使用。',
    },
    permission: 'public',
    account: null,
    audit: 'none',
    idempotency: 'safe',
    rate: 'free',
    answers: {
      200: z.object({ status: z.literal('ok'), version: z.string() }),
      503: z.object({ status: z.literal(noDatabase), version: z.string() }),
    },
  },
});
