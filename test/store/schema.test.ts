import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { migrate } from '../../src/store/database/migrate.ts';
import { createPool, type Pool } from '../../src/store/database/pool.ts';
import { dumpSchema } from '../support/house/schema-dump.ts';
import { readSource } from '../support/house/source-text.ts';
import { until } from '../support/in-time.ts';
import { createTestDatabase } from '../support/postgres.ts';

const committed = new URL('../../sql/schema.sql', import.meta.url);

/** An empty database and a pool on it, for one test. */
async function withDatabase(work: (pool: Pool, url: string) => Promise<void>): Promise<void> {
  const database = await createTestDatabase();
  const pool = createPool(database.connection);
  try {
    await work(pool, database.url);
  } finally {
    await pool.end();
    await database.drop();
  }
}

async function appliedAt(pool: Pool): Promise<unknown[]> {
  return (await pool.query('select number, name, applied_at::text from schema_migrations order by number'))
    .rows;
}

test('sql/schema.sql is what the migrations add up to', async () => {
  await withDatabase(async (pool) => {
    await migrate(pool);
    const expected = await dumpSchema(pool);
    assert.equal(await readFile(committed, 'utf8'), expected, 'run: npm run schema');
  });
});

test('sql/schema.sql builds the same schema again', async () => {
  const text = await readFile(committed, 'utf8');
  await withDatabase(async (pool) => {
    await pool.query(text);
    assert.equal(await dumpSchema(pool), text);
  });
});

test('the dump tells every kind of difference, and refuses kinds that it does not know', async () => {
  await withDatabase(async (pool) => {
    await migrate(pool);
    const before = await dumpSchema(pool);
    const changes = [
      'alter table nodes add column more text',
      'alter table nodes alter column host drop not null',
      "alter table nodes alter column host set default 'x'",
      'alter table nodes alter column pid type bigint',
      'alter table nodes alter column host set storage external',
      'alter table nodes add check (pid > 0)',
      'alter table nodes set (fillfactor = 70)',
      'alter table contacts drop constraint contacts_appid_fkey',
      'create index nodes_seen on nodes (seen_at)',
      'drop index campaigns_key',
      "comment on table nodes is 'other'",
      "comment on column nodes.pid is 'other'",
      'drop table nodes',
    ];
    for (const change of changes) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await client.query(change);
        // The dump asks for the statements that one connection can give it.
        assert.notEqual(await dumpSchema(client), before, change);
      } finally {
        await client.query('rollback');
        client.release();
      }
    }
    await pool.query('create view active as select 1 as one');
    await assert.rejects(dumpSchema(pool), /relation active/);
  });
});

test('a second migration changes nothing', async () => {
  await withDatabase(async (pool) => {
    await migrate(pool);
    const [schema, applied] = [await dumpSchema(pool), await appliedAt(pool)];
    assert.ok(applied.length > 0);
    await migrate(pool);
    assert.deepEqual([await dumpSchema(pool), await appliedAt(pool)], [schema, applied]);
  });
});

const migrateAlone = `
  const { createPool } = await import(process.argv[1]);
  const { migrate } = await import(process.argv[2]);
  const pool = createPool({ connectionString: process.argv[3] });
  await migrate(pool);
  await pool.end();
`;

/** Migrates in a process of its own; resolves with its exit code and what it complained about. */
function migrateInProcess(url: string): Promise<{ code: number | null; text: string }> {
  const parts = ['pool.ts', 'migrate.ts'].map(
    (name) => new URL(`../../src/store/database/${name}`, import.meta.url).href,
  );
  const child = spawn(process.execPath, ['--input-type=module', '-e', migrateAlone, ...parts, url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text }));
  });
}

test('two processes that start at once migrate once, and both go on', async () => {
  await withDatabase(async (pool, url) => {
    const holder = await pool.connect();
    try {
      // The migrator's lock, held until both stand before it: the race is forced.
      await holder.query('select pg_advisory_lock($1)', [0x686f6e677961]);
      const processes = [migrateInProcess(url), migrateInProcess(url)];
      const waiting = async (): Promise<number> =>
        (
          await pool.query<{ n: number }>(
            `select count(*) as n from pg_locks where locktype = 'advisory' and not granted
               and database = (select oid from pg_database where datname = current_database())`,
          )
        ).rows[0]?.n ?? 0;
      let ended = 0;
      for (const process of processes) void process.finally(() => ended++);
      await until('both stand before it', async () => {
        assert.equal(ended, 0, 'a process went on without the lock');
        return (await waiting()) === 2;
      });
      await holder.query('select pg_advisory_unlock($1)', [0x686f6e677961]);
      assert.deepEqual(await Promise.all(processes), [
        { code: 0, text: '' },
        { code: 0, text: '' },
      ]);
    } finally {
      holder.release();
    }
    assert.equal(await dumpSchema(pool), await readFile(committed, 'utf8'));
  });
});

test('an older process refuses a newer breaking schema, and works with a harmless one', async () => {
  await withDatabase(async (pool) => {
    await migrate(pool);
    await pool.query(
      "insert into schema_migrations (number, name, breaking) values (9000, '9000_x.sql', false)",
    );
    await migrate(pool);
    await pool.query(
      "insert into schema_migrations (number, name, breaking) values (9001, '9001_y.sql', true)",
    );
    await assert.rejects(migrate(pool), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'SCHEMA_TOO_NEW');
      assert.match(error.message, /9001_y\.sql/);
      assert.doesNotMatch(error.message, /9000_x/);
      return true;
    });
    await pool.query('delete from schema_migrations where number = 9001');
    await migrate(pool);
  });
});

test('a database with other migrations under the same numbers is refused, and stays as it is', async () => {
  await withDatabase(async (pool) => {
    await migrate(pool, 2);
    await pool.query("update schema_migrations set name = '0002_pace.sql' where number = 2");
    const before = [await dumpSchema(pool), await appliedAt(pool)];
    await assert.rejects(migrate(pool), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'SCHEMA_FOREIGN');
      assert.match(error.message, /0002_pace\.sql/);
      return true;
    });
    assert.deepEqual([await dumpSchema(pool), await appliedAt(pool)], before);
  });
});

test('each migration has a number of its own and says on its first line whether it breaks older processes', async () => {
  const names = (await readdir(new URL('../../sql/', import.meta.url))).filter(
    (name) => name !== 'schema.sql',
  );
  assert.deepEqual(
    names.filter((name) => !/^\d{4}_[a-z0-9_]+\.sql$/.test(name)),
    [],
  );
  // A gap is harmless; a number that is there twice would be applied once.
  const numbers = names.map((name) => Number(name.slice(0, 4)));
  assert.deepEqual(
    names.filter((_, i) => numbers.indexOf(numbers[i] ?? 0) !== i),
    [],
  );
  for (const name of names) {
    const [, ...rest] = (await readFile(new URL(`../../sql/${name}`, import.meta.url), 'utf8')).split('\n');
    assert.ok(!rest.some((line) => /^--\s*breaking/i.test(line)), `${name}: -- breaking belongs on line 1`);
  }
});

/** Places where a statement would hand out a msgid as bigint, which JavaScript rounds from 2^53 on. */
function roundedMsgids(statement: string): string[] {
  const found: string[] = [];
  // What an inner list gives to an outer statement, or to an insert, never reaches JavaScript.
  const reaches = (at: number): boolean =>
    depthAt(statement, at) === 0 && !/^\s*(?:with\b[\s\S]*\)\s*)?insert\b/i.test(statement.slice(0, at));
  for (const { index, 0: keyword } of statement.matchAll(/\b(?:select|returning)\b/gi)) {
    if (keyword.toLowerCase() === 'select' ? !reaches(index) : depthAt(statement, index) > 0) continue;
    const rest = statement.slice(index);
    const list = rest.slice(0, /\b(?:from|where)\b|$/i.exec(rest)?.index).trim();
    if (/(?<!\bas )\bmsgid\b(?!\s*::\s*text)/i.test(list)) found.push(list);
    if (/(?:^select\s+|,\s*|\.)\*/i.test(list) && /\bfacts\b/.test(statement)) found.push(list);
  }
  return found;
}

function depthAt(text: string, at: number): number {
  let depth = 0;
  for (const char of text.slice(0, at)) depth += char === '(' ? 1 : char === ')' ? -1 : 0;
  return depth;
}

test('every msgid leaves the database as text', async () => {
  assert.deepEqual(roundedMsgids('select no, msgid::text as msgid from facts'), []);
  assert.deepEqual(roundedMsgids('select f.msgid::text from (select msgid from facts) f'), []);
  assert.deepEqual(roundedMsgids('insert into facts (msgid) select t.msgid from unnest($1) t'), []);
  assert.equal(roundedMsgids('select no, msgid from facts').length, 1);
  assert.equal(roundedMsgids('select f.msgid as id from facts f').length, 1);
  assert.equal(roundedMsgids('insert into facts (msgid) values ($1) returning msgid').length, 1);
  assert.deepEqual(
    roundedMsgids('with a as (insert into facts (msgid) values ($1) returning msgid) select 1 from a'),
    [],
  );
  assert.equal(roundedMsgids('select * from facts').length, 1);
  assert.equal(roundedMsgids('select c.id, f.* from facts f').length, 1);
  assert.equal(roundedMsgids('with a as (select 1) select msgid from facts').length, 1);

  const store = new URL('../../src/store/', import.meta.url);
  let statements = 0;
  for (const name of (await readdir(store, { recursive: true })).filter((one) => one.endsWith('.ts'))) {
    for (const { text } of readSource(await readFile(new URL(name, store), 'utf8')).strings) {
      if (!/\bfacts\b/.test(text)) continue;
      statements++;
      assert.deepEqual(roundedMsgids(text), [], name);
    }
  }
  assert.ok(statements > 3, 'no statements were found');
});
