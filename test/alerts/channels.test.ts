import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sendMail } from '../../src/engine/alerts/mail.ts';
import { testMessage } from '../../src/engine/alerts/message.ts';
import { robotRequest } from '../../src/engine/alerts/robots.ts';
import { AlertSender } from '../../src/engine/alerts/sender.ts';
import { type AlertTarget, checkTarget } from '../../src/engine/alerts/target.ts';
import { createGuard } from '../../src/engine/webhooks/guard.ts';
import type { ClaimedTelling } from '../../src/store/alerts/tellings.ts';
import { robotKeyword, startMailServer, startRobot } from '../support/alerts/stand-ins.ts';
import { isSigned, startReceiver } from '../support/webhooks.ts';

const sender = new AlertSender(['127.0.0.1']);
const zh = { lang: 'zh', publicUrl: 'https://push.example.com' } as const;
const en = { lang: 'en', publicUrl: null } as const;

const paused: ClaimedTelling = {
  ...{ id: 7, kind: 'campaign-paused', subject: '42', appid: 'wx00000000000000a1' },
  details: { campaign: 42, reason: 'errcode:40001' },
  seenAt: new Date('2026-11-27T01:02:03Z'),
  openedAt: new Date('2026-11-27T01:03:03Z'),
  endedAt: null,
  ...{ what: 'opened', attempts: 1, timeZone: 'Asia/Shanghai' },
};
const over: ClaimedTelling = { ...paused, what: 'ended', endedAt: new Date('2026-11-27T03:32:03Z') };

describe('a robot of a group', () => {
  for (const kind of ['wecom', 'dingtalk', 'feishu'] as const) {
    test(`is told in the form of its documents, in its language, with a link and in the account’s time (${kind})`, async () => {
      const robot = await startRobot(kind, { signs: true, keyword: true });
      assert.deepEqual(await sender.tell(robot.target, [paused], zh), { kind: 'taken' });
      assert.deepEqual(await sender.tell(robot.target, [over], en), { kind: 'taken' });
      const [begun = '', ended = ''] = robot.texts;
      assert.match(begun, /推送任务 42 已暂停/);
      assert.match(begun, /原因：40001 /);
      assert.match(begun, /开始：2026-11-27 09:02/);
      assert.match(begun, /https:\/\/push\.example\.com\/campaigns\/42/);
      assert.match(ended, /Over: Campaign 42 is paused/);
      assert.match(ended, /From 2026-11-27 09:02 to 2026-11-27 11:32, 2 h 30 min/);
      assert.doesNotMatch(ended, /http/, 'without a public address there is no link');
    });

    test(`says what is wrong, and never its key (${kind})`, async () => {
      const robot = await startRobot(kind);
      const foreign = { ...robot.target, url: robot.target.url.replace('of-the-group', 'of-another-group') };
      const sent = await sender.test(foreign, zh);
      assert.ok(sent.kind === 'failed');
      assert.match(
        sent.error,
        /^(?:93000 invalid webhook url|300005 token is not exist|19001 param invalid)/,
      );
      assert.doesNotMatch(sent.error, /of-another-group/);
    });

    test(`whose limit is reached is left alone for its time (${kind})`, async () => {
      const robot = await startRobot(kind);
      let sent = await sender.test(robot.target, zh);
      for (let i = 0; i < 100 && sent.kind === 'taken'; i++) sent = await sender.test(robot.target, zh);
      assert.ok(sent.kind === 'busy');
      assert.match(sent.error, /^(?:45009|130101|11232) /);
      assert.equal(sent.waitMs > 60_000, true);
      assert.equal(sent.waitMs > 600_000, kind === 'dingtalk', '钉钉 refuses for ten minutes');
      robot.status = 429;
      assert.equal((await sender.test(robot.target, zh)).kind, 'busy');
      robot.status = 500;
      assert.deepEqual(await sender.test(robot.target, zh), { kind: 'failed', error: 'HTTP 500' });
    });
  }

  test('of 钉钉 and 飞书 refuses what is not signed, or without its keyword', async () => {
    for (const [kind, code] of [
      ['dingtalk', 310000],
      ['feishu', 19021],
    ] as const) {
      const robot = await startRobot(kind, { signs: true });
      await sender.test({ ...robot.target, kind, secret: null, keyword: null }, zh);
      await sender.test({ ...robot.target, kind, secret: 'another', keyword: null }, zh);
      await sender.test(robot.target, zh);
      assert.deepEqual(robot.answers, [code, code, 0]);
    }
    for (const [kind, code] of [
      ['dingtalk', 310000],
      ['feishu', 19024],
    ] as const) {
      const robot = await startRobot(kind, { keyword: true });
      await sender.test({ ...robot.target, kind, secret: null, keyword: null }, zh);
      await sender.test(robot.target, zh);
      assert.deepEqual(robot.answers, [code, 0]);
      assert.match(robot.texts[0] ?? '', new RegExp(robotKeyword));
    }
  });

  test('of 钉钉 and 飞书 is signed as in the examples of their documents', () => {
    const url = 'https://oapi.dingtalk.com/robot/send?access_token=t';
    const message = testMessage(en);
    const ding = robotRequest(
      { kind: 'dingtalk', url, secret: 'this is secret', keyword: null },
      message,
      1_577_262_236_757,
    );
    // Computed with the Python of 钉钉's document (hmac.new(secret, "1577262236757\nthis is secret", sha256)).
    assert.equal(new URL(ding.url).searchParams.get('sign'), 'hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM=');
    const lark = robotRequest(
      {
        kind: 'feishu',
        url: 'https://open.feishu.cn/open-apis/bot/v2/hook/x',
        secret: 'demo',
        keyword: null,
      },
      message,
      1_599_360_473_000,
    );
    // With that of 飞书's (hmac.new("1599360473\ndemo", b"", sha256)).
    assert.deepEqual(
      [lark.body.timestamp, lark.body.sign],
      ['1599360473', 'l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8='],
    );
  });

  test('is told several things with one message, cut where it takes no more, and values are no links', async () => {
    const robot = await startRobot('wecom');
    const evil = {
      ...paused,
      details: { campaign: 42, reason: `[x](http://evil) <@all> ${'长'.repeat(400)}` },
    };
    assert.equal((await sender.tell(robot.target, [paused, evil, ...Array(8).fill(evil)], zh)).kind, 'taken');
    const [text = ''] = robot.texts;
    assert.ok(Buffer.byteLength(text) <= 4096 && text.includes('推送任务 42'));
    assert.doesNotMatch(text, /\[x\]|<@/);
  });

  test('that does not answer, or answers something else, has taken nothing', async () => {
    const robot = await startRobot('wecom');
    robot.status = 200;
    assert.deepEqual(await sender.test(robot.target, zh), { kind: 'failed', error: 'unparsable' });
    const closed = { kind: 'wecom', url: 'http://127.0.0.1:9/cgi-bin/webhook/send?key=1' } as const;
    assert.deepEqual(await sender.test(closed, zh), { kind: 'failed', error: 'ECONNREFUSED' });
  });

  test('is not connected to where the guard forbids it', async () => {
    const robot = await startRobot('wecom');
    const strict = new AlertSender([]);
    const literal = await strict.test(robot.target, zh);
    assert.deepEqual(literal, { kind: 'failed', error: 'WEBHOOK_ADDRESS_REFUSED' });
    const sent = await strict.test(
      { ...robot.target, url: robot.target.url.replace('127.0.0.1', 'localhost') },
      zh,
    );
    assert.deepEqual(sent, { kind: 'failed', error: 'WEBHOOK_ADDRESS_REFUSED' });
    assert.equal(robot.asked, 0);
    await strict.close();
  });
});

describe('an e-mail', () => {
  const mail = (port: number): Extract<AlertTarget, { kind: 'email' }> => ({
    ...{ kind: 'email', host: 'localhost', port, secure: false, user: null, password: null },
    ...{ from: 'hongyan@example.com', to: ['a@example.com', 'b@example.com'] },
  });

  test('says in its subject what happened, and all of it in its text', async () => {
    const server = await startMailServer();
    const sent = await new AlertSender(['127.0.0.1', '::1']).tell(mail(server.port), [paused], zh);
    assert.deepEqual(sent, { kind: 'taken' });
    const [taken = ''] = server.mails;
    const [head = '', ...rest] = taken.split('\n\n');
    assert.match(head, /^From: hongyan@example\.com$/m);
    assert.match(head, /^To: a@example\.com, b@example\.com$/m);
    assert.match(head, /^Auto-Submitted: auto-generated$/m);
    const text = Buffer.from(rest.join(''), /base64/i.test(head) ? 'base64' : 'utf8').toString();
    assert.match(decoded(text), /推送任务 42 已暂停/);
    assert.match(decoded(text), /在控制台查看：https:\/\/push\.example\.com\/campaigns\/42/);
    assert.match(words(head), /🔴 推送任务 42 已暂停/);
  });

  test('signs in, and says what the server answers, without the password', async () => {
    const server = await startMailServer({ user: 'hongyan', password: 'right horse' });
    const guard = createGuard(['127.0.0.1', '::1']);
    const target = { ...mail(server.port), user: 'hongyan' };
    assert.deepEqual(await sendMail(guard, { ...target, password: 'right horse' }, testMessage(en)), {
      kind: 'taken',
    });
    const sent = await sendMail(guard, { ...target, password: 'wrong horse' }, testMessage(en));
    assert.ok(sent.kind === 'failed');
    assert.match(sent.error, /^EAUTH 535 5\.7\.8 authentication failed$/);
    assert.equal(server.mails.length, 1);
  });

  test('to another machine leaves by TLS only: neither password nor text without it', async () => {
    const server = await startMailServer({ user: 'hongyan', password: 'right horse' });
    const target = { ...mail(server.port), user: 'hongyan', password: 'right horse' };
    const elsewhere = () => false;
    const sent = await sendMail(createGuard(['127.0.0.1', '::1']), target, testMessage(en), elsewhere);
    assert.ok(sent.kind === 'failed', 'it has no STARTTLS');
    assert.deepEqual(
      server.heard.filter((line) => /^(?:AUTH|MAIL|RCPT|DATA)/.test(line)),
      [],
    );
    assert.deepEqual(server.mails, []);
  });

  test('goes nowhere that the guard forbids', async () => {
    const server = await startMailServer();
    const sent = await sendMail(createGuard([]), mail(server.port), testMessage(en));
    assert.deepEqual(sent, { kind: 'failed', error: 'WEBHOOK_ADDRESS_REFUSED' });
    assert.deepEqual(server.heard, []);
  });

  const decoded = (text: string): string =>
    Buffer.from(
      text
        .replace(/=\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      /=[0-9A-F]{2}/.test(text) ? 'latin1' : 'utf8',
    ).toString();
  const words = (head: string): string =>
    head
      .replace(/\?=\s+=\?UTF-8\?[BQ]\?/gi, '')
      .replace(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, form: string, text: string) =>
        form.toUpperCase() === 'B'
          ? Buffer.from(text, 'base64').toString()
          : decoded(text.replaceAll('_', ' ')),
      );
});

test('a webhook is told in its own signed form, with an id that repeats with it', async () => {
  const hook = await startReceiver();
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const target = { kind: 'webhook', url: hook.url, secret } as const;
  await sender.tell(target, [paused], zh);
  await sender.tell(target, [over], zh);
  await sender.tell(target, [over], zh);
  assert.deepEqual(
    hook.posts.map(({ id }) => id),
    ['incident-7-opened', 'incident-7-ended', 'incident-7-ended'],
  );
  assert.ok(hook.posts.every((post) => isSigned(post, secret)));
  const [item] = JSON.parse(hook.posts[1]?.body ?? '').items;
  assert.deepEqual(
    [item.topic, item.what, item.kind, item.appid, item.since, item.until, item.link],
    [
      ...['incident', 'ended', 'campaign-paused', 'wx00000000000000a1', '2026-11-27T01:02:03.000Z'],
      ...['2026-11-27T03:32:03.000Z', 'https://push.example.com/campaigns/42'],
    ],
  );
  hook.status = 503;
  assert.deepEqual(await sender.tell(target, [paused], zh), { kind: 'failed', error: 'HTTP 503' });
});

test('where a channel cannot lead is refused before anything is to be told', () => {
  const guard = createGuard(['127.0.0.1']);
  const robot = { secret: null, keyword: null };
  const mail = {
    kind: 'email',
    host: 'smtp.example.com',
    port: 465,
    secure: true,
    user: null,
    password: null,
  } as const;
  const good: [AlertTarget, string][] = [
    [
      { kind: 'wecom', url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a' },
      'qyapi.weixin.qq.com',
    ],
    [
      { kind: 'dingtalk', url: 'https://oapi.dingtalk.com/robot/send?access_token=1', ...robot },
      'oapi.dingtalk.com',
    ],
    [
      { kind: 'feishu', url: 'https://open.feishu.cn/open-apis/bot/v2/hook/5e3d-1', ...robot },
      'open.feishu.cn',
    ],
    [{ ...mail, from: 'a@example.com', to: ['b@example.com'] }, 'smtp.example.com:465'],
  ];
  for (const [target, host] of good) assert.equal(checkTarget(target, guard), host);
  const bad: [AlertTarget, string][] = [
    [{ kind: 'wecom', url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send' }, 'ALERT_TARGET_INVALID'],
    [
      { kind: 'wecom', url: 'http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a' },
      'ALERT_TARGET_INVALID',
    ],
    [
      { kind: 'dingtalk', url: 'https://oapi.dingtalk.com/robot/send?key=1', ...robot },
      'ALERT_TARGET_INVALID',
    ],
    [{ kind: 'feishu', url: 'https://open.feishu.cn/bot', ...robot }, 'ALERT_TARGET_INVALID'],
    [{ kind: 'wecom', url: 'https://10.0.0.1/?key=1' }, 'WEBHOOK_ADDRESS_REFUSED'],
    [{ kind: 'wecom', url: 'key' }, 'WEBHOOK_URL_INVALID'],
    [{ ...mail, from: 'a@example.com', to: ['b@example.com\r\nBcc: c@example.com'] }, 'ALERT_TARGET_INVALID'],
    [{ ...mail, from: 'Hongyan <a@example.com>', to: ['b@example.com'] }, 'ALERT_TARGET_INVALID'],
    [{ ...mail, host: '10.0.0.1', from: 'a@example.com', to: ['b@example.com'] }, 'WEBHOOK_ADDRESS_REFUSED'],
    [{ ...mail, user: 'a', from: 'a@example.com', to: ['b@example.com'] }, 'ALERT_TARGET_INVALID'],
    [{ kind: 'webhook', url: 'https://example.com', secret: 'short' }, 'WEBHOOK_SECRET_INVALID'],
  ];
  for (const [target, code] of bad)
    assert.throws(() => checkTarget(target, guard), { code }, JSON.stringify(target));
});
