import { type AuditEntry, listAudit as listed } from '../../store/access/audit.ts';
import { action } from '../action.ts';
import { cursorOf } from '../page.ts';

export interface AuditQuery {
  /** Of this account only. */
  appid: string | null;
  action: string | null;
  /** Name of a member, key or program, as the list shows it. */
  who: string | null;
  outcome: AuditEntry['outcome'] | null;
  /** From then on, and before then. */
  from: Date | null;
  to: Date | null;
  limit: number;
  /** `next` of the page before. */
  cursor: string | null;
}

/** What was changed, exported and refused, the newest first; of other accounts than the actor's nothing. */
export const listAudit = action<AuditQuery, { data: AuditEntry[]; next: string | null }>(
  { name: 'audit.list', permission: 'audit.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { action: name, limit, cursor, ...wanted }, { actor }) => {
    const found = await listed(pool, {
      ...wanted,
      action: name,
      before: cursorOf(cursor, /^\d{1,18}$/),
      limit: limit + 1,
      accounts: actor.accounts === 'all' ? null : [...actor.accounts],
    });
    const data = found.slice(0, limit);
    return { data, next: found.length > limit ? (data.at(-1)?.id ?? null) : null };
  },
);
