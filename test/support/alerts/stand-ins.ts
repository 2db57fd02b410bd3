/** Stand-ins for whoever is told, written from their documents. */
import { createHmac } from 'node:crypto';
import { after } from 'node:test';
import type { AlertTarget } from '../../../src/engine/alerts/target.ts';
import { httpServer, tcpServer } from '../wechat/raw-server.ts';

export interface Robot {
  target: Extract<AlertTarget, { kind: 'wecom' | 'dingtalk' | 'feishu' }>;
  /** What it took, as the group shows it. */
  texts: string[];
  /** What it answered, by its code. */
  answers: number[];
  /** Of requests under way, which it leaves without an answer while this is set. */
  silent: boolean;
  asked: number;
  /** HTTP status instead of an answer. */
  status: number | null;
}

export const robotSecret = 'SECthis is secret';
export const robotKeyword = '鸿雁告警';

/** Most messages in a minute: 企业微信 and 钉钉 20, 飞书 100. */
const mostAMinute = { wecom: 20, dingtalk: 20, feishu: 100 } as const;

/**
 * A robot of a group. Answers as documented: 企业微信 93000 for a wrong key and 45009 for too much, 钉钉 300005 for a wrong token,
 * 310000 for signature or keyword and 130101 for too much, 飞书 19021 for the signature, 19024 for the keyword, 11232 for too much,
 * 9499 for what it cannot read.
 *
 * @see https://developer.work.weixin.qq.com/document/path/91770
 * @see https://open.dingtalk.com/document/robots/custom-robot-access
 * @see https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
 */
export async function startRobot(
  kind: Robot['target']['kind'],
  options: { signs?: boolean; keyword?: boolean } = {},
): Promise<Robot> {
  const times: number[] = [];
  const server = await httpServer((request, body, response) => {
    robot.asked++;
    if (robot.silent) return;
    response.setHeader('content-type', 'application/json');
    if (robot.status !== null) {
      response.statusCode = robot.status;
      response.end('{}');
      return;
    }
    const { code, words } = judge(new URL(request.url ?? '/', 'http://robot'), body);
    robot.answers.push(code);
    response.end(
      JSON.stringify(kind === 'feishu' ? { code, msg: words, data: {} } : { errcode: code, errmsg: words }),
    );
  });
  after(() => server[Symbol.asyncDispose]());

  const judge = (url: URL, body: string): { code: number; words: string } => {
    const sent = JSON.parse(body) as Record<string, unknown>; // a stand-in fails with whatever it cannot read
    const text = textOf(kind, sent);
    if (kind === 'wecom') {
      if (url.pathname !== '/cgi-bin/webhook/send' || url.searchParams.get('key') !== 'key-of-the-group')
        return { code: 93000, words: `invalid webhook url, hint: [1], from ip: 127.0.0.1 ${url.search}` };
      if (text === null || Buffer.byteLength(text) > 4096)
        return { code: 40058, words: 'content exceed max length' };
    }
    if (kind === 'dingtalk') {
      if (url.pathname !== '/robot/send' || url.searchParams.get('access_token') !== 'token-of-the-group')
        return { code: 300005, words: 'token is not exist' };
      const timestamp = url.searchParams.get('timestamp') ?? '';
      const expected = createHmac('sha256', robotSecret)
        .update(`${timestamp}\n${robotSecret}`)
        .digest('base64');
      const isSigned =
        url.searchParams.get('sign') === expected && Math.abs(Date.now() - Number(timestamp)) < 3_600_000;
      if (options.signs === true && !isSigned) return { code: 310000, words: 'sign not match' };
      if (options.keyword === true && text?.includes(robotKeyword) !== true)
        return { code: 310000, words: 'keywords not in content' };
    }
    if (kind === 'feishu') {
      if (url.pathname !== '/open-apis/bot/v2/hook/id-of-the-group')
        return { code: 19001, words: 'param invalid' };
      const key = `${String(sent.timestamp)}\n${robotSecret}`;
      const isSigned =
        sent.sign === createHmac('sha256', key).update('').digest('base64') &&
        Math.abs(Date.now() / 1000 - Number(sent.timestamp)) < 3_600;
      if (options.signs === true && !isSigned)
        return {
          code: 19021,
          words: 'sign match fail or timestamp is not within one hour from current time',
        };
      if (options.keyword === true && text?.includes(robotKeyword) !== true)
        return { code: 19024, words: 'Key Words Not Found' };
    }
    if (text === null || text === '') return { code: kind === 'feishu' ? 9499 : 40008, words: 'Bad Request' };
    const now = Date.now();
    times.push(now);
    if (times.filter((at) => at > now - 60_000).length > mostAMinute[kind])
      return {
        code: { wecom: 45009, dingtalk: 130101, feishu: 11232 }[kind],
        words: 'api freq out of limit',
      };
    robot.texts.push(text);
    return { code: 0, words: 'ok' };
  };

  const path = {
    wecom: '/cgi-bin/webhook/send?key=key-of-the-group',
    dingtalk: '/robot/send?access_token=token-of-the-group',
    feishu: '/open-apis/bot/v2/hook/id-of-the-group',
  }[kind];
  const url = server.url + path;
  const robot: Robot = {
    target:
      kind === 'wecom'
        ? { kind, url }
        : {
            ...{ kind, url },
            secret: options.signs === true ? robotSecret : null,
            keyword: options.keyword === true ? robotKeyword : null,
          },
    ...{ texts: [], answers: [], silent: false, asked: 0, status: null },
  };
  return robot;
}

/** What the group shows; null for what the robot cannot read. */
function textOf(kind: Robot['target']['kind'], sent: Record<string, unknown>): string | null {
  if (kind === 'feishu') {
    if (sent.msg_type !== 'post') return null;
    const { content } = sent as {
      content: {
        post: { zh_cn: { title: string; content: { tag: string; text: string; href?: string }[][] } };
      };
    }; // as documented; anything else throws
    const { title, content: lines } = content.post.zh_cn;
    return [title, ...lines.map((line) => line.map(({ text, href = '' }) => text + href).join(''))].join(
      '\n',
    );
  }
  if (sent.msgtype !== 'markdown') return null;
  const { markdown } = sent as { markdown: { content?: string; text?: string; title?: string } }; // as documented
  return (kind === 'wecom' ? markdown.content : markdown.title === undefined ? null : markdown.text) ?? null;
}

export interface MailServer {
  port: number;
  /** Everything that clients said, line by line. */
  heard: string[];
  /** Whole messages that were taken. */
  mails: string[];
}

/** A mail server without TLS (RFC 5321), which takes AUTH PLAIN of one user. */
export async function startMailServer(
  login: { user: string; password: string } | null = null,
): Promise<MailServer> {
  const state: MailServer = { port: 0, heard: [], mails: [] };
  const server = await tcpServer((socket) => {
    let buffer = '';
    let mail: string[] | null = null;
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    say('220 mail.test ESMTP');
    socket.setEncoding('utf8').on('data', (text: string) => {
      buffer += text;
      for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        if (mail !== null) {
          if (line === '.') {
            state.mails.push(mail.join('\n'));
            mail = null;
            say('250 2.0.0 queued');
          } else mail.push(line);
          continue;
        }
        state.heard.push(line);
        const [verb = ''] = line.toUpperCase().split(' ');
        if (verb === 'EHLO') say(login === null ? '250 mail.test' : '250-mail.test\r\n250 AUTH PLAIN');
        else if (verb === 'AUTH') {
          const given = Buffer.from(line.split(' ')[2] ?? '', 'base64').toString();
          say(
            given === `\0${login?.user}\0${login?.password}`
              ? '235 2.7.0 ok'
              : '535 5.7.8 authentication failed',
          );
        } else if (verb === 'DATA') {
          mail = [];
          say('354 go on');
        } else if (verb === 'QUIT') socket.end('221 bye\r\n');
        else say('250 ok');
      }
    });
  });
  after(() => server[Symbol.asyncDispose]());
  state.port = server.port;
  return state;
}
