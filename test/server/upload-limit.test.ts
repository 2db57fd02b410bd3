import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { fastify } from 'fastify';
import { silentLogger } from '../../src/base/logger.ts';
import { Door } from '../../src/server/access/who-asks.ts';
import { audiencesHandlers, audiencesTable } from '../../src/server/api/audience/audiences.ts';
import { readJsonBodies } from '../../src/server/body.ts';
import { KeyedRequests } from '../../src/server/idempotency.ts';
import { problemHandler } from '../../src/server/problem.ts';
import { registerRoutes } from '../../src/server/register.ts';
import { until } from '../support/cli.ts';
import { adminKey, contractSite } from '../support/contract.ts';
import { heard, inTime } from '../support/in-time.ts';

const site = await contractSite();
const { account } = site;
const maxBytes = 256 * 1024;

const app = fastify();
app.decorateRequest('caller', null);
app.setErrorHandler(problemHandler(silentLogger));
readJsonBodies(app);
const { deps } = site;
const keyed = new KeyedRequests(site.store, silentLogger);
registerRoutes(app, audiencesTable(maxBytes), audiencesHandlers, {
  deps,
  door: new Door(deps, adminKey, 1),
  keyed,
});
const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
after(async () => {
  await app.close();
  await keyed.close();
});

const stored = async (): Promise<unknown> => {
  const { rows } = await site.store.pool.query(
    'select (select count(*)::int from uploads) as uploads, (select count(*)::int from upload_parts) as parts',
  );
  return rows[0];
};

/** Sends chunk after chunk without a Content-Length, as long as it is let; gives the whole answer. */
async function chunked(chunks: readonly string[], isEnded: boolean): Promise<string> {
  const socket = connect(Number(url.port), url.hostname);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  // Whoever is cut while he writes.
  socket.on('error', () => {});
  const closed = heard(socket, 'close');
  socket.write(
    `POST /v1/audiences?appid=${account.appid}&name=a.csv HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${adminKey}\r\n` +
      'Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  for (const chunk of chunks) socket.write(`${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`);
  if (isEnded) socket.write('0\r\n\r\n');
  await until('it is answered', async () => /\r\n\r\n.*\}/s.test(answer) || socket.destroyed);
  // Of one that is too large, the server ends the connection.
  if (isEnded) socket.destroy();
  await inTime('the connection ends', closed);
  return answer;
}

const line = `${account.openid(1)},${'x'.repeat(1000)}\n`;
const piece = line.repeat(30);

test('an upload without a length is cut where it is too large, and nothing of it is stored', async () => {
  const before = await stored();
  const pieces = ['openid,name\n', ...Array<string>(Math.ceil(maxBytes / piece.length) + 1).fill(piece)];
  const answer = await chunked(pieces, false);
  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.match(answer, /content-type: application\/problem\+json/i);
  assert.match(answer, /"code":"BODY_TOO_LARGE"/);
  assert.match(answer, /262,144 bytes/);
  assert.match(answer, /connection: close/i);
  assert.deepEqual(await stored(), before);
});

test('an upload without a length is taken up to the limit', async () => {
  const head = 'openid,name\n';
  const rest = maxBytes - head.length;
  const full = Math.floor(rest / piece.length);
  const last = `${account.openid(2)},`;
  const filled = `${last}${'y'.repeat(rest - full * piece.length - last.length)}`;
  const answer = await chunked([head, ...Array<string>(full).fill(piece), filled], true);
  assert.match(answer, /^HTTP\/1\.1 201 /, answer);
});

test('serve takes the limit from its configuration', async () => {
  const token = 'b'.repeat(32);
  const env = { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_API_TOKEN: token, HONGYAN_UPLOAD_MAX_BYTES: '2000' };
  const serve = site.cli.start(['serve'], { env });
  const base = (await serve.printed(/Listening on (http:\S+)/))[1] ?? '';
  const upload = async (body: string): Promise<{ status: number; text: string }> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/csv' };
    const path = `/v1/audiences?appid=${account.appid}&name=a.csv`;
    const answer = await fetch(base + path, { method: 'POST', headers, body });
    return { status: answer.status, text: await answer.text() };
  };
  const before = await stored();
  const refused = await upload(`openid\n${'x'.repeat(2_000)}\n`);
  assert.equal(refused.status, 413);
  assert.match(refused.text, /2,000 bytes.*"code":"BODY_TOO_LARGE"/);
  assert.deepEqual(await stored(), before);
  assert.equal((await upload(`openid\n${account.openid(3)}\n`)).status, 201);
  await serve.kill('SIGTERM');
});

test('of an upload for which the disk has no room nothing stays', async () => {
  const before = await stored();
  await site.store.pool.query(
    `create function no_room() returns trigger language plpgsql as $$ begin
       if new.no >= 1 then raise exception 'no space left on device' using errcode = '53100'; end if; return new; end $$;
     create trigger no_room before insert on upload_parts for each row execute function no_room()`,
  );
  try {
    const many = `openid,name\n${line.repeat(2_500)}`;
    const path = `/v1/audiences?appid=${account.appid}&name=a.csv`;
    const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'text/csv' };
    const answer = await fetch(site.url + path, { method: 'POST', headers, body: many });
    const text = await answer.text();
    assert.ok(answer.status >= 500, text);
    assert.match(text, /"code":"DISK_FULL"/);
    assert.deepEqual(await stored(), before);
  } finally {
    await site.store.pool.query('drop trigger no_room on upload_parts; drop function no_room()');
  }
});
