import type { Pool } from '../database/pool.ts';

export interface AuditRow {
  outcome: 'began' | 'done' | 'refused' | 'failed';
  /** The row that was written when it began. */
  beganId: string | null;
  /** Name of the action, e.g. `campaigns.confirm`. */
  action: string;
  /** Why it was refused or failed; a code of docs/errors.md. */
  code: string | null;
  actorKind: 'terminal' | 'user' | 'key' | 'program';
  actorId: string;
  actorName: string;
  appid: string | null;
  target: string | null;
  /** The fields of the input that the action names; never a secret. */
  input: Record<string, unknown>;
  before: unknown;
  after: unknown;
  source: string | null;
  requestId: string | null;
}

/** Appends a row and returns its id. */
export async function appendAudit(pool: Pool, row: AuditRow): Promise<string> {
  const result = await pool.query<{ id: string }>(
    `insert into audit (outcome, began_id, action, code, actor_kind, actor_id, actor_name, appid, target, input, before,
       after, source, request_id)
     values ($1, $2::bigint, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb, $12::jsonb, $13, $14) returning id::text`,
    [
      row.outcome,
      row.beganId,
      row.action,
      row.code,
      row.actorKind,
      row.actorId,
      row.actorName,
      row.appid,
      row.target,
      JSON.stringify(row.input),
      json(row.before),
      json(row.after),
      row.source,
      row.requestId,
    ],
  );
  const [inserted] = result.rows;
  if (inserted === undefined) throw new Error('an insert returned no row');
  return inserted.id;
}

export interface AuditEntry extends Omit<AuditRow, 'beganId'> {
  id: string;
  at: Date;
}

/**
 * The newest first, before `before` (null: from the newest). What began and has an outcome is one entry; what began and
 * has none, because its process ended, is listed as `began`.
 */
export async function listAudit(
  pool: Pool,
  filter: {
    appid: string | null;
    action: string | null;
    /** Whose name it is, capitals or not. */
    who: string | null;
    outcome: AuditRow['outcome'] | null;
    /** From then on, and before then. */
    from: Date | null;
    to: Date | null;
    before: string | null;
    limit: number;
    /** Only of these; null: of all, and what is of no account. */
    accounts: readonly string[] | null;
  },
): Promise<AuditEntry[]> {
  const result = await pool.query<AuditEntry>(
    `select a.id::text, a.at, a.outcome, a.action, a.code, a.actor_kind as "actorKind", a.actor_id as "actorId",
       a.actor_name as "actorName", a.appid, a.target, a.input, a.before, a.after, a.source, a.request_id as "requestId"
     from audit a
     where ($1::text is null or a.appid = $1) and ($2::text is null or a.action = $2) and ($3::bigint is null or a.id < $3)
       and ($5::text[] is null or a.appid = any ($5::text[]))
       and ($6::text is null or lower(a.actor_name) = lower($6)) and ($7::text is null or a.outcome = $7)
       and ($8::timestamptz is null or a.at >= $8) and ($9::timestamptz is null or a.at < $9)
       and not (a.outcome = 'began' and exists (select 1 from audit b where b.began_id = a.id))
     order by a.id desc limit $4`,
    [
      ...[filter.appid, filter.action, filter.before, filter.limit, filter.accounts],
      ...[filter.who, filter.outcome, filter.from, filter.to],
    ],
  );
  return result.rows;
}

function json(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

/** When an action was last done, as far as the audit goes back; null: never. */
export async function lastDone(pool: Pool, action: string): Promise<Date | null> {
  const { rows } = await pool.query<{ at: Date | null }>(
    "select max(at) as at from audit where action = $1 and outcome = 'done'",
    [action],
  );
  return rows[0]?.at ?? null;
}
