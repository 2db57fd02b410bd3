import type { Queryable } from '../database/pool.ts';
import type { Manifest } from './manifest.ts';

/** Of this moment only, or nobody's in another place: who runs, who is signed in, what streams were told, what is wrong, which backups lie here. */
const passing = [
  'schema_migrations',
  'nodes',
  'node_stats',
  'node_blocks',
  'sessions',
  'password_links',
  'stream_log',
  'incidents',
  'incident_tellings',
  'incident_looks',
  'backups',
  'backup_wanted',
];

export interface Table {
  name: string;
  columns: string[];
}

/** What is backed up, each table after those that it refers to. */
export async function tablesToKeep(database: Queryable): Promise<Table[]> {
  const { rows } = await database.query<Table & { refers: string[] }>(
    `select c.relname as name,
       (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
       coalesce((select array_agg(distinct f.confrelid::regclass::text) from pg_constraint f
        where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid), '{}') as refers
     from pg_class c where c.relnamespace = 'hongyan'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> all ($1::text[]) order by c.relname`,
    [passing],
  );
  const ordered: Table[] = [];
  let left = rows;
  while (left.length > 0) {
    const done = new Set(ordered.map(({ name }) => name));
    const next = left.filter(({ refers }) =>
      refers.every((one) => done.has(bare(one)) || passing.includes(bare(one))),
    );
    // Two that refer to each other could not be filled one after the other; no two do.
    if (next.length === 0)
      throw new Error(`tables refer to each other: ${left.map(({ name }) => name).join(', ')}`);
    ordered.push(...next.map(({ name, columns }) => ({ name, columns })));
    left = left.filter((one) => !next.includes(one));
  }
  return ordered;
}

function bare(name: string): string {
  return name.replace(/^hongyan\./, '');
}

export async function partitionsOf(database: Queryable): Promise<Manifest['partitions']> {
  const { rows } = await database.query<Manifest['partitions'][number]>(
    `select c.relname as name, p.relname as of, pg_get_expr(c.relpartbound, c.oid) as bounds
     from pg_class c join pg_inherits i on i.inhrelid = c.oid join pg_class p on p.oid = i.inhparent
     where c.relnamespace = 'hongyan'::regnamespace and c.relispartition and c.relkind in ('r', 'p') order by c.relname`,
  );
  return rows;
}

export async function sequencesOf(database: Queryable): Promise<Manifest['sequences']> {
  const { rows } = await database.query<{ table: string; column: string; last: string }>(
    `select c.relname as table, a.attname as column, coalesce(pg_sequence_last_value(s.oid), 0)::text as last
     from pg_class s join pg_depend d on d.objid = s.oid and d.deptype in ('i', 'a') and d.classid = 'pg_class'::regclass
       join pg_class c on c.oid = d.refobjid join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
     where s.relkind = 'S' and c.relnamespace = 'hongyan'::regnamespace order by 1, 2`,
  );
  return rows;
}
