import type { FastifyInstance } from 'fastify';
import { nodesAnswer } from '../../contract/nodes.ts';
import { liveNodes } from '../../store/database/nodes.ts';
import type { ServerDeps } from '../deps.ts';
import type { ZodTypes } from '../zod.ts';

export function nodeRoutes(app: FastifyInstance, { store }: ServerDeps): void {
  app
    .withTypeProvider<ZodTypes>()
    .get('/nodes', { schema: { response: { 200: nodesAnswer } } }, async (_, reply) => {
      const nodes = await liveNodes(store.pool);
      return reply.send({
        nodes: nodes.map(({ role, host, pid }) => ({ role, host, pid })),
      });
    });
}
