import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { createTestDatabase, type TestTemplate } from '../support/postgres.ts';

async function query(connection: pg.ClientConfig, statement: string): Promise<unknown[]> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

test('each test database is a clone of the template, which is prepared once', async () => {
  let prepared = 0;
  const template: TestTemplate = {
    name: `fixture-test-${process.pid}`,
    prepare: async (connection) => {
      prepared += 1;
      await query(connection, 'CREATE TABLE geese (name text NOT NULL)');
    },
  };
  const [one, two] = await Promise.all([createTestDatabase({ template }), createTestDatabase({ template })]);
  await query(one.connection, "INSERT INTO geese VALUES ('鸿')");
  assert.deepEqual(await query(two.connection, 'SELECT name FROM geese'), []);
  assert.deepEqual(await query({ connectionString: one.url }, 'SELECT name FROM geese'), [{ name: '鸿' }]);
  assert.equal(prepared, 1);
  await one.drop();
  await one.drop();
  await assert.rejects(query(one.connection, 'SELECT 1'), { code: '3D000' });
});
