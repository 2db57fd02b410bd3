import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBuilt } from '../../src/base/web-pages.ts';
import { echoMs } from '../../src/cli/interrupt.ts';
import { makeSite } from '../support/campaign.ts';
import { Cli, type RunningCli, until } from '../support/cli.ts';
import { linkDatabase } from '../support/store/database-link.ts';

const site = await makeSite();
const token = 'a'.repeat(32);
const env = { HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_API_TOKEN: token };

async function urlOf(serve: RunningCli): Promise<string> {
  return (await serve.printed(/Listening on (http:\S+)/))[1] ?? '';
}

/** What it asks the database at its start when it has said where it listens. */
const askedLast = (await isBuilt('console.html'))
  ? 'from users where password is'
  : 'from accounts where appid > $1';

/** What it says to somebody who connects anew, as a load balancer does. */
async function asked(url: string, path: string): Promise<[status: number, text: string]> {
  const answer = await fetch(url + path, {
    headers: { connection: 'close', authorization: `Bearer ${token}` },
  });
  return [answer.status, await answer.text()];
}

test('without its database it is alive and not ready, and tells no secret; with it, ready again', async () => {
  const link = await linkDatabase(site.database);
  const cli = new Cli({ ...site.cli.env, HONGYAN_DATABASE_URL: link.url });
  try {
    const serve = cli.start(['serve'], { env });
    const url = await urlOf(serve);
    const isReady = async (): Promise<boolean> => (await asked(url, '/readyz'))[0] === 200;
    assert.ok(await isReady());
    for (const [fall, rise] of [
      [() => link.down(), () => link.up()],
      // A dead line: nobody hears of it.
      [() => link.stall(), () => link.resume()],
    ] as const) {
      fall();
      await until('it is not ready', async () => !(await isReady()));
      const [status, text] = await asked(url, '/readyz');
      const { code, reason, detail } = JSON.parse(text) as Record<string, string>;
      assert.deepEqual([status, code, reason], [503, 'NOT_READY', 'database']);
      assert.equal(detail, 'the database does not answer');
      const { password, database, host } = link.connection;
      for (const secret of [String(password), String(database), `${host}`, token])
        assert.ok(!text.includes(secret), text);
      assert.equal((await asked(url, '/healthz'))[0], 200);
      rise();
      await until('it is ready again', isReady);
    }
    const { stderr } = await serve.kill('SIGTERM');
    const said = stderr.match(/not ready/g)?.length ?? 0;
    assert.ok(said >= 2 && said <= 6, `said when it changes, and not to each who asks: ${said} times`);
  } finally {
    await cli.close();
  }
});

test('a database that answers nothing any more is said in log and metrics, and everything goes on when it does', async () => {
  const link = await linkDatabase(site.database);
  const cli = new Cli({ ...site.cli.env, HONGYAN_DATABASE_URL: link.url });
  try {
    const serve = cli.start(['serve'], { env });
    const url = await urlOf(serve);
    const created = await site.cli.json([
      'keys',
      'create',
      'prometheus',
      '--permissions',
      'metrics.read',
      '--json',
    ]);
    const metrics = async (key: string): Promise<[status: number, text: string]> => {
      const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
      return [answer.status, await answer.text()];
    };
    const key = String(created.key);
    assert.match((await metrics(key))[1], /^hongyan_database_answers 1$/m);
    link.stall();
    await serve.printed(/the database does not answer, and what was asked of it is given up/);
    for (const one of [key, token]) {
      const [status, text] = await metrics(one);
      assert.equal(status, 200, text);
      assert.match(text, /^hongyan_database_answers 0$/m);
      assert.match(text, /^process_resident_memory_bytes \d/m);
      assert.doesNotMatch(text, /^hongyan_nodes/m);
    }
    // What it never knew, and what tells of more than this process, waits for the database.
    const unknown = `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`;
    assert.equal((await metrics(unknown))[0], 401);
    assert.equal((await asked(url, '/readyz'))[0], 503);
    assert.equal((await asked(url, '/v1/accounts'))[0], 503);
    link.forget();
    await serve.printed(/the database answers again/);
    await until('it is ready again', async () => (await asked(url, '/readyz'))[0] === 200);
    assert.match((await metrics(key))[1], /^hongyan_database_answers 1$/m);
  } finally {
    await cli.close();
  }
});

test('a database that goes away while it says where it listens does not end it', async () => {
  const link = await linkDatabase(site.database);
  const cli = new Cli({ ...site.cli.env, HONGYAN_DATABASE_URL: link.url });
  try {
    const asking = link.holdNext(askedLast);
    const serve = cli.start(['serve'], { env });
    const url = await urlOf(serve);
    await asking.held;
    link.down();
    await serve.printed(/what to do first could not be said/);
    await until('it is not ready', async () => (await asked(url, '/readyz'))[0] === 503);
    link.up();
    await until('it is ready again', async () => (await asked(url, '/readyz'))[0] === 200);
    assert.equal((await serve.kill('SIGTERM')).code, 0);
  } finally {
    await cli.close();
  }
});

test('a flood of questions asks the database once a second', async () => {
  const link = await linkDatabase(site.database);
  const cli = new Cli({ ...site.cli.env, HONGYAN_DATABASE_URL: link.url });
  try {
    const url = await urlOf(cli.start(['serve'], { env }));
    const looks = link.counting('newestBreaking');
    const begun = performance.now();
    for (let i = 0; i < 40; i++) await Promise.all(Array.from({ length: 25 }, () => asked(url, '/readyz')));
    const seconds = (performance.now() - begun) / 1000;
    assert.ok(looks.sent >= 1 && looks.sent <= seconds + 1, `${looks.sent} looks in ${seconds} s`);
  } finally {
    await cli.close();
  }
});

test('a serve that is to end says so first, and goes on meanwhile', async () => {
  const serve = site.cli.start(['serve'], { env: { ...env, HONGYAN_DRAIN_SECONDS: '60' } });
  const url = await urlOf(serve);
  assert.equal((await asked(url, '/readyz'))[0], 200);
  serve.child.kill('SIGTERM');
  await serve.printed(/Leaving: for 60 s \/readyz answers 503/);
  const heard = performance.now();
  const [status, text] = await asked(url, '/readyz');
  assert.deepEqual([status, (JSON.parse(text) as { reason: string }).reason], [503, 'stopping']);
  assert.equal((await asked(url, '/healthz'))[0], 200);
  assert.equal((await asked(url, '/v1/nodes'))[0], 200);
  // Whoever cannot wait says it again; within a moment it would be taken for an echo of the first.
  await until('it is no echo', async () => performance.now() - heard > echoMs);
  assert.equal((await serve.kill('SIGTERM')).signal, 'SIGTERM');
});

test('a drain is added to the time that an end may take, also where the start is not over', async () => {
  const link = await linkDatabase(site.database);
  const cli = new Cli({ ...site.cli.env, HONGYAN_DATABASE_URL: link.url });
  try {
    // What it asks last, when it has said where it listens.
    const last = (await isBuilt('console.html'))
      ? 'from users where password is'
      : 'from accounts where appid > $1';
    const asking = link.holdNext(last);
    const serve = cli.start(['serve'], { env: { ...env, HONGYAN_DRAIN_SECONDS: '11' } });
    const url = await urlOf(serve);
    await asking.held;
    const begun = performance.now();
    serve.child.kill('SIGTERM');
    await until('it has heard', async () => (await asked(url, '/readyz'))[1].includes('"stopping"'));
    asking.release();
    const { code, stderr } = await serve.ended;
    assert.deepEqual([code, /Stopped; nothing is lost/.test(stderr)], [0, true], stderr);
    assert.ok(performance.now() - begun >= 11_000);
  } finally {
    await cli.close();
  }
});
