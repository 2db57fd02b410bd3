import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { errorCode } from '../../src/base/errors.ts';
import { createPool } from '../../src/store/database/pool.ts';
import { inTime } from '../support/in-time.ts';
import { createTestDatabase } from '../support/postgres.ts';

const password = 'geheim-geheim-geheim';

/** Something at the database's port that asks for the password in its own way, and what it was sent. */
async function asking(request: Buffer): Promise<{ port: number; heard(): string; close(): void }> {
  const heard: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => socket.write(request));
    socket.on('data', (chunk) => heard.push(chunk));
  }).listen(0, '127.0.0.1');
  await inTime('it listens', once(server, 'listening'));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    port: address.port,
    heard: () => Buffer.concat(heard).toString('latin1'),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Authentication request: type R, length, method, salt. */
const cleartext = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);
const md5 = Buffer.from([0x52, 0, 0, 0, 12, 0, 0, 0, 5, 1, 2, 3, 4]);

describe('who stands in the place of the database does not get its password', () => {
  for (const [what, request] of [
    ['in clear', cleartext],
    ['as MD5', md5],
  ] as const) {
    test(`a password is not given away (${what})`, async () => {
      const stranger = await asking(request);
      const address = { host: '127.0.0.1', port: stranger.port, user: 'hongyan', password };
      const pool = createPool(address, { max: 1 });
      try {
        await assert.rejects(
          pool.query('select 1'),
          (error) => errorCode(error) === 'DATABASE_PASSWORD_UNSAFE',
        );
        assert.match(stranger.heard(), /user.hongyan/, 'it was asked');
        assert.doesNotMatch(stranger.heard(), /geheim|md5/);
      } finally {
        stranger.close();
        await pool.end();
      }
    });
  }

  test('the database itself, which proves to have it, does', async () => {
    const { connection } = await createTestDatabase();
    const pool = createPool({ ...connection }, { max: 1 });
    assert.equal((await pool.query('select 1 as one')).rows[0]?.one, 1);
    await pool.end();
  });
});

test('a database on another machine is not reached without encryption by oversight', () => {
  const refuses = (connectionString: string): void => {
    assert.throws(
      () => createPool({ connectionString }),
      (error) => errorCode(error) === 'DATABASE_NOT_ENCRYPTED',
      connectionString,
    );
  };
  refuses('postgres://u:p@db.example.com/hongyan');
  refuses('postgres://u:p@10.0.0.5:5433/hongyan?application_name=x');
  refuses('postgres://u:p@localhost/hongyan?host=db.example.com');
  refuses('postgres://u:p@[2001:db8::1]/hongyan');
  assert.throws(
    () => createPool({ host: 'db.example.com' }),
    (error) => errorCode(error) === 'DATABASE_NOT_ENCRYPTED',
  );
  for (const connectionString of [
    'postgres://u:p@db.example.com/hongyan?sslmode=verify-full',
    'postgres://u:p@db.example.com/hongyan?sslmode=disable',
    'postgres://u:p@localhost:5433/hongyan',
    'postgres://u:p@127.0.0.1/hongyan',
    'postgres://u:p@[::1]/hongyan',
    'postgres://u:p@/hongyan?host=/var/run/postgresql',
    'postgres://u:p@%2Fvar%2Frun%2Fpostgresql/hongyan',
  ])
    assert.doesNotThrow(() => createPool({ connectionString }), connectionString);
});
