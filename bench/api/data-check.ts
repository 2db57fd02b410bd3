/** Whether rows that were built are of the shape of those that the product wrote, column by column. */
import type { Pool } from '../../src/store/database/pool.ts';

const ofCampaigns = 'campaign_id in (select id from campaigns where appid = $1)';
const tables: Record<string, string> = {
  contacts: 'appid = $1',
  campaigns: 'appid = $1',
  recipients: ofCampaigns,
  chunks: ofCampaigns,
  facts: ofCampaigns,
  chunk_receipts: ofCampaigns,
  messages: 'appid = $1',
  message_facts: 'message_id in (select id from messages where appid = $1)',
  receipts: 'appid = $1',
};

/** Columns whose few values are each side's own: names, numbers and times. */
const own =
  /^(?:appid|id|uuid|sync_id|campaign_id|template_id|fingerprint|node|.*_at|read_until|doubt_from|bucket_ends|flush_group|accepted|rejected|delivered|blocked|at|message|outcomes)$/;

interface Shape {
  rows: number;
  filled: number;
  /** Bytes of a value that is there. */
  size: number | null;
  values: number;
  few: string[];
}

async function shapeOf(pool: Pool, table: string, column: string, appid: string): Promise<Shape> {
  const { rows } = await pool.query<Shape>(
    `select count(*) as rows, count(${column}) as filled, avg(pg_column_size(${column}))::double precision as size,
       count(distinct ${column}::text) as values,
       case when count(distinct ${column}::text) <= 8 then coalesce(array_agg(distinct ${column}::text) filter (where ${column} is not null), '{}') else '{}' end as few
     from ${table} where ${tables[table]}`,
    [appid],
  );
  return rows[0]!; // an aggregate gives one row
}

const share = ({ rows, filled }: Shape): string => (filled === 0 ? 'none' : filled === rows ? 'all' : 'some');
const variety = ({ values, few }: Shape): string => (values <= 1 ? 'one' : few.length > 0 ? 'few' : 'many');

/** What differs between the rows of two accounts; empty when the built ones are as the product's. */
export async function differences(pool: Pool, product: string, built: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of Object.keys(tables)) {
    const { rows: columns } = await pool.query<{ name: string }>(
      `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
      [table],
    );
    for (const { name } of columns) {
      const [one, other] = [
        await shapeOf(pool, table, name, product),
        await shapeOf(pool, table, name, built),
      ];
      const say = (what: string, a: unknown, b: unknown): void =>
        void found.push(`${table}.${name}: ${what} ${String(a)} by the product, ${String(b)} built`);
      if (one.rows === 0 || other.rows === 0) say('rows', one.rows, other.rows);
      if (share(one) !== share(other)) say('filled', share(one), share(other));
      const [a, b] = [one.size ?? 0, other.size ?? 0];
      if (Math.abs(a - b) > Math.max(2, a * 0.1)) say('bytes', a.toFixed(1), b.toFixed(1));
      if (own.test(name)) continue;
      if (variety(one) !== variety(other)) say('values', one.values, other.values);
      if (variety(one) !== 'many' && one.few.join() !== other.few.join()) say('values', one.few, other.few);
    }
  }
  return found;
}
