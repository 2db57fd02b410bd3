import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { changeUser, createUser } from '../../src/app/access/users.ts';
import { terminalActor } from '../../src/app/actor.ts';
import type { Role } from '../../src/contract/permissions.ts';
import { type Answered, contractSite, row } from '../support/contract.ts';
import { until } from '../support/in-time.ts';

const site = await contractSite();
const operator = terminalActor('operator', 'test', 'en');
const password = 'wild geese carry letters';
const page = { 'x-requested-with': 'hongyan' };

/** A person who has set the password; gives their id and the cookie of a session. */
async function person(name: string, role: Role = 'admin', accounts: string[] | null = null) {
  const { user, link } = await createUser(site.app, operator, { name, role, accounts });
  const token = link.path.replace(/^.*#/, '');
  const body = { token, password };
  const begun = await site.call('POST /v1/sessions/link', { body, headers: page, as: null });
  assert.equal(begun.status, 201, JSON.stringify(begun.body));
  return { id: user.id, token, cookie: cookieOf(begun) };
}

function cookieOf({ headers }: Answered): string {
  return (headers.get('set-cookie') ?? '').replace(/;.*/, '');
}

const signIn = async (
  name: string,
  given: string,
  headers: Record<string, string> = page,
): Promise<Answered> =>
  await site.call('POST /v1/sessions', { body: { name, password: given }, headers, as: null });

const codeOf = ({ status, body }: Answered): [number, unknown] => [status, (body as { code?: string }).code];

row('POST /v1/sessions/link', 'sets the password once, and signs in', async () => {
  const { cookie, token } = await person('first');
  const me = await site.call('GET /v1/me', { as: null, headers: { cookie } });
  assert.deepEqual([me.status, (me.body as { role: string }).role], [200, 'admin']);
  const again = await site.call('POST /v1/sessions/link', {
    body: { token, password },
    headers: page,
    as: null,
  });
  assert.deepEqual(codeOf(again), [410, 'LINK_INVALID']);
  for (const weak of ['short', 'aaaaaaaaaaaaaaaaaa', 'second has it in']) {
    const { link } = await createUser(site.app, operator, {
      name: `second ${weak}`,
      role: 'viewer',
      accounts: null,
    });
    const body = {
      token: link.path.replace(/^.*#/, ''),
      password: weak === 'second has it in' ? `x second ${weak} x` : weak,
    };
    const refused = await site.call('POST /v1/sessions/link', { body, headers: page, as: null });
    assert.deepEqual(codeOf(refused), [400, 'PASSWORD_WEAK'], weak);
  }
});

row(
  'POST /v1/sessions',
  'signs in, and its cookie is out of the reach of scripts and other sites',
  async () => {
    await person('ming');
    const begun = await signIn('MING', password);
    assert.equal(begun.status, 201);
    assert.match(
      begun.headers.get('set-cookie') ?? '',
      /^hongyan=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    );
    const stored = await site.store.pool.query(
      `select sessions::text as a, users::text as b from sessions, users`,
    );
    const text = JSON.stringify(stored.rows);
    assert.ok(!text.includes(password) && !text.includes(cookieOf(begun).replace('hongyan=', '')));
    assert.deepEqual(codeOf(await signIn('ming', 'wrong wrong wrong')), [401, 'SIGN_IN_FAILED']);
    assert.deepEqual(codeOf(await signIn('nobody', password)), [401, 'SIGN_IN_FAILED']);
  },
);

test('five wrong passwords lock, and the right one is not looked at until the time is over', async () => {
  const { id } = await person('lock');
  const { pool } = site.store;
  // The first lock is of 5 s, which a busy machine may take for these attempts.
  await pool.query(`create function hongyan.lock_longer() returns trigger language plpgsql as $$ begin
    new.locked_until = new.locked_until + interval '1 hour'; return new; end $$`);
  await pool.query(`create trigger lock_longer before update of locked_until on users for each row
    when (new.name = 'lock') execute function hongyan.lock_longer()`);
  const wrong = async () => codeOf(await signIn('lock', 'wrong wrong wrong'))[1];
  for (let n = 1; n < 5; n++) assert.equal(await wrong(), 'SIGN_IN_FAILED');
  // The row is held until several wait for it, so that none of these was asked after the others had been counted.
  const [holder, watcher] = [
    new pg.Client(site.database.connection),
    new pg.Client(site.database.connection),
  ];
  await Promise.all([holder.connect(), watcher.connect()]);
  let codes: unknown[];
  try {
    await holder.query('begin');
    await holder.query('select from hongyan.users where id = $1 for update', [id]);
    const attempts = Promise.all([wrong(), wrong(), wrong()]);
    await until('several wait for their turn', async () => {
      const { rows } = await watcher.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
         and query like '%failures + 1%'`,
      );
      return rows.length > 1;
    });
    await holder.query('commit');
    codes = await attempts;
  } finally {
    await Promise.all([holder.end(), watcher.end()]);
  }
  assert.deepEqual(codes.sort(), ['RATE_LIMITED', 'RATE_LIMITED', 'SIGN_IN_FAILED']);
  assert.deepEqual(codeOf(await signIn('lock', password)), [429, 'RATE_LIMITED']);
  await pool.query('drop trigger lock_longer on users');
  await pool.query(`update users set locked_until = clock_timestamp() where id = $1`, [id]);
  assert.equal((await signIn('lock', password)).status, 201);
});

test('what another site has the browser send is refused', async () => {
  const { cookie, id } = await person('csrf');
  const change = (headers: Record<string, string>) =>
    site.call('DELETE /v1/users/{id}/sessions', {
      params: { id },
      as: null,
      headers: { cookie, ...headers },
    });
  const host = new URL(site.url).host;
  assert.deepEqual(codeOf(await change({})), [403, 'FOREIGN_PAGE']);
  assert.deepEqual(codeOf(await change({ ...page, origin: 'https://evil.example' })), [403, 'FOREIGN_PAGE']);
  assert.deepEqual(codeOf(await change({ ...page, origin: 'null' })), [403, 'FOREIGN_PAGE']);
  assert.deepEqual(codeOf(await change({ ...page, 'sec-fetch-site': 'cross-site' })), [403, 'FOREIGN_PAGE']);
  assert.deepEqual(codeOf(await signIn('csrf', password, {})), [403, 'FOREIGN_PAGE'], 'signing in too');
  assert.equal(
    (await change({ ...page, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })).status,
    200,
  );
});

row('DELETE /v1/sessions/current', 'signs out', async () => {
  const { cookie } = await person('out');
  const gone = await site.call('DELETE /v1/sessions/current', { as: null, headers: { cookie, ...page } });
  assert.equal(gone.status, 204);
  assert.match(gone.headers.get('set-cookie') ?? '', /^hongyan=; .*Max-Age=0/);
  assert.deepEqual(codeOf(await site.call('GET /v1/me', { as: null, headers: { cookie } })), [
    401,
    'UNAUTHORIZED',
  ]);
});

row('PUT /v1/me/password', 'wants the old one, and ends every other session', async () => {
  const { cookie } = await person('change');
  const other = cookieOf(await signIn('change', password));
  const put = (current: string) =>
    site.call('PUT /v1/me/password', {
      body: { current, password: 'another long sentence' },
      ...{ as: null, headers: { cookie, ...page } },
    });
  assert.deepEqual(codeOf(await put('wrong wrong wrong')), [401, 'SIGN_IN_FAILED']);
  const done = await put(password);
  assert.equal(done.status, 204);
  const status = async (one: string) =>
    (await site.call('GET /v1/me', { as: null, headers: { cookie: one } })).status;
  assert.deepEqual(
    [await status(other), await status(cookie), await status(cookieOf(done))],
    [401, 401, 200],
  );
});

row('POST /v1/users', 'makes a person with a link, and no second one of the name', async () => {
  const body = { name: 'Lan', role: 'sender', accounts: [site.account.appid] };
  const made = await site.call('POST /v1/users', { body });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.match((made.body as { link: { path: string } }).link.path, /^\/first-start#[\w-]{43}$/);
  assert.deepEqual(codeOf(await site.call('POST /v1/users', { body: { ...body, name: 'lan' } })), [
    409,
    'USER_NAME_TAKEN',
  ]);
  const audit = await site.call('GET /v1/audit', { query: { action: 'users.create', limit: 5 } });
  assert.ok(!JSON.stringify(audit.body).includes('#'), 'no link in the audit');
});

row('GET /v1/users', 'lists everybody without secrets', async () => {
  await person('listed');
  const { body } = await site.call('GET /v1/users', { query: { limit: 200 } });
  const { data } = body as { data: { name: string; hasPassword: boolean }[] };
  assert.equal(data.find(({ name }) => name === 'listed')?.hasPassword, true);
  assert.ok(!JSON.stringify(body).includes('scrypt'));
});

row('PATCH /v1/users/{id}', 'holds from the next request on', async () => {
  const { id, cookie } = await person('down');
  const nodes = async () => (await site.call('GET /v1/nodes', { as: null, headers: { cookie } })).status;
  assert.equal(await nodes(), 200);
  const changed = await site.call('PATCH /v1/users/{id}', { params: { id }, body: { role: 'viewer' } });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  assert.equal(await nodes(), 403);
  await site.call('PATCH /v1/users/{id}', { params: { id }, body: { isDisabled: true } });
  assert.equal(await nodes(), 401);
  assert.deepEqual(codeOf(await signIn('down', password)), [401, 'SIGN_IN_FAILED']);
});

test('whoever is limited to accounts changes nobody who has more', async () => {
  const { cookie } = await person('limited', 'admin', [site.account.appid]);
  const whole = await person('whole');
  const headers = { cookie, ...page };
  const patch = (id: string, body: object) =>
    site.call('PATCH /v1/users/{id}', { params: { id }, body, as: null, headers });
  assert.equal((await patch(whole.id, { isDisabled: true })).status, 403);
  assert.equal(
    (await site.call('POST /v1/users/{id}/link', { params: { id: whole.id }, as: null, headers })).status,
    403,
  );
  const own = await person('own', 'viewer', [site.account.appid]);
  assert.equal((await patch(own.id, { role: 'sender' })).status, 200);
  assert.equal((await patch(own.id, { accounts: null })).status, 403);
});

row('POST /v1/users/{id}/link', 'is a second way in that changes nothing until it is used', async () => {
  const { id, cookie } = await person('forgot');
  const made = await site.call('POST /v1/users/{id}/link', { params: { id } });
  assert.equal(made.status, 201);
  assert.equal((await site.call('GET /v1/me', { as: null, headers: { cookie } })).status, 200);
  const token = (made.body as { path: string }).path.replace(/^.*#/, '');
  const body = { token, password: 'a wholly new sentence' };
  assert.equal((await site.call('POST /v1/sessions/link', { body, headers: page, as: null })).status, 201);
  assert.equal(
    (await site.call('GET /v1/me', { as: null, headers: { cookie } })).status,
    401,
    'others are ended',
  );
  await changeUser(site.app, operator, { id, isDisabled: true });
  assert.equal((await site.call('POST /v1/users/{id}/link', { params: { id } })).status, 409);
});

row('DELETE /v1/users/{id}/sessions', 'ends them all', async () => {
  const { id, cookie } = await person('everywhere');
  const { body } = await site.call('DELETE /v1/users/{id}/sessions', { params: { id } });
  assert.deepEqual(body, { ended: 1 });
  assert.equal((await site.call('GET /v1/me', { as: null, headers: { cookie } })).status, 401);
});
