import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { processState } from '../../src/store/embedded/processes.ts';
import { makeSite } from '../support/campaign.ts';
import { until } from '../support/cli.ts';
import { buildConsole } from '../support/house/build-console.ts';

// `--open` shows the built pages.
buildConsole();
const site = await makeSite();

test('demo --json prints one JSON line and nothing else', async () => {
  const stdout = await site.cli.ok(['demo', '--followers', '50', '--json']);
  assert.equal(stdout.trimEnd().split('\n').length, 1, stdout);
  const { state, planned, accepted, received, receivedTwice } = JSON.parse(stdout);
  assert.deepEqual(
    { state, planned, accepted, received, receivedTwice },
    { state: 'done', planned: 50, accepted: 50, received: 50, receivedTwice: 0 },
  );
});

test('a demo that is stopped names no command that would go on with a campaign of the real database', async () => {
  const running = site.cli.start(['demo', '--followers', '20000']);
  await running.printed(/As it will be read/);
  running.child.kill('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  assert.equal(code, 1, stderr);
  assert.match(stdout, /Stopped\. What the demo made is removed/);
  assert.doesNotMatch(stdout + stderr, /hongyan campaigns|kept in the list/);
});

const ownPort = { env: { HONGYAN_LISTEN: '127.0.0.1:0' } };
const open = ['demo', '--open', '--followers', '30', '--phone-port', '0'];

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ status }) => status < 500,
    () => false,
  );
}

const isThere = async (pid: number): Promise<boolean> => (await processState(pid)) !== undefined;

test('--open leaves console, simulator and phone running with a campaign done; ctrl-C ends them all', async () => {
  const demo = site.cli.start([...open, '--json'], ownPort);
  const [line] = await demo.printed(/^\{.*"phone".*\}$/m);
  const { console: link, phone, state } = JSON.parse(line);
  assert.equal(state, 'done');
  assert.ok(await answers(phone), phone);
  const { origin, hash } = new URL(link);
  const signIn = await fetch(`${origin}/v1/sessions/link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-requested-with': 'hongyan' },
    body: JSON.stringify({ token: hash.slice(1), password: 'a goose flies south' }),
  });
  assert.equal(signIn.status, 201);
  const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
  const campaigns = async () => {
    const answer = await fetch(`${origin}/v1/campaigns/1`, { headers: { cookie } });
    return (await answer.json()) as { accepted: number; receipts: { delivered: number } }; // as its row says
  };
  assert.equal((await campaigns()).accepted, 30);
  await until('the receipts are here', async () => (await campaigns()).receipts.delivered === 30);
  const simulation = await fetch(`${origin}/v1/simulation`, { headers: { cookie } });
  const { running } = (await simulation.json()) as { running: { url: string } }; // as its row says
  assert.equal(running.url, new URL(phone).origin);

  const { code, stderr } = await demo.kill('SIGINT');
  assert.equal(code, 0, stderr);
  assert.ok(!(await answers(phone)) && !(await answers(origin)));
});

test('of a demo that is killed no process and no file is left', async () => {
  const demo = site.cli.start(open, ownPort);
  const [, phone = ''] = await demo.printed(/phone +(http\S+)/);
  const [, directory = ''] = /database of its own in (\S+)/.exec(demo.stdout) ?? [];
  const files = await readdir(directory, { recursive: true });
  const pidFile = files.find((name) => name.endsWith('postmaster.pid')) ?? '';
  const postgres = Number((await readFile(join(directory, pidFile), 'utf8')).split('\n')[0]);
  assert.ok(await isThere(postgres));
  await demo.kill('SIGKILL');
  await until('the simulator is gone', async () => !(await answers(phone)));
  await until('the database is gone', async () => !(await isThere(postgres)));
  await until('its files are gone', async () => !existsSync(directory));
});

test('--open in a clone without its pages says how to build them, and starts nothing', async () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const clone = join(site.directory, 'clone');
  for (const part of ['bin', 'src', 'sql', 'package.json'])
    await cp(join(root, part), join(clone, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'));
  const args = [join(clone, 'bin/hongyan.js'), '--lang', 'zh', ...open];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, HOME: site.directory, HONGYAN_LISTEN: '127.0.0.1:0' },
  });
  assert.equal(status, 2, stderr);
  assert.match(
    stderr,
    /^错误：demo --open 要打开控制台和模拟手机，而它们尚未构建 \[USAGE\]\n {2}.*npm run build/,
  );
  assert.equal(stdout, '');
});

test('a demo whose addresses are taken says which, and starts nothing', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  assert.ok(address !== null && typeof address === 'object');
  const { port } = address;
  try {
    const env = { HONGYAN_LISTEN: `127.0.0.1:${port}` };
    const console = await site.cli.run([...open], { env });
    assert.equal(console.code, 1);
    assert.match(
      console.stderr,
      new RegExp(`127.0.0.1:${port} is taken, perhaps by another demo[^]*HONGYAN_LISTEN`),
    );
    const phone = await site.cli.run(['demo', '--open', '--phone-port', String(port)], ownPort);
    assert.equal(phone.code, 1);
    assert.match(phone.stderr, new RegExp(`127.0.0.1:${port} is taken[^]*--phone-port`));
    assert.equal(console.stdout + phone.stdout, '');
  } finally {
    taken.close();
  }
});
