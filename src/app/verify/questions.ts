import { z } from 'zod';
import { HongyanError } from '../../base/errors.ts';
import type { WechatClient } from '../../wechat/client.ts';
import { WechatError } from '../../wechat/error.ts';
import type { SendAnswer } from '../../wechat/http/answer.ts';

/** Whom and with what to ask. */
export interface Probe {
  client: WechatClient;
  /** Who agreed to get the messages. */
  openid: string;
  templateId: string;
  /** Values that the template takes, by key. */
  values: Readonly<Record<string, string>>;
  /** A key of the class `thing`, at most 20 characters of any text. */
  thing: string;
  /** The longest key of which an empty value is refused. */
  longest: string;
  /** Makes each content and id of this run different from those of others. */
  run: string;
}

/** What WeChat's answer settles, and the answer. `undecided`: it was another one than the question reckons with. */
export interface Verdict {
  verdict: string;
  observed: string;
}

export interface Question {
  /** Requests to an interface that sends; those that WeChat refuses are counted too. */
  sends: number;
  ask(probe: Probe): Promise<Verdict>;
}

const sendPath = '/cgi-bin/message/template/send';
const retiredPath = '/cgi-bin/message/wxopen/template/send';
/** WeChat cuts the text of 47003 to so many characters, it seems. */
const cutCharacters = 48;
/** Of the form of an openid, and nobody's. */
const nobody = `o${'0'.repeat(27)}`;
/** Linked to no account. */
const noMiniprogram = { appid: 'none', pagepath: 'index' };

/**
 * The open questions about WeChat's interfaces that one account and one person can settle, in the order in which they are
 * asked: first those that send nothing.
 */
export const questions = {
  'last-page': {
    sends: 0,
    async ask({ client }) {
      const shape = z.looseObject({
        total: z.number(),
        count: z.number(),
        data: z.looseObject({ openid: z.array(z.string()) }).optional(),
        next_openid: z.string(),
      });
      return await unlessRefused(async () => {
        const page = await client.call({ method: 'GET', path: '/cgi-bin/user/get' }, shape);
        const observed = `count ${page.count}, total ${page.total}, next_openid ${page.next_openid === '' ? '""' : page.next_openid}`;
        const isLast = page.count > 0 && page.count === page.total;
        if (!isLast) return { verdict: 'undecided', observed };
        const openids = page.data?.openid ?? [];
        if (page.next_openid === '') return { verdict: 'empty', observed };
        return { verdict: page.next_openid === openids.at(-1) ? 'openid' : 'undecided', observed };
      });
    },
  },
  'foreign-openid': {
    sends: 0,
    async ask({ client, openid }) {
      const shape = z.looseObject({ user_info_list: z.array(z.unknown()) });
      const user_list = [openid, nobody].map((one) => ({ openid: one, lang: 'zh_CN' }));
      const request = { method: 'POST', path: '/cgi-bin/user/info/batchget', body: { user_list } } as const;
      return await unlessRefused(
        async () => {
          const { user_info_list: list } = await client.call(request, shape);
          return { verdict: 'passed-over', observed: `user_info_list ${list.length}` };
        },
        { 40003: 'fails-all' },
      );
    },
  },
  'blacklist-page': {
    sends: 0,
    async ask({ client }) {
      const shape = z.looseObject({ total: z.number(), count: z.number() });
      const path = '/cgi-bin/tags/members/getblacklist';
      return await unlessRefused(async () => {
        const { total, count } = await client.call(
          { method: 'POST', path, body: { begin_openid: '' } },
          shape,
        );
        const observed = `count ${count}, total ${total}`;
        if (count > 1000) return { verdict: 'larger', observed };
        return { verdict: count === 1000 && total > count ? 'thousand' : 'undecided', observed };
      });
    },
  },
  order: {
    sends: 1,
    async ask(probe) {
      const answer = await send(probe, { miniprogram: noMiniprogram, data: { [probe.longest]: '' } });
      return refusal(answer, { 47003: 'values-first', 40013: 'link-first', 40165: 'link-first' });
    },
  },
  'argument-text': {
    sends: 1,
    async ask(probe) {
      const answer = await send(probe, { data: { [probe.longest]: '' } });
      if (answer.kind !== 'refused' || answer.errcode !== 47003) return refusal(answer, {});
      const { errmsg } = answer;
      const observed = `47003 ${errmsg} (${[...errmsg].length})`;
      if (errmsg.length > cutCharacters) return { verdict: 'whole', observed };
      // Shorter than the limit it tells nothing.
      return { verdict: errmsg.length === cutCharacters ? 'cut' : 'undecided', observed };
    },
  },
  retired: {
    sends: 1,
    async ask({ client, openid, templateId }) {
      const body = { touser: openid, template_id: templateId, form_id: 'hongyan', data: {} };
      const answer = await client.send(retiredPath, JSON.stringify(body));
      const gone = {
        45103: 'code',
        45109: 'code',
        46101: 'code',
        48009: 'code',
        40037: 'code',
        41028: 'code',
      };
      return refusal(answer, gone);
    },
  },
  'emoji-length': {
    sends: 1,
    async ask(probe) {
      // 11 characters in 22 units of UTF-16; a thing takes 20.
      const answer = await send(probe, { data: { [probe.thing]: '😀'.repeat(11) } });
      return answer.kind === 'accepted' ? accepted('code-points') : refusal(answer, { 47003: 'utf-16' });
    },
  },
  'unicode-escapes': {
    sends: 1,
    async ask(probe) {
      const answer = await probe.client.send(sendPath, escaped(bodyOf(probe, {})));
      return answer.kind === 'accepted'
        ? accepted('taken')
        : refusal(answer, { 47002: 'refused', 40033: 'refused' });
    },
  },
  'long-id': {
    sends: 1,
    async ask(probe) {
      const answer = await send(probe, { clientMsgId: `${probe.run}long`.padEnd(64, 'x') });
      return answer.kind === 'accepted' ? accepted('taken') : refusal(answer, { 45067: 'refused' });
    },
  },
  'repeated-id': {
    sends: 2,
    async ask(probe) {
      const twice = { clientMsgId: `${probe.run}twice` };
      const first = await send(probe, twice);
      if (first.kind !== 'accepted') return refusal(first, {});
      const second = await send(probe, twice);
      if (second.kind !== 'accepted') return refusal(second, { 40241: 'refused', 45065: 'refused' });
      return accepted(first.msgid === second.msgid ? 'same-msgid' : 'other-msgid');
    },
  },
  'identical-body': {
    sends: 2,
    async ask(probe) {
      const first = await send(probe, {});
      if (first.kind !== 'accepted') return refusal(first, {});
      const second = await send(probe, {});
      return second.kind === 'accepted' ? accepted('sent-again') : refusal(second, { 40241: 'refused' });
    },
  },
} as const satisfies Record<string, Question>;

export type QuestionName = keyof typeof questions;

// Their keys, in the order above.
export const questionNames = Object.keys(questions) as QuestionName[];

interface Change {
  miniprogram?: { appid: string; pagepath: string };
  data?: Record<string, string>;
  clientMsgId?: string;
}

function bodyOf({ openid, templateId, values }: Probe, { miniprogram, data, clientMsgId }: Change): string {
  const fields = Object.entries({ ...values, ...data }).map(([key, value]) => [key, { value }]);
  return JSON.stringify({
    touser: openid,
    template_id: templateId,
    ...(miniprogram === undefined ? {} : { miniprogram }),
    ...(clientMsgId === undefined ? {} : { client_msg_id: clientMsgId }),
    data: Object.fromEntries(fields),
  });
}

async function send(probe: Probe, change: Change): Promise<SendAnswer> {
  return await probe.client.send(sendPath, bodyOf(probe, change));
}

function escaped(json: string): string {
  const unit = (one: string): string => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replaceAll(/[^\0-\x7f]/g, unit);
}

function accepted(verdict: string): Verdict {
  return { verdict, observed: 'errcode 0' };
}

function refusal(answer: SendAnswer, verdicts: Readonly<Record<number, string>>): Verdict {
  if (answer.kind === 'accepted') return { verdict: 'undecided', observed: 'errcode 0' };
  if (answer.kind !== 'refused') return { verdict: 'undecided', observed: answer.reason };
  const { errcode, errmsg } = answer;
  return { verdict: verdicts[errcode] ?? 'undecided', observed: `${errcode} ${errmsg}` };
}

async function unlessRefused(
  ask: () => Promise<Verdict>,
  verdicts: Readonly<Record<number, string>> = {},
): Promise<Verdict> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof WechatError) {
      const { errcode, errmsg } = error;
      return { verdict: verdicts[errcode] ?? 'undecided', observed: `${errcode} ${errmsg}` };
    }
    if (error instanceof HongyanError) return { verdict: 'undecided', observed: error.code };
    throw error;
  }
}
