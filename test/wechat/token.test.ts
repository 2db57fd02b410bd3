import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { Logger } from '../../src/base/logger.ts';
import { WechatClient, type WechatClientOptions } from '../../src/wechat/client.ts';
import { WechatError } from '../../src/wechat/error.ts';
import { memoryTokenStore, type TokenStore } from '../../src/wechat/token/store.ts';
import { until } from '../support/in-time.ts';
import { manualClock } from '../support/manual-clock.ts';
import { httpServer } from '../support/wechat/raw-server.ts';

const appid = 'wx0123456789abcdef';
const secret = '5ec4e7-of-the-account';

/** A WeChat with nothing but tokens: the last issued one is valid, others answer 40001. */
async function tokenServer() {
  const state = {
    valid: '',
    issued: 0,
    expiresIn: 7200,
    /** Every token request: method, path with query, body. */
    fetches: [] as { method: string; url: string; body: string }[],
    calls: 0,
    rejectedAs: 40001,
    /** Set to answer token requests with it. */
    refusal: '',
    /** While set, normal mode hands out the same token again. */
    same: false,
  };
  const server = await httpServer((request, body, response) => {
    const url = request.url ?? '';
    if (/^\/cgi-bin\/(stable_)?token/.test(url)) {
      state.fetches.push({ method: request.method ?? '', url, body });
      // What is refused leaves the one before valid.
      if (state.refusal !== '') return void response.end(state.refusal);
      if (!state.same || state.valid === '') {
        state.issued += 1;
        state.valid = `T0KEN_${state.issued}`;
      }
      response.end(JSON.stringify({ access_token: state.valid, expires_in: state.expiresIn }));
      return;
    }
    state.calls += 1;
    const token = new URL(url, 'http://x').searchParams.get('access_token');
    if (token === state.valid) response.end('{"errcode":0,"errmsg":"ok","msgid":1}');
    else response.end(`{"errcode":${state.rejectedAs},"errmsg":"invalid credential rid: 1a-2b-3c"}`);
  });
  return { server, state, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

type World = Awaited<ReturnType<typeof tokenServer>>;

function clientOf(world: World, options: Partial<WechatClientOptions> = {}): WechatClient {
  return new WechatClient({
    appid,
    token: { kind: 'secret', secret },
    baseUrl: world.server.url,
    ...options,
  });
}

const call = (client: WechatClient) => client.request<object>({ method: 'GET', path: '/cgi-bin/user/get' });

test('a hundred concurrent calls without a token fetch one, in normal mode', async () => {
  await using world = await tokenServer();
  await using client = clientOf(world);
  const half = Array.from({ length: 50 }, () => call(client));
  const sends = await Promise.all(Array.from({ length: 50 }, () => client.send('/cgi-bin/x', '{}')));
  await Promise.all(half);
  assert.ok(sends.every((answer) => answer.kind === 'accepted'));
  assert.deepEqual(world.state.fetches, [
    {
      method: 'POST',
      url: '/cgi-bin/stable_token',
      body: JSON.stringify({ grant_type: 'client_credential', appid, secret, force_refresh: false }),
    },
  ]);
});

test('every way of rejecting a token brings one refresh and one replay, in calls and sends', async () => {
  for (const errcode of [40001, 40014, 42001, 41001]) {
    await using world = await tokenServer();
    await using client = clientOf(world);
    await call(client);
    world.state.rejectedAs = errcode;
    world.state.valid = 'another program has it';
    const answers = await Promise.all(Array.from({ length: 100 }, () => client.send('/cgi-bin/x', '{}')));
    assert.ok(answers.every((answer) => answer.kind === 'accepted'));
    assert.equal(world.state.fetches.length, 2, String(errcode));
    assert.equal(world.state.calls, 201);
    world.state.valid = 'gone again';
    await Promise.all(Array.from({ length: 100 }, () => call(client)));
    assert.equal(world.state.fetches.length, 3, String(errcode));
  }
});

test('a rejected token is compared with the stored one before anything is fetched', async () => {
  await using world = await tokenServer();
  const tokenStore = memoryTokenStore();
  await using one = clientOf(world, { tokenStore });
  await using other = clientOf(world, { tokenStore });
  await Promise.all([call(one), call(other)]);
  assert.equal(world.state.fetches.length, 1);
  world.state.valid = 'gone';
  await call(one);
  assert.equal(world.state.fetches.length, 2);
  await call(other);
  assert.equal((await other.send('/cgi-bin/x', '{}')).kind, 'accepted');
  assert.equal(world.state.fetches.length, 2);
});

test('a token store is asked by one caller at a time, and not at all for a token already replaced', async () => {
  await using world = await tokenServer();
  const memory = memoryTokenStore();
  const stales: (string | null)[] = [];
  const tokenStore: TokenStore = {
    read: (id) => memory.read(id),
    refresh(id, stale, fetch) {
      stales.push(stale);
      return memory.refresh(id, stale, fetch);
    },
  };
  await using client = clientOf(world, { tokenStore });
  await Promise.all(Array.from({ length: 10 }, () => call(client)));
  assert.deepEqual(stales, [null]);
  world.state.valid = 'gone';
  await Promise.all(Array.from({ length: 10 }, () => call(client)));
  assert.equal(await client.token.replaceStale('T0KEN_1'), 'T0KEN_2');
  assert.deepEqual(stales, [null, 'T0KEN_1']);
});

test('a token that comes back the same is not replayed, nor asked for again at once', async () => {
  let fetches = 0;
  let calls = 0;
  // WeChat's own replication lag: the token endpoint insists on a token that the API rejects.
  await using lagging = await httpServer((request, _body, response) => {
    if (request.url?.startsWith('/cgi-bin/stable_token')) {
      fetches += 1;
      response.end('{"access_token":"T0KEN","expires_in":7200}');
    } else {
      calls += 1;
      response.end('{"errcode":40001,"errmsg":"invalid credential"}');
    }
  });
  const clock = manualClock();
  const token = { kind: 'secret', secret } as const;
  await using client = new WechatClient({ appid, token, baseUrl: lagging.url, clock });
  for (let i = 0; i < 5; i += 1) {
    const answer = await client.send('/cgi-bin/x', '{}');
    assert.equal(answer.kind === 'refused' && answer.errcode, 40001);
    await assert.rejects(call(client), { errcode: 40001 });
  }
  assert.deepEqual([calls, fetches], [10, 2]);
  clock.advance(2_000);
  await client.send('/cgi-bin/x', '{}');
  assert.deepEqual([calls, fetches], [11, 3]);
});

test('a token is renewed in the background when under 300 s are left, and the old one used meanwhile', async () => {
  await using world = await tokenServer();
  const clock = manualClock();
  await using client = clientOf(world, { clock });
  await call(client);
  clock.advance(6_900_000);
  await call(client);
  assert.equal(world.state.fetches.length, 1);
  clock.advance(1);
  assert.equal(client.token.current(), 'T0KEN_1');
  await until('it is renewed', async () => {
    await call(client).catch(() => {});
    return client.token.current() !== 'T0KEN_1';
  });
  assert.equal(client.token.current(), 'T0KEN_2');
  assert.equal(world.state.fetches.length, 2);
});

test('an expired token is never used', async () => {
  await using world = await tokenServer();
  const clock = manualClock();
  await using client = clientOf(world, { clock });
  await call(client);
  const ends = [
    () => clock.advance(7_200_000),
    () => clock.suspend(7_200_000), // the machine slept
    () => {
      clock.suspend(-7_200_000); // its wall clock was set back
      clock.advance(7_200_000);
    },
  ];
  for (const [i, end] of ends.entries()) {
    end();
    assert.equal(client.token.current(), undefined);
    await call(client);
    assert.equal(world.state.calls, i + 2);
    assert.equal(world.state.fetches.length, i + 2);
  }
});

test('a failed renewal keeps the old token while it lives, and is not tried at every call', async () => {
  await using world = await tokenServer();
  const clock = manualClock();
  await using client = clientOf(world, { clock });
  await call(client);
  const { valid } = world.state;
  world.state.refusal = '{"errcode":-1,"errmsg":"system error"}';
  clock.advance(7_000_000);
  for (let i = 0; i < 20; i += 1) await client.send('/cgi-bin/x', '{}');
  assert.equal(client.token.current(), valid);
  assert.equal(world.state.fetches.length, 2);
});

test('a refused secret reaches everyone as the token API’s own error, and is not asked for at every message', async () => {
  await using world = await tokenServer();
  world.state.refusal = '{"errcode":40125,"errmsg":"invalid appsecret rid: 1a-2b-3c"}';
  const clock = manualClock();
  await using client = clientOf(world, { clock });
  for (let i = 0; i < 20; i += 1) {
    const answer = await client.send('/cgi-bin/x', '{}');
    assert.ok(answer.kind === 'not-sent' && answer.reason === 'token');
    assert.ok(answer.error instanceof WechatError && answer.error.errcode === 40125);
    assert.equal(answer.error.path, '/cgi-bin/stable_token');
    assert.equal(answer.error.info.action, 'pause-account');
  }
  await assert.rejects(call(client), { errcode: 40125 });
  assert.equal(world.state.fetches.length, 1);
  world.state.refusal = '';
  clock.advance(1_000);
  await call(client);
  assert.equal(world.state.calls, 1);
});

test('40001 of the token API means a wrong secret: no refresh, no replay', async () => {
  await using world = await tokenServer();
  world.state.refusal = '{"errcode":40001,"errmsg":"invalid credential"}';
  await using client = clientOf(world);
  await assert.rejects(call(client), { errcode: 40001, path: '/cgi-bin/stable_token' });
  assert.equal(world.state.fetches.length, 1);
});

test('an answer of something else than WeChat is no token, and nothing of it is shown', async () => {
  for (const mode of ['stable', 'classic'] as const) {
    await using world = await tokenServer();
    for (const [answer, code] of [
      ['{"access_token":"T0KEN_x"}', 'TOKEN_ANSWER_INVALID'],
      ['{"access_token":"T0KEN_x","expires_in":null}', 'TOKEN_ANSWER_INVALID'],
      ['{"access_token":"","expires_in":7200}', 'TOKEN_ANSWER_INVALID'],
      ['{"code":403,"message":"T0KEN_x"}', 'TOKEN_ANSWER_INVALID'],
      ['{"errcode":"T0KEN_x","access_token":"T0KEN_x","expires_in":7200}', 'WECHAT_NO_ANSWER'],
      ['["T0KEN_x"]', 'WECHAT_NO_ANSWER'],
      ['T0KEN_x', 'WECHAT_NO_ANSWER'],
    ] as const) {
      world.state.refusal = answer;
      await using client = clientOf(world, { token: { kind: 'secret', secret, mode } });
      await assert.rejects(call(client), (error: Error & { code?: string }) => {
        assert.equal(error.code, code, answer);
        assert.doesNotMatch(inspect(error, { depth: 9 }), /T0KEN_x/);
        return true;
      });
    }
    assert.equal(world.state.calls, 0);
  }
});

test('classic mode asks the classic endpoint', async () => {
  await using world = await tokenServer();
  await using client = clientOf(world, { token: { kind: 'secret', secret, mode: 'classic' } });
  await call(client);
  const query = `grant_type=client_credential&appid=${appid}&secret=${secret}`;
  assert.deepEqual(world.state.fetches, [{ method: 'GET', url: `/cgi-bin/token?${query}`, body: '' }]);
});

test('only an explicit force makes WeChat issue a new token', async () => {
  await using world = await tokenServer();
  await using client = clientOf(world);
  await call(client);
  assert.equal(await client.token.forceRefresh(), 'T0KEN_2');
  assert.deepEqual(
    world.state.fetches.map(({ body }) => JSON.parse(body).force_refresh),
    [false, true],
  );
  await call(client);
  assert.equal(world.state.calls, 2);
  await using keyless = clientOf(world, { token: { kind: 'none' } });
  await assert.rejects(keyless.token.forceRefresh(), { code: 'TOKEN_FORCE_UNSUPPORTED' });
});

test('a token URL is asked with its headers and understood in its usual forms', async () => {
  await using world = await tokenServer();
  const { state } = world;
  const key = 'k3y-in-the-url';
  for (const answer of [
    () => JSON.stringify({ access_token: state.valid, expires_in: 7000 }),
    () => JSON.stringify({ code: 0, data: { access_token: state.valid, expires_in: '7000' } }),
    () => state.valid,
    () => `"${state.valid}"\n`,
  ]) {
    state.valid = 'T0KEN_of_the_centre';
    const asked: unknown[] = [];
    await using centre = await httpServer((request, _body, response) => {
      asked.push([request.method, request.url, request.headers.authorization]);
      response.end(answer());
    });
    const token = {
      kind: 'url',
      url: `${centre.url}/t/${key}?a=1`,
      headers: { authorization: 'Bearer b' },
    } as const;
    await using client = clientOf(world, { token });
    await call(client);
    assert.equal((await client.send('/cgi-bin/x', '{}')).kind, 'accepted');
    assert.deepEqual(asked, [['GET', `/t/${key}?a=1`, 'Bearer b']]);
    state.valid = 'T0KEN_next';
    await call(client);
    assert.equal(asked.length, 2);
  }
});

test('a token URL without a usable answer says so, without the URL', async () => {
  await using world = await tokenServer();
  for (const [text, code] of [
    ['{"expires_in":7200}', 'TOKEN_ANSWER_INVALID'],
    ['{"access_token":"T0KEN_x","expires_in":"soon"}', 'TOKEN_ANSWER_INVALID'],
    ['{"access_token":"T0KEN_x","expires_in":0}', 'TOKEN_ANSWER_INVALID'],
    // When it ends instead of how long it lives: it would be held for ever.
    ['{"access_token":"T0KEN_x","expires_in":1795000000}', 'TOKEN_ANSWER_INVALID'],
    ['{"access_token":["T0KEN_x"],"expires_in":7200}', 'TOKEN_ANSWER_INVALID'],
    ['{"access_token":"no T0KEN_x","expires_in":7200}', 'TOKEN_ANSWER_INVALID'],
    ['{"code":403,"message":"T0KEN_x"}', 'TOKEN_ANSWER_INVALID'],
    ['unauthorized', 'WECHAT_NO_ANSWER'],
    ['"maintenance"', 'WECHAT_NO_ANSWER'],
    ['12345678901234567890', 'WECHAT_NO_ANSWER'],
    ['["T0KEN_x"]', 'WECHAT_NO_ANSWER'],
    ['<html>T0KEN_x</html>', 'WECHAT_NO_ANSWER'],
    ['{"errcode":61023,"errmsg":"refresh_token is invalid"}', 'WECHAT_ERROR'],
  ] as const) {
    await using centre = await httpServer((_request, _body, response) => response.end(text));
    await using client = clientOf(world, { token: { kind: 'url', url: `${centre.url}/k3y?k=k3y` } });
    await assert.rejects(call(client), (error: Error & { code?: string }) => {
      assert.equal(error.code, code);
      assert.doesNotMatch(inspect(error, { depth: 9 }), /k3y|T0KEN_x/);
      return true;
    });
  }
  assert.throws(() => clientOf(world, { token: { kind: 'url', url: 'k3y' } }), { code: 'TOKEN_URL_INVALID' });
});

test('the source none sends no token and does not replay', async () => {
  await using world = await tokenServer();
  await using client = clientOf(world, { token: { kind: 'none' } });
  const answer = await client.send('/cgi-bin/x', '{}');
  assert.equal(answer.kind === 'refused' && answer.errcode, 40001);
  await assert.rejects(call(client), { errcode: 40001 });
  assert.deepEqual([world.state.calls, world.state.fetches.length], [2, 0]);
});

test('neither errors nor logs hold the secret or a token', async () => {
  const lines: string[] = [];
  const keep = (fields: object, message: string): void => {
    lines.push(inspect(fields, { depth: 9 }), message);
  };
  const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep };
  const keepError = (error: unknown): void => keep({ error, json: JSON.stringify(error) }, String(error));
  await using world = await tokenServer();
  const clock = manualClock();
  const client = clientOf(world, { logger, clock });
  await call(client);
  world.state.refusal = '{"errcode":40125,"errmsg":"invalid appsecret"}';
  clock.advance(7_000_000);
  await call(client).catch(keepError);
  clock.advance(400_000);
  await call(client).catch(keepError);
  world.state.refusal = '{"access_token":"T0KEN_cut';
  clock.advance(60_000);
  await call(client).catch(keepError);
  await client.close();
  clock.advance(60_000);
  await call(client).catch(keepError);
  const classic = clientOf(world, { logger, clock, token: { kind: 'secret', secret, mode: 'classic' } });
  await call(classic).catch(keepError);
  await classic.close();
  const text = lines.join('\n');
  assert.match(text, /40125/);
  assert.match(text, /WECHAT_NO_ANSWER/);
  assert.match(text, /WECHAT_UNREACHABLE/);
  assert.doesNotMatch(text, /5ec4e7|T0KEN/);
});
