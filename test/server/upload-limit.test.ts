import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { fastify } from 'fastify';
import { silentLogger } from '../../src/base/logger.ts';
import { audiencesRoutes } from '../../src/contract/audiences.ts';
import { Door } from '../../src/server/access/who-asks.ts';
import { audiencesHandlers } from '../../src/server/api/audiences.ts';
import { readJsonBodies } from '../../src/server/body.ts';
import { problemHandler } from '../../src/server/problem.ts';
import { registerRoutes } from '../../src/server/register.ts';
import { until } from '../support/cli.ts';
import { adminKey, contractSite } from '../support/contract.ts';
import { inTime } from '../support/in-time.ts';

const site = await contractSite();
const { account } = site;
const maxBytes = 256 * 1024;

// The route as it is, but for a limit that a test can go beyond.
const upload = audiencesRoutes['POST /v1/audiences'];
const table = {
  ...audiencesRoutes,
  'POST /v1/audiences': { ...upload, body: { ...upload.body, maxBytes } },
};
const app = fastify();
app.decorateRequest('caller', null);
app.setErrorHandler(problemHandler(silentLogger));
readJsonBodies(app);
const { deps } = site;
registerRoutes(app, table, audiencesHandlers, { deps, door: new Door(deps, adminKey, 1) });
const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
after(() => app.close());

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
  const closed = once(socket, 'close');
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
