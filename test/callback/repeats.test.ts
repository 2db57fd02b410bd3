import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listEvents } from '../../src/store/events/events.ts';
import { addCallbackAccount } from '../support/callback/site.ts';
import { makeSite } from '../support/campaign.ts';
import type { RunningCli } from '../support/cli.ts';
import { makeEvent, makePush, send } from '../support/push.ts';

const site = await makeSite();

async function startServe(): Promise<{ cli: RunningCli; url: string }> {
  const cli = site.cli.start(['serve'], { env: { HONGYAN_LISTEN: '127.0.0.1:0' } });
  return { cli, url: (await cli.printed(/Listening on (http:\S+)/))[1] ?? '' };
}

test('recognises repeats on another server and after a restart, and keeps two events of one second apart', async () => {
  const settings = await addCallbackAccount(site, 'miniprogram');
  const { appid } = settings;
  const one = makeEvent('user_enter_tempsession', { SessionFrom: 'a' });
  const two = { ...one, SessionFrom: 'b' };
  const message = { ...one, MsgType: 'text', Event: '', Content: 'x', MsgId: '12345678901234567' };
  const all = [one, two, message];
  const deliver = async (to: string): Promise<void> => {
    // At once, and each with a signature of its own, as WeChat repeats.
    const answers = await Promise.all(
      [...all, ...all].map((one) => send(to, appid, makePush(settings, one))),
    );
    assert.deepEqual(
      new Set(answers.map(({ status, body }) => `${status} ${body}`)),
      new Set(['200 success']),
    );
  };
  const [first, second] = await Promise.all([startServe(), startServe()]);
  await Promise.all([deliver(first.url), deliver(second.url)]);
  assert.equal((await second.cli.kill('SIGKILL')).signal, 'SIGKILL');
  const third = await startServe();
  await deliver(third.url);
  assert.equal((await third.cli.kill('SIGTERM')).code, 0);
  assert.equal((await listEvents(site.store.pool, appid, null, 100)).length, 3);
  const ids = (await listEvents(site.store.pool, appid, null, 100)).map(({ fields }) =>
    String(fields.MsgId ?? fields.SessionFrom),
  );
  assert.deepEqual(ids.sort(), ['12345678901234567', 'a', 'b']);
});
