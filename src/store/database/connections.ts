import { failure } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { nodeConnections } from '../store.ts';
import { liveNodes } from './nodes.ts';
import type { Pool } from './pool.ts';

/** A process that delivers never has fewer in its pool: two listen, the others store what it does. */
export const keptConnections = 5;
/** With those of its background jobs, and one more. */
const fewestPerNode = 8;
/** For commands beside the nodes. */
const spareConnections = 10;

export interface ConnectionLimits {
  maxConnections: number;
  /** Of `maxConnections`, kept for superusers and other roles. */
  reserved: number;
  /** What this user may open, a limit of its own and of the database included. */
  usable: number;
}

/** How many connections the server lets this user open. Behind a pooler (PgBouncer) this is the server's, not the pooler's. */
export async function connectionLimits(pool: Pool): Promise<ConnectionLimits> {
  const result = await pool.query<ConnectionLimits>(
    `with limits as (
       select current_setting('max_connections')::integer as max,
         case when r.rolsuper then 0 else current_setting('superuser_reserved_connections')::integer
           + case when exists (select 1 from pg_roles k where k.rolname = 'pg_use_reserved_connections' and pg_has_role(k.oid, 'member'))
               then 0 else coalesce(current_setting('reserved_connections', true)::integer, 0) end end as reserved,
         nullif(r.rolconnlimit, -1) as of_role, nullif(d.datconnlimit, -1) as of_database, r.rolsuper as super
       from pg_roles r, pg_database d where r.rolname = current_user and d.datname = current_database())
     select max as "maxConnections", reserved,
       case when super then max else least(max - reserved, of_role, of_database) end as usable from limits`,
  );
  return result.rows[0]!; // current_user and current_database exist
}

/** What the nodes of an installation may use of it. */
export interface ConnectionNeed extends ConnectionLimits {
  /** Nodes that work now, and those that are to be started. */
  nodes: number;
  perNode: number;
  /** What the nodes, and commands beside them, may use. */
  wanted: number;
  /** `max_connections` with which that is enough. */
  need: number;
}

/** @param processes so many more nodes are to be started */
export async function connectionNeed(pool: Pool, processes = 0): Promise<ConnectionNeed> {
  const [limits, living] = await Promise.all([connectionLimits(pool), liveNodes(pool)]);
  const nodes = living.length + processes;
  const wanted = nodes * nodeConnections + spareConnections;
  return { ...limits, nodes, perNode: nodeConnections, wanted, need: wanted + limits.reserved };
}

/**
 * Looks whether the server has room for `processes` nodes beside those that work already: warns when it may become
 * tight, and throws `DATABASE_CONNECTIONS_FEW` when not even these could work.
 */
export async function requireConnections(pool: Pool, logger: Logger, processes: number): Promise<void> {
  const found = await connectionNeed(pool, processes);
  const { nodes, wanted, need, perNode, ...limits } = found;
  if (wanted <= limits.usable) return;
  if (processes * fewestPerNode > limits.usable) {
    throw failure(
      'DATABASE_CONNECTIONS_FEW',
      {
        ...{
          usable: limits.usable,
          maxConnections: limits.maxConnections,
          reserved: limits.reserved,
          processes,
        },
        ...{ fewest: processes * fewestPerNode, each: perNode, need: String(need) },
      },
      { details: { ...limits, nodes, wanted } },
    );
  }
  logger.warn(
    { ...limits, nodes, perNode, wanted },
    'the database has fewer connections than its nodes may use: some will wait; raise max_connections, or start fewer nodes',
  );
}
