import type { Pool } from '../../src/store/database/pool.ts';

/** Makes a planned campaign one of so many recipients that ended without sending, as rows alone: no plan of ten million is waited for. */
export async function lengthen(pool: Pool, id: number, rows: number): Promise<void> {
  await pool.query('delete from recipients where campaign_id = $1', [id]);
  await pool.query('delete from chunks where campaign_id = $1', [id]);
  const step = 250_000;
  for (let first = 1; first <= rows; first += step)
    await pool.query(
      `insert into recipients (campaign_id, no, line, openid)
       select $1, n, n, 'oLong' || lpad(n::text, 23, '0') from generate_series($2::integer, $3::integer) n`,
      [id, first, Math.min(rows, first + step - 1)],
    );
  await pool.query(
    `insert into chunks (campaign_id, first_no, last_no, state, watermark)
     select $1, n, least(n + 999, $2::integer), 'done', n from generate_series(1, $2::integer, 1000) n`,
    [id, rows],
  );
  await pool.query(
    `update campaigns set state = 'cancelled', state_reason = 'operator', started_at = clock_timestamp(), finished_at = clock_timestamp(),
       audience_count = $2, planned_count = $2, duplicate_count = 0, invalid_count = 0, no_credit_count = 0, unfollowed_count = 0, excluded_count = 0
     where id = $1`,
    [id, rows],
  );
  await pool.query('analyze recipients');
}
