import { hostname } from 'node:os';
import type { ClientBase } from 'pg';
import { errorCode, failure } from '../../base/errors.ts';
import type { Pool, Queryable } from './pool.ts';

export interface Node {
  id: string;
  host: string;
  pid: number;
  role: 'serve' | 'worker' | 'push' | 'demo';
  version: string;
  startedAt: Date;
  seenAt: Date;
  /** Of the secret keys that it has, the one that it seals with first; null: of a version that has one. */
  keyIds: string[] | null;
}

/** A node is dead when it was not seen for this long, seconds. */
export const nodeTimeoutSeconds = 15;

/**
 * Says that this process delivers, and takes a lease for it under a new epoch, at least `epoch`: single messages that it
 * claims belong to it for as long as it renews the lease.
 *
 * @returns the epoch, and how many renewals there are now
 */
export async function takeNodeLease(
  pool: Pool,
  node: { id: string; role: Node['role']; version: string; keyIds?: readonly string[] },
  epoch: number,
  leaseMs: number,
): Promise<{ epoch: number; beat: number }> {
  const result = await pool.query<{ epoch: number; beat: number }>(
    // Behind whoever brings another key in: that one has seen this node, or this node sees the key, and does not begin.
    `with fit as materialized (select id from installation where $8::text[] is null or key_id = any ($8)
       and (next_key_id is null or next_key_id = any ($8)) and ($8)[1] in (key_id, next_key_id) for share)
     insert into nodes (id, host, pid, role, version, epoch, lease_until, key_ids)
     select $1, $2, $3, $4, $5, $6, steady_now() + make_interval(secs => $7::double precision / 1000), $8 from fit
     on conflict (id) do update set seen_at = steady_now(), epoch = greatest(nodes.epoch + 1, excluded.epoch),
       lease_until = excluded.lease_until, beat = nodes.beat + 1
     returning epoch, beat`,
    [node.id, hostname(), process.pid, node.role, node.version, epoch, leaseMs, node.keyIds ?? null],
  );
  const [lease] = result.rows;
  if (lease === undefined) throw failure('SECRET_KEY_MISMATCH/changed', {});
  return lease;
}

/**
 * Says that this process is alive and renews its lease; null when another node has fenced it, or removed its row.
 *
 * @returns how many renewals there are now
 */
export async function renewNodeLease(
  pool: Pool,
  id: string,
  epoch: number,
  leaseMs: number,
): Promise<number | null> {
  const result = await pool.query<{ beat: number }>({
    name: 'renew-node-lease',
    // A lease that is over and that nobody has fenced is still this node's: after a pause of the database all are over.
    text: `update nodes set seen_at = steady_now(), lease_until = steady_now() + make_interval(secs => $3::double precision / 1000),
        beat = beat + 1
      where id = $1 and epoch = $2 returning beat`,
    values: [id, epoch, leaseMs],
  });
  return result.rows[0]?.beat ?? null;
}

/**
 * Raises the epoch of nodes whose lease is over and which have messages: from then on they may not send them.
 *
 * @param leasesEndBy steady time: leases that end later are not over, whatever the database's clock says; null: it is believed
 */
export async function fenceDeadNodes(pool: Pool, leasesEndBy: Date | null = null): Promise<number> {
  const result = await pool.query({
    name: 'fence-dead-nodes',
    text: `update nodes n set epoch = epoch + 1 where lease_until < least((select steady_now()), $1::timestamptz)
      and exists (select 1 from open_messages o where o.owner = n.id and o.epoch = n.epoch)`,
    values: [leasesEndBy ?? 'infinity'],
  });
  return result.rowCount ?? 0;
}

/** Says for nodes of this process that a server on this timeline has forgotten nothing that they knew of. */
export async function confirmTimeline(
  client: ClientBase,
  ids: readonly string[],
  timeline: number | null,
): Promise<void> {
  await client.query(
    'update hongyan.nodes set confirmed_timeline = $2 where id = any ($1::uuid[]) and confirmed_timeline is distinct from $2',
    [ids, timeline],
  );
}

export async function removeNode(pool: Pool, id: string): Promise<void> {
  await pool.query("delete from nodes where id = $1 or seen_at < steady_now() - interval '1 day'", [id]);
}

/** Nodes that were seen lately, without those of this machine whose process is gone (kill -9). */
export async function liveNodes(pool: Queryable): Promise<Node[]> {
  const { rows } = await pool.query<Node>(
    `select id, host, pid, role, version, started_at as "startedAt", wall_of(seen_at) as "seenAt", key_ids as "keyIds" from nodes
     where seen_at > (select steady_now()) - make_interval(secs => $1) order by started_at`,
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
