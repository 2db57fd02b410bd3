import type { nodesRoutes } from '../../contract/nodes.ts';
import { liveNodes } from '../../store/database/nodes.ts';
import type { Handlers } from '../register.ts';

export const nodesHandlers: Handlers<typeof nodesRoutes> = {
  'GET /v1/nodes': async ({ deps: { store } }) => {
    const nodes = await liveNodes(store.pool);
    return { nodes: nodes.map(({ role, host, pid }) => ({ role, host, pid })) };
  },
};
