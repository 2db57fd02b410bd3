import { createHmac } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { request } from 'undici';
import { errorCode } from '../../base/errors.ts';
import { failPost, postSpan } from '../../base/post-span.ts';
import { hiddenFromOthers, noParent, type Span } from '../../base/tracing.ts';
import type { AlertMessage, AlertPart } from './message.ts';
import type { AlertTarget } from './target.ts';

/** What became of telling a channel. `busy`: too much came at once, and it takes more later. */
export type Sent =
  | { kind: 'taken' }
  | { kind: 'busy'; error: string; waitMs: number }
  | { kind: 'failed'; error: string };

export type RobotTarget = Extract<AlertTarget, { kind: 'wecom' | 'dingtalk' | 'feishu' }>;

/** From the request to the end of its answer. */
const answerMs = 10_000;
const answerBytes = 64 * 1024;

/** Of the text: 4096 bytes of markdown at 企业微信, 20,000 at 钉钉, and 20 KB of the whole body at 飞书. */
const mostBytes = { wecom: 4_096, dingtalk: 18_000, feishu: 16_000 } as const;

/** A robot takes 20 messages a minute (飞书 100): the rest of the minute is waited for; 钉钉 then refuses all for ten. */
const minuteMs = 61_000;
const tenMinutesMs = 10 * 60_000 + 5_000;

/**
 * Errcodes that say that too much came at once, with how long it lasts.
 *
 * @see https://developer.work.weixin.qq.com/document/path/91770
 * @see https://open.dingtalk.com/document/robots/custom-robot-access
 * @see https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
 */
const busyCodes: Record<RobotTarget['kind'], Readonly<Record<number, number>>> = {
  wecom: { 45009: minuteMs },
  dingtalk: { 130101: tenMinutesMs, 410100: tenMinutesMs },
  feishu: { 11232: minuteMs },
};

/** Tells a robot. Never rejects. */
export async function postToRobot(
  dispatcher: Dispatcher,
  target: RobotTarget,
  message: AlertMessage,
  now: number,
): Promise<Sent> {
  const wish = robotRequest(target, message, now);
  const origin = { parent: noParent, attributes: { 'hongyan.alert.kind': target.kind } };
  return await postSpan(wish.url, origin, async (span) => {
    const sent = await send(dispatcher, target, wish, span);
    if (sent.kind !== 'taken') failPost(span, sent.error);
    return sent;
  });
}

async function send(
  dispatcher: Dispatcher,
  target: RobotTarget,
  { url, body }: { url: string; body: Record<string, unknown> },
  span: Span | null,
): Promise<Sent> {
  try {
    const wish = {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json;charset=utf-8', 'user-agent': 'Hongyan' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerMs),
    } as const;
    const answer = await hiddenFromOthers(() => request(url, wish));
    span?.setAttribute('http.response.status_code', answer.statusCode);
    const text = await readSome(answer.body);
    const { statusCode } = answer;
    // 钉钉 answers a redirect to whoever goes on after it said that it is too much.
    if (statusCode === 429 || (statusCode === 302 && target.kind === 'dingtalk'))
      return {
        kind: 'busy',
        error: `HTTP ${statusCode}`,
        waitMs: target.kind === 'dingtalk' ? tenMinutesMs : minuteMs,
      };
    if (statusCode < 200 || statusCode > 299) {
      const said = verdictOf(target, text);
      // 飞书 answers a refusal with 400 and its own code.
      return said !== null && said.kind !== 'taken' ? said : { kind: 'failed', error: `HTTP ${statusCode}` };
    }
    return verdictOf(target, text) ?? { kind: 'failed', error: 'unparsable' };
  } catch (error) {
    // The code alone: a message may name the URL with its key.
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    return { kind: 'failed', error: isLate ? 'timeout' : (errorCode(error) ?? 'no-connection') };
  }
}

/** What is sent where. `now`: Unix ms. */
export function robotRequest(
  target: RobotTarget,
  message: AlertMessage,
  now: number,
): { url: string; body: Record<string, unknown> } {
  switch (target.kind) {
    case 'wecom':
      return {
        url: target.url,
        body: { msgtype: 'markdown', markdown: { content: markdown(message, 'wecom') } },
      };
    case 'dingtalk': {
      const { secret, keyword } = target;
      const text = withKeyword(markdown(message, 'dingtalk'), keyword);
      const url = new URL(target.url);
      if (secret !== null) {
        const sign = createHmac('sha256', secret).update(`${now}\n${secret}`).digest('base64');
        url.searchParams.set('timestamp', String(now));
        url.searchParams.set('sign', sign);
      }
      return { url: url.href, body: { msgtype: 'markdown', markdown: { title: message.title, text } } };
    }
    case 'feishu': {
      const { secret, keyword } = target;
      const seconds = Math.floor(now / 1000);
      // What is to be signed is the key here, and nothing is signed with it.
      const sign = secret === null ? null : createHmac('sha256', `${seconds}\n${secret}`).digest('base64');
      const content = post(message);
      const isSaid = keyword === null || JSON.stringify([message.title, content]).includes(keyword);
      if (!isSaid) content.push([{ tag: 'text', text: keyword }]);
      return {
        url: target.url,
        body: {
          ...(sign === null ? {} : { timestamp: String(seconds), sign }),
          msg_type: 'post',
          content: { post: { zh_cn: { title: message.title, content } } },
        },
      };
    }
  }
}

function withKeyword(text: string, keyword: string | null): string {
  return keyword === null || text.includes(keyword) ? text : `${text}\n\n${keyword}`;
}

/** One block a part; a part that has no room any more is left out, and the title says how many there are. */
function markdown({ parts }: AlertMessage, kind: 'wecom' | 'dingtalk'): string {
  const gap = kind === 'wecom' ? '\n' : '\n\n';
  const blocks = parts.map(({ title, lines, link }) =>
    [
      `**${plain(title)}**`,
      ...lines.map((line) => `> ${plain(line)}`),
      ...(link === null ? [] : [`[${link.text}](${link.url})`]),
    ].join(gap),
  );
  return fitting(blocks, '\n\n', mostBytes[kind]);
}

/** Nothing of a value becomes a link, a colour or a mention. */
function plain(text: string): string {
  return text.replace(/[[\]<>`*]/g, (sign) => String.fromCharCode((sign.codePointAt(0) ?? 0) + 0xfee0));
}

function fitting(blocks: readonly string[], gap: string, most: number): string {
  let text = '';
  for (const block of blocks) {
    const longer = text === '' ? block : text + gap + block;
    if (Buffer.byteLength(longer) > most) break;
    text = longer;
  }
  // A single block of that length does not occur: its values are cut.
  return text === ''
    ? Buffer.from(blocks[0] ?? '')
        .subarray(0, most - 3)
        .toString()
        .replace(/�+$/, '')
    : text;
}

type PostElement = { tag: 'text'; text: string } | { tag: 'a'; text: string; href: string };

function post({ parts }: AlertMessage): PostElement[][] {
  let bytes = 0;
  const lines: PostElement[][] = [];
  for (const part of parts) {
    const block = postBlock(part, parts.length > 1);
    bytes += Buffer.byteLength(JSON.stringify(block));
    if (bytes > mostBytes.feishu) break;
    lines.push(...block);
  }
  return lines;
}

function postBlock({ title, lines, link }: AlertPart, isOneOfSeveral: boolean): PostElement[][] {
  return [
    ...(isOneOfSeveral ? [[{ tag: 'text' as const, text: title }]] : []),
    ...lines.map((text) => [{ tag: 'text' as const, text }]),
    ...(link === null ? [] : [[{ tag: 'a' as const, text: link.text, href: link.url }]]),
  ];
}

/** What an answer says; null for one that is none of this robot's. */
function verdictOf(target: RobotTarget, text: string): Sent | null {
  const answer = jsonObject(text);
  const code = target.kind === 'feishu' ? (answer?.code ?? answer?.StatusCode) : answer?.errcode;
  if (typeof code !== 'number') return null;
  if (code === 0) return { kind: 'taken' };
  const said = target.kind === 'feishu' ? (answer?.msg ?? answer?.StatusMessage) : answer?.errmsg;
  const error = `${code} ${masked(target, typeof said === 'string' ? said : '')}`.trim();
  const waitMs = busyCodes[target.kind][code];
  return waitMs === undefined ? { kind: 'failed', error } : { kind: 'busy', error, waitMs };
}

/** Their own words, which help whoever mends it; the key of the address, should it be repeated, does not. */
function masked(target: RobotTarget, said: string): string {
  const url = new URL(target.url);
  const secrets = [...url.searchParams.values(), url.pathname.split('/').at(-1) ?? ''].filter(
    (one) => one.length >= 8,
  );
  const clean = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), said);
  return clean.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, 200);
}

function jsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

async function readSome(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > answerBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
