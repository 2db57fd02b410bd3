import { hostname } from 'node:os';
import { errorCode } from '../base/errors.ts';
import type { Pool } from './pool.ts';

export interface Node {
  id: string;
  host: string;
  pid: number;
  role: 'serve' | 'push' | 'demo';
  seenAt: Date;
}

/** A node is dead when it was not seen for this long, seconds. */
export const nodeTimeoutSeconds = 15;

/** Says that this process delivers; called at start and every few seconds. */
export async function seeNode(
  pool: Pool,
  node: { id: string; role: Node['role']; version: string },
): Promise<void> {
  await pool.query(
    `insert into nodes (id, host, pid, role, version) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set seen_at = clock_timestamp()`,
    [node.id, hostname(), process.pid, node.role, node.version],
  );
}

export async function removeNode(pool: Pool, id: string): Promise<void> {
  await pool.query("delete from nodes where id = $1 or seen_at < clock_timestamp() - interval '1 day'", [id]);
}

/** Nodes that were seen lately, without those of this machine whose process is gone (kill -9). */
export async function liveNodes(pool: Pool): Promise<Node[]> {
  const { rows } = await pool.query<Node>(
    `select id, host, pid, role, seen_at as "seenAt" from nodes
     where seen_at > clock_timestamp() - make_interval(secs => $1) order by started_at`,
    [nodeTimeoutSeconds],
  );
  return rows.filter((node) => node.host !== hostname() || processExists(node.pid));
}

/** False only for certain: a container with this host's name has other process ids, and then one worker too many runs. */
function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
