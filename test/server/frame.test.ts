import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { makeSite } from '../support/campaign.ts';
import { buildConsole } from '../support/house/build-console.ts';
import { heard, inTime } from '../support/in-time.ts';

const site = await makeSite();
const listen = { HONGYAN_LISTEN: '127.0.0.1:0' };
const token = 'a'.repeat(32);

test('serve listens, asks for the token under /v1, and refuses a second one on its port', async (t) => {
  const serve = site.cli.start(['serve'], { env: { ...listen, HONGYAN_API_TOKEN: token } });
  const url = (await serve.printed(/Listening on (http:\S+)/))[1] ?? '';
  const get = (path: string, authorization?: string): Promise<Response> =>
    fetch(url + path, authorization === undefined ? {} : { headers: { authorization } });

  await t.test('tells its health to anybody', async () => {
    const answer = await get('/healthz');
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys((await answer.json()) as object), ['status', 'version']);
  });

  await t.test('answers 401 without the token, also where nothing is', async () => {
    const paths = ['/v1/nodes', '/v1/nothing', '/v1/../v1/nodes', '/v1//nodes'];
    const credentials = [
      undefined,
      'Bearer ',
      `Bearer ${token}a`,
      `Bearer ${token.slice(1)}`,
      `Basic ${token}`,
    ];
    const all = paths.flatMap((path) => credentials.map((sent) => ({ path, sent })));
    // At once, because they are slowed.
    await Promise.all(
      all.map(async ({ path, sent }) => {
        const answer = await get(path, sent);
        assert.equal(answer.status, 401, `${path} ${sent}`);
        assert.equal(((await answer.json()) as { code: string }).code, 'UNAUTHORIZED');
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
      }),
    );
  });

  await t.test('lets the token in', async () => {
    const answer = await get('/v1/nodes', `Bearer ${token}`);
    assert.equal(answer.status, 200);
    const { nodes } = (await answer.json()) as { nodes: { pid: number }[] };
    assert.deepEqual(
      nodes.map(({ pid }) => pid),
      [serve.child.pid],
    );
    const nothing = await get('/v1/nothing', `Bearer ${token}`);
    assert.deepEqual(
      [nothing.status, ((await nothing.json()) as { code: string }).code],
      [404, 'ROUTE_NOT_FOUND'],
    );
  });

  await t.test('says of a request that nearly fits what it takes', async () => {
    const ask = async (
      method: string,
      path: string,
      lang = 'en',
    ): Promise<[number, string | null, string]> => {
      const headers = { authorization: `Bearer ${token}`, 'accept-language': lang };
      const answer = await fetch(url + path, { method, headers });
      const { code, detail } = (await answer.json()) as { code: string; detail: string };
      return [answer.status, answer.headers.get('allow'), `${code}: ${detail}`];
    };
    const none = [405, 'POST, GET', 'METHOD_NOT_ALLOWED: this path takes no PUT'];
    assert.deepEqual(await ask('PUT', '/v1/messages?limit=1'), none);
    assert.deepEqual(await ask('OPTIONS', '/v1/messages/12'), [
      405,
      'GET',
      'METHOD_NOT_ALLOWED: this path takes no OPTIONS',
    ]);
    assert.deepEqual(await ask('GET', '/v1/messages/'), [
      404,
      null,
      'ROUTE_NOT_FOUND: there is no GET of this path',
    ]);
    const inWords = 'REQUEST_INVALID: the request is not valid: limit: must be a number';
    assert.deepEqual(await ask('GET', '/v1/messages?limit=ten'), [400, null, inWords]);
    const inChinese = 'REQUEST_INVALID: 请求不符合要求：limit：应为数字；page：没有该字段';
    assert.deepEqual(await ask('GET', '/v1/messages?limit=ten&page=2', 'zh'), [400, null, inChinese]);
    const basic = await get('/v1/me', 'Basic eDp5');
    assert.match(((await basic.json()) as { hint: string }).hint, /"Authorization: Bearer KEY"/);
  });

  await t.test('answers what is no HTTP, and a head that is too large, with a problem', async () => {
    const sent: [string, number][] = [
      ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
      [`GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
      [
        'POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n',
        400,
      ],
    ];
    for (const [bytes, status] of sent) {
      const { port, hostname } = new URL(url);
      const socket = connect(Number(port), hostname);
      socket.end(bytes, 'latin1');
      const answer = await text(socket);
      assert.match(
        answer,
        new RegExp(`^HTTP/1.1 ${status} .*application/problem\\+json.*REQUEST_INVALID`, 's'),
      );
    }
  });

  await t.test('takes bodies of up to 1 MiB', async () => {
    const post = async (bytes: number): Promise<[number, string]> => {
      const answer = await fetch(`${url}/v1/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: `"${'a'.repeat(bytes - 2)}"`,
      });
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };
    assert.deepEqual(await post(1024 * 1024 + 1), [413, 'BODY_TOO_LARGE']);
    assert.deepEqual(await post(1024 * 1024), [400, 'REQUEST_INVALID'], 'read, and no message');
  });

  await t.test('a second serve on the port says so', async () => {
    const port = new URL(url).port;
    const text = await site.cli.fails(1, ['serve'], { env: { HONGYAN_LISTEN: `127.0.0.1:${port}` } });
    assert.match(text, new RegExp(`127.0.0.1:${port} is taken.*\\[ADDRESS_IN_USE\\]`));
  });

  await t.test('answers a request that has begun when it is stopped', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    const closed = inTime('the answer is whole, and the connection ends', heard(socket, 'close'));
    await inTime('it is connected', once(socket, 'connect'));
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n');
    // The server has read so much when it answers a later connection.
    await get('/healthz');
    serve.child.kill('SIGTERM');
    await serve.printed(/Finishing what is in flight/);
    socket.write('Connection: close\r\n\r\n');
    await closed;
    assert.match(answer, /^HTTP\/1.1 (?:200|503) /);
    assert.equal((await serve.ended).code, 0);
  });
});

test('refuses a token that can be guessed, and odd addresses', async () => {
  for (const address of ['127.0.0.1:0', '0.0.0.0:0', '[::]:0']) {
    const short = { HONGYAN_LISTEN: address, HONGYAN_API_TOKEN: 'a'.repeat(31) };
    const text = await site.cli.fails(1, ['serve'], { env: short });
    assert.match(text, /31 characters.*\[API_TOKEN_TOO_SHORT\]/, address);
  }
  for (const address of ['8790', 'localhost', ':8790', '[nonsense]:1', '127.0.0.1:70000', '::1:8790']) {
    const text = await site.cli.fails(2, ['serve'], { env: { HONGYAN_LISTEN: address } });
    assert.match(text, /\[CONFIG_INVALID\]/, address);
  }
});

test('makes the token at first start, for its owner only, and never prints it', async () => {
  const dataDir = join(site.directory, 'own');
  const run = async (): Promise<string> => {
    const serve = site.cli.start(['--data-dir', dataDir, '--log-level', 'trace', 'serve'], { env: listen });
    const url = (await serve.printed(/Listening on (http:\S+)/))[1] ?? '';
    const made = (await readFile(join(dataDir, 'api.token'), 'utf8')).trim();
    const answer = await fetch(`${url}/v1/nodes`, { headers: { authorization: `Bearer ${made}` } });
    assert.equal(answer.status, 200);
    const { code, stdout, stderr } = await serve.kill('SIGTERM');
    assert.equal(code, 0);
    assert.ok(!(stdout + stderr).includes(made));
    return made;
  };
  const made = await run();
  assert.equal(Buffer.from(made, 'base64').length, 32);
  assert.equal((await stat(join(dataDir, 'api.token'))).mode & 0o777, 0o600);
  assert.equal(await run(), made);
  // An empty one would let everybody in.
  await writeFile(join(dataDir, 'api.token'), '\n');
  const text = await site.cli.fails(1, ['--data-dir', dataDir, 'serve'], { env: listen });
  assert.match(text, /0 characters.*\[API_TOKEN_TOO_SHORT\]/);
});

test('worker does not listen', async () => {
  const worker = site.cli.start(['worker'], { env: listen });
  await worker.printed(/is working/);
  const { code, stdout } = await worker.kill('SIGTERM');
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /Listening/);
});

test('who asks is the peer, and behind a proxy that is named whoever it says', async () => {
  // Its link leads to the console, so that there is one only beside it.
  buildConsole();
  const ask = async (trust: Record<string, string>): Promise<{ source: string; cookie: string }> => {
    const serve = site.cli.start(['serve'], { env: { ...listen, ...trust, HONGYAN_API_TOKEN: token } });
    const url = (await serve.printed(/Listening on (http:\S+)/))[1] ?? '';
    const [, link = ''] = await serve.printed(/first-start#(\S+)/);
    const answer = await fetch(`${url}/v1/sessions/link`, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', 'x-requested-with': 'hongyan' },
        ...{ 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' },
      },
      body: JSON.stringify({ token: link, password: 'wild geese carry letters' }),
    });
    assert.equal(answer.status, 201);
    const audit = await fetch(`${url}/v1/audit?limit=1`, { headers: { authorization: `Bearer ${token}` } });
    const { data } = (await audit.json()) as { data: { source: string }[] };
    await serve.kill('SIGTERM');
    await site.store.pool.query('update users set password = null');
    return { source: data[0]?.source ?? '', cookie: answer.headers.get('set-cookie') ?? '' };
  };
  const plain = await ask({});
  assert.equal(plain.source, '127.0.0.1');
  assert.match(plain.cookie, /^hongyan=(?!.*Secure)/);
  const proxied = await ask({ HONGYAN_TRUST_PROXY: '127.0.0.0/8' });
  assert.equal(proxied.source, '203.0.113.9');
  assert.match(proxied.cookie, /^__Host-hongyan=.*; Secure$/);
});
