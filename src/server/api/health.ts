import type { FastifyInstance } from 'fastify';
import { healthAnswer } from '../../contract/health.ts';
import { isDatabaseAlive } from '../../store/database/facts.ts';
import type { ServerDeps } from '../deps.ts';
import type { ZodTypes } from '../zod.ts';

/** For load balancers and container health checks; needs no token and tells nothing of the accounts. */
export function healthRoutes(app: FastifyInstance, { store, version }: ServerDeps): void {
  app
    .withTypeProvider<ZodTypes>()
    .get('/healthz', { schema: { response: { 200: healthAnswer, 503: healthAnswer } } }, async (_, reply) => {
      const isAlive = await isDatabaseAlive(store.pool);
      return reply.code(isAlive ? 200 : 503).send({ status: isAlive ? 'ok' : 'no database', version });
    });
}
