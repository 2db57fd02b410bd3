import { liveNodes, type Node } from '../../store/database/nodes.ts';
import { action } from '../action.ts';

export type { Node };

/** The processes that plan and deliver at this moment, the oldest first. */
export const listNodes = action<Record<string, never>, { nodes: Node[] }>(
  { name: 'nodes.list', permission: 'node.read', audit: 'none' },
  async ({ store: { pool } }) => ({ nodes: await liveNodes(pool) }),
);
