import type { Account } from '../state/account.ts';
import type { MediaType } from '../state/media-store.ts';
import { type Answer, type Failure, fail, okAnswer } from './answers.ts';
import { type Body, type Call, object, type Route, text } from './route.ts';

/** What is usually quoted; not in the documents. */
const maxTextBytes = 2048;
const typingPauseMs = 15_000;

type Check = (message: Body, account: Account, nowMs: number) => Failure | undefined;

const media =
  (key: string, type: MediaType): Check =>
  (message, account, nowMs) =>
    account.media.type(message[key], nowMs) === type ? undefined : fail(40007);

const need =
  (...keys: string[]): Check =>
  (message) =>
    keys.every((key) => (text(message[key]) ?? '') !== '') ? undefined : fail(44004);

const all =
  (...checks: Check[]): Check =>
  (message, account, nowMs) => {
    for (const check of checks) {
      const failure = check(message, account, nowMs);
      if (failure !== undefined) return failure;
    }
    return undefined;
  };

/** The cover of a video, which one that has none may do without where `kfVideoThumb` says so. */
const videoThumb: Check = (message, account, nowMs) =>
  account.options.kfVideoThumb === 'optional' && message.thumb_media_id === undefined
    ? undefined
    : media('thumb_media_id', 'thumb')(message, account, nowMs);

const textMessage: Check = (message) => {
  const content = text(message.content) ?? '';
  if (content === '') return fail(44004);
  return Buffer.byteLength(content) > maxTextBytes ? fail(45002) : undefined;
};

const news: Check = (message) => {
  const { articles } = message;
  if (!Array.isArray(articles) || articles.length === 0) return fail(44004);
  return articles.length > 1 ? fail(45008) : undefined;
};

const menu: Check = (message) =>
  Array.isArray(message.list) && message.list.length > 0 ? undefined : fail(44004);

const oaTypes: Readonly<Record<string, Check>> = {
  text: textMessage,
  image: media('media_id', 'image'),
  voice: media('media_id', 'voice'),
  video: all(media('media_id', 'video'), videoThumb),
  music: all(need('musicurl', 'hqmusicurl'), media('thumb_media_id', 'thumb')),
  news: news,
  mpnews: need('media_id'),
  mpnewsarticle: need('article_id'),
  msgmenu: menu,
  wxcard: need('card_id'),
  miniprogrampage: all(need('title', 'appid', 'pagepath'), thumb),
};

const mpTypes: Readonly<Record<string, Check>> = {
  text: textMessage,
  image: media('media_id', 'image'),
  link: need('title', 'description', 'url', 'thumb_url'),
  miniprogrampage: all(need('title', 'pagepath'), thumb),
};

/** Customer-service messages (客服消息). */
export const kfRoutes: Route[] = [
  {
    path: '/cgi-bin/message/custom/send',
    method: 'POST',
    auth: 'token',
    body: 'json',
    handle: send,
  },
  {
    path: '/cgi-bin/message/custom/typing',
    method: 'POST',
    auth: 'token',
    body: 'json',
    handle: typing,
  },
];

function send({ account, body, nowMs }: Call): Answer {
  const index = account.followers.find(body.touser);
  if (index < 0) return fail(40003);
  const types = account.options.kind === 'miniprogram' ? mpTypes : oaTypes;
  const type = text(body.msgtype) ?? '';
  const check = Object.hasOwn(types, type) ? types[type] : undefined;
  if (check === undefined) return fail(40008);
  const message = object(body[type]);
  const refused = message === undefined ? fail(44004) : check(message, account, nowMs);
  if (refused !== undefined) return refused;
  // A Mini Program has no followers: there the window alone decides.
  if (account.options.kind !== 'miniprogram' && !account.followers.follows(index)) return fail(45015);
  if (account.followers.isBlacklisted(index)) return fail(43019);
  const closed = account.kf.check(index, nowMs);
  if (closed !== 0) return fail(closed);
  account.kf.take(index);
  account.received.add(index, {
    at: nowMs,
    channel: 'kf',
    openid: body.touser as string, // decoded above, so it is text
    body,
  });
  return okAnswer;
}

function typing({ account, body, nowMs }: Call): Answer {
  const index = account.followers.find(body.touser);
  if (index < 0) return fail(40003);
  const { command } = body;
  if (command === 'CancelTyping') {
    account.typingAt.delete(index);
    return okAnswer;
  }
  if (command !== 'Typing') return fail(45072);
  if (account.kf.check(index, nowMs) !== 0) return fail(45080);
  const since = account.typingAt.get(index);
  if (since !== undefined && nowMs - since < typingPauseMs) return fail(45081);
  account.typingAt.set(index, nowMs);
  return okAnswer;
}

/** The picture of a Mini Program card: an image or a thumb. */
function thumb(message: Body, account: Account, nowMs: number): Failure | undefined {
  const type = account.media.type(message.thumb_media_id, nowMs);
  return type === 'image' || type === 'thumb' ? undefined : fail(40007);
}
