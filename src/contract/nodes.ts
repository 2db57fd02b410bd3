import { z } from 'zod';

/** `GET /v1/nodes`: the processes that plan and deliver at this moment. */
export const nodesAnswer = z.object({
  nodes: z.array(z.object({ role: z.string(), host: z.string(), pid: z.number().int() })),
});
