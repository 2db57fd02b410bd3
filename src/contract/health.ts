import { z } from 'zod';

/** `GET /healthz`: 200 while the database answers, 503 otherwise. */
export const healthAnswer = z.object({
  status: z.enum(['ok', 'no database']),
  version: z.string(),
});
