import { z } from 'zod';
import { defineRoutes } from './route.ts';

export const nodesRoutes = defineRoutes({
  'GET /v1/nodes': {
    name: 'nodes.list',
    summary: {
      en: 'The processes that plan and deliver at this moment.',
      zh: '当前在计划与推送的进程（节点）。',
    },
    permission: 'node.read',
    account: null,
    audit: 'none',
    idempotency: 'safe',
    rate: 'normal',
    answers: {
      200: z.object({
        nodes: z.array(z.object({ role: z.string(), host: z.string(), pid: z.number().int() })),
      }),
    },
  },
});
