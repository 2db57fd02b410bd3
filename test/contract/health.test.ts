import assert from 'node:assert/strict';
import { until } from '../support/cli.ts';
import { contractSite, row } from '../support/contract.ts';

const site = await contractSite();
const { pool } = site.store;

/** Asks as a load balancer does, until what it is told changes: an answer holds for a second. */
async function told(reason: string | null): Promise<void> {
  await until(`it says ${reason}`, async () => {
    const { status, body } = await site.call('GET /readyz', { as: null });
    const problem = body as { code?: string; reason?: string };
    if (reason === null) return status === 200;
    if (problem.reason !== reason) return false;
    assert.deepEqual([status, problem.code], [503, 'NOT_READY']);
    return true;
  });
}

row('GET /healthz', 'says to anybody that the process is alive', async () => {
  const { status, body } = await site.call('GET /healthz', { as: null });
  assert.deepEqual([status, body], [200, { status: 'ok', version: 'test' }]);
});

row('GET /readyz', 'follows the schema: newer ones do no harm unless they are breaking', async () => {
  const { status, body } = await site.call('GET /readyz', { as: null });
  assert.deepEqual([status, body], [200, { status: 'ready', version: 'test' }]);

  await pool.query("insert into schema_migrations values (9999, '9999_later.sql', true)");
  await told('schema');
  const { headers, body: problem } = await site.call('GET /readyz', {
    as: null,
    headers: { 'accept-language': 'zh-CN' },
  });
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
  assert.match((problem as { detail: string }).detail, /数据库结构与本版本不符/);
  assert.equal((await site.call('GET /healthz', { as: null })).status, 200);

  await pool.query('update schema_migrations set breaking = false where number = 9999');
  await told(null);
  await pool.query('delete from schema_migrations where number = 9999');

  // Put back to what an older version left.
  await pool.query('create table kept as table schema_migrations');
  await pool.query(
    'delete from schema_migrations where number = (select max(number) from schema_migrations)',
  );
  await told('schema');
  await pool.query('delete from schema_migrations');
  await pool.query('insert into schema_migrations table kept');
  await told(null);
  await pool.query('alter table schema_migrations rename to away');
  await told('schema');
  await pool.query('alter table away rename to schema_migrations');
  await told(null);
});

row('GET /readyz', 'follows the lease of the node, without which nothing is sent', async () => {
  await pool.query(
    "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$",
  );
  await pool.query('create trigger no before insert or update on nodes execute function refuse()');
  await told('lease');
  await pool.query('drop function refuse() cascade');
  await told(null);
});
