import type { Account } from '../state/account.ts';
import type { MediaType } from '../state/media-store.ts';
import { type Answer, type Failure, fail } from './answers.ts';
import { type Body, type Call, object, type Route, text } from './route.ts';

const shanghaiMs = 8 * 3_600_000;
const dayMs = 86_400_000;
const clientMsgIdBytes = 32;
const retryPauseMs = 60_000;
const perUserAndMonth = 4;
/** Ten thousand recipients a minute at speeds 0 … 4. */
const realSpeed = [80, 60, 45, 30, 10] as const;

const massRoute = { auth: 'token', kinds: ['service', 'official'], body: 'json', method: 'POST' } as const;

/** Mass sends (群发). */
export const massRoutes: Route[] = [
  { ...massRoute, path: '/cgi-bin/message/mass/sendall', handle: sendAll },
  { ...massRoute, path: '/cgi-bin/message/mass/send', kinds: ['service'], handle: sendList },
  { ...massRoute, path: '/cgi-bin/message/mass/preview', handle: preview },
  {
    ...massRoute,
    path: '/cgi-bin/message/mass/get',
    handle: ({ account, body, nowMs }) => {
      const job = account.mass.get(Number(body.msg_id));
      if (job === undefined) return fail(40059);
      return JSON.stringify({ msg_id: job.msgId, msg_status: account.mass.status(job, nowMs) });
    },
  },
  {
    ...massRoute,
    path: '/cgi-bin/message/mass/delete',
    handle: ({ account, body }) => {
      const job = account.mass.get(Number(body.msg_id));
      if (job === undefined) return fail(40059);
      job.deleted = true;
      return '{"errcode":0,"errmsg":"ok"}';
    },
  },
  {
    ...massRoute,
    path: '/cgi-bin/message/mass/speed/get',
    body: 'raw',
    handle: ({ account }) =>
      JSON.stringify({ speed: account.massSpeed, realspeed: realSpeed[account.massSpeed] ?? 30 }),
  },
  {
    ...massRoute,
    path: '/cgi-bin/message/mass/speed/set',
    handle: ({ account, body }) => {
      const { speed } = body;
      if (speed === undefined) return fail(45084);
      if (typeof speed !== 'number' || realSpeed[speed] === undefined) return fail(45083);
      account.massSpeed = speed;
      return '{"errcode":0,"errmsg":"ok"}';
    },
  },
];

function sendAll(call: Call): Answer {
  const { account, body, nowMs } = call;
  const refused = checkContent(account, body, nowMs);
  if (refused !== undefined) return refused;
  const filter = object(body.filter);
  if (filter === undefined) return fail(40031);
  if (filter.is_to_all === true) return submit(call, 'all');
  const tag = account.tags.get(Number(filter.tag_id));
  if (tag === undefined) return fail(45159);
  return submit(call, account.tags.page(tag, -1, Number.POSITIVE_INFINITY));
}

function sendList(call: Call): Answer {
  const { account, body, nowMs } = call;
  const { touser } = body;
  if (!Array.isArray(touser)) return fail(40031);
  if (touser.length < 2) return fail(40130);
  if (touser.length > 10_000) return fail(40032);
  const indexes = touser.map((openid) => account.followers.find(openid));
  if (indexes.includes(-1)) return fail(40003);
  return checkContent(account, body, nowMs) ?? submit(call, [...new Set(indexes)]);
}

function preview(call: Call): Answer {
  const { account, body, nowMs } = call;
  const refused = checkContent(account, body, nowMs);
  if (refused !== undefined) return refused;
  if ((text(body.towxname) ?? '') !== '') return previewed(account, nowMs);
  const index = account.followers.find(body.touser);
  if (index < 0) return fail(40003);
  if (!account.followers.follows(index)) return fail(43004);
  return previewed(account, nowMs);
}

function previewed(account: Account, nowMs: number): string {
  const { msgId } = account.mass.create(nowMs);
  return `{"errcode":0,"errmsg":"preview success","msg_id":${msgId}}`;
}

function submit({ account, body, nowMs }: Call, recipients: readonly number[] | 'all'): Answer {
  const { mass, followers, options } = account;
  const clientMsgId = text(body.clientmsgid) ?? '';
  if (Buffer.byteLength(clientMsgId) > clientMsgIdBytes) return fail(45067);
  const before = clientMsgId === '' ? undefined : mass.byClientMsgId(clientMsgId, nowMs);
  if (before !== undefined) {
    const { errcode, errmsg } = fail(nowMs - before.atMs < retryPauseMs ? 45066 : 45065);
    return { errcode, errmsg, more: `,"msg_id":${before.msgId}` };
  }
  const shanghai = new Date(nowMs + shanghaiMs);
  const month = shanghai.getUTCFullYear() * 12 + shanghai.getUTCMonth();
  const today = mass.today(Math.floor((nowMs + shanghaiMs) / dayMs));
  const toAll = mass.thisMonth(month, -1);
  if (options.kind === 'official' ? today >= 1 : toAll >= perUserAndMonth) return fail(45028);

  // Those who left or had their four this month are filtered out silently, as WeChat does.
  const reached =
    recipients === 'all'
      ? recipients
      : recipients.filter(
          (index) =>
            followers.follows(index) &&
            !followers.isBlacklisted(index) &&
            (options.kind === 'official' || mass.thisMonth(month, index) < perUserAndMonth),
        );
  mass.count(reached);
  const job = mass.create(nowMs);
  if (clientMsgId !== '') mass.rememberClientMsgId(clientMsgId, job.msgId, nowMs);
  // The operator's openid is that of the first person; everything that was not filtered out is sent.
  account.events.raise(
    'MASSSENDJOBFINISH',
    0,
    {
      totalCount: recipients === 'all' ? followers.total : recipients.length,
      filterCount: reached === 'all' ? followers.total : reached.length,
    },
    { msgid: job.msgId, status: 'send success' },
  );
  if (reached !== 'all') {
    for (const index of reached) {
      account.received.add(index, {
        at: nowMs,
        channel: 'mass',
        openid: followers.openid(index),
        msgid: String(job.msgId),
        body,
      });
    }
  }
  return `{"errcode":0,"errmsg":"send job submission success","msg_id":${job.msgId},"msg_data_id":${job.msgDataId}}`;
}

const mediaTypes: Readonly<Record<string, MediaType>> = { voice: 'voice', image: 'image' };

function checkContent(account: Account, body: Body, nowMs: number): Failure | undefined {
  const type = text(body.msgtype) ?? '';
  const message = object(type === 'image' && body.images !== undefined ? body.images : body[type]);
  switch (type) {
    case 'text':
      return (text(message?.content) ?? '') === '' ? fail(44004) : undefined;
    case 'mpnews':
    case 'mpvideo':
      return (text(message?.media_id) ?? '') === '' ? fail(40007) : undefined;
    case 'wxcard':
      return (text(message?.card_id) ?? '') === '' ? fail(44004) : undefined;
    case 'image':
    case 'voice': {
      const ids: unknown[] = Array.isArray(message?.media_ids) ? message.media_ids : [message?.media_id];
      return ids.every((id) => account.media.type(id, nowMs) === mediaTypes[type]) ? undefined : fail(40007);
    }
    default:
      return fail(40008);
  }
}
