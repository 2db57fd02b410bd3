import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeSite } from '../support/campaign.ts';
import { callsOf, received, startWechat } from '../support/wechat.ts';

const processes = 8;
const messages = 1_000;

test('8 processes share one token: one fetch per supersession or expiry, and no message is lost', async () => {
  const site = await makeSite();
  const simulator = await startWechat({ kind: 'service', followers: messages });
  const account = simulator.account();
  await site.add(simulator, account);
  const templateId = account
    .templates()
    .find((one) => one.content.includes('{{keyword3.DATA}}'))?.template_id;
  const share = messages / processes;
  const children = Array.from({ length: processes }, (_, i) => {
    const openids = Array.from({ length: share }, (_one, n) => account.openid(i * share + n));
    const task = {
      databaseUrl: site.database.url,
      url: simulator.url,
      appid: account.appid,
      secret: account.secret,
      templateId,
      openids,
    };
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('../support/wechat/token-child.ts', import.meta.url)), JSON.stringify(task)],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  });
  try {
    const endings = [
      'none',
      'superseded',
      'expired',
      'none',
      'superseded',
      'superseded',
      'expired',
      'none',
      'expired',
      'superseded',
    ] as const;
    for (const ending of endings) {
      if (ending !== 'none') account.endTokens(ending);
      // All processes meet the dead token at once.
      for (const { child } of children) child.stdin.write('go\n');
      await Promise.all(children.map(({ lines }) => lines.next()));
    }
    const answers = await Promise.all(
      children.map(async ({ lines }) => JSON.parse(String((await lines.next()).value))),
    );
    assert.deepEqual(
      answers,
      Array.from({ length: processes }, () => ({ accepted: share })),
    );
    const ended = endings.filter((one) => one !== 'none').length;
    assert.equal(callsOf(account, '/cgi-bin/stable_token'), 1 + ended);
    const got = await received(simulator, account.appid);
    assert.equal(got.size, messages);
    assert.deepEqual([...new Set(got.values())], [1]);
  } finally {
    for (const { child } of children) if (child.exitCode === null) child.kill('SIGKILL');
  }
});
