import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loggedError } from '../src/cli/output/log.ts';
import { createPool, type Pool } from '../src/store/database/pool.ts';
import { WechatError } from '../src/wechat/error.ts';
import { createTestDatabase } from './support/postgres.ts';

let pool: Pool;
before(async () => {
  pool = createPool((await createTestDatabase()).connection);
});
after(async () => {
  await pool.end();
});

const openid = 'oTjywVfABsyzZ287Jb9ptGlpSVs2';

/** Errors of PostgreSQL that quote a row in `detail`, and in `where`. */
const statements = [
  `create temp table people (openid text primary key); insert into people values ('${openid}'), ('${openid}')`,
  `do $$ declare n integer; begin execute 'select 1/0 /* ${openid} */' into n; end $$`,
];

test('logs of a database error what and where it was, and no row', async () => {
  for (const statement of statements) {
    const error: unknown = await pool.query(statement).then(
      () => assert.fail('it should be refused'),
      (thrown: unknown) => thrown,
    );
    assert.ok(JSON.stringify(error).includes(openid), 'PostgreSQL itself quotes the row');
    const logged = JSON.stringify(loggedError(new Error('storing failed', { cause: error })));
    assert.ok(!logged.includes(openid), logged);
    assert.match(logged, /storing failed: (?:duplicate key|division by zero)/);
    const { code } = error as { code: string }; // an error of pg
    assert.match(JSON.stringify(loggedError(error)), new RegExp(`"code":"${code}"`));
  }
});

test('logs of a refused call leave out what the answer said beyond its errcode', () => {
  const error = new WechatError({
    errcode: 45171,
    errmsg: 'some failed',
    method: 'POST',
    path: '/cgi-bin/tags/members/batchtagging',
    answer: { fail_openid_list: [openid] },
  });
  assert.deepEqual(error.answer.fail_openid_list, [openid]);
  const logged = JSON.stringify(loggedError(error));
  assert.match(logged, /45171/);
  assert.ok(!logged.includes(openid), logged);
});
