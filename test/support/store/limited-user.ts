/** A database that belongs to a user who is no superuser and may open so many connections: real refusals (53300). */
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import pg from 'pg';
import type { Connection } from '../../../src/store/database/pool.ts';
import { createTestDatabase, databaseUrl, testServer } from '../postgres.ts';

export interface LimitedUser {
  connection: Connection;
  /** For HONGYAN_DATABASE_URL. */
  url: string;
  /** How many connections it may open from now on; those that are open stay. */
  limit(connections: number): Promise<void>;
  /** Takes so many of them; gives them back when called. */
  hold(connections: number): Promise<() => Promise<void>>;
  /** Its connections that are open, without those that are held. */
  open(): Promise<number>;
  /** Runs a statement in the database as the superuser. */
  asOwner(statement: string): Promise<Record<string, unknown>[]>;
}

export async function makeLimitedUser(): Promise<LimitedUser> {
  const server = (await testServer()).connection;
  const database = await createTestDatabase();
  const user = `limited_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  const asSuperuser = async (statement: string, name: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ ...server, database: name });
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  };
  const { database: name } = database.connection;
  await asSuperuser(`create role ${user} login password '${password}'`, 'postgres');
  await asSuperuser(`alter database ${name} owner to ${user}`, 'postgres');
  const connection = { ...database.connection, user, password };
  const held = new Set<pg.Client>();
  after(async () => {
    for (const client of held) await client.end();
    await database.drop();
    await asSuperuser(`drop role ${user}`, 'postgres');
  });
  return {
    connection,
    url: databaseUrl(connection),
    async limit(connections) {
      await asSuperuser(`alter role ${user} connection limit ${connections}`, 'postgres');
    },
    async hold(connections) {
      const mine = Array.from(
        { length: connections },
        () => new pg.Client({ ...connection, application_name: 'holder' }),
      );
      for (const client of mine) {
        await client.connect();
        held.add(client);
      }
      return async () => {
        for (const client of mine) {
          held.delete(client);
          await client.end();
        }
      };
    },
    async open() {
      const rows = await asSuperuser(
        `select 1 from pg_stat_activity where usename = '${user}' and application_name <> 'holder'`,
        'postgres',
      );
      return rows.length;
    },
    asOwner: (statement) => asSuperuser(statement, name),
  };
}
