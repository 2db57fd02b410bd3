import { failure } from '../base/errors.ts';
import { kindNames } from '../texts/account-words.ts';

/** `service` 服务号 · `official` 公众号 (formerly 订阅号) · `miniprogram` 小程序 · `sandbox` 测试号. */
export const accountKinds = ['service', 'official', 'miniprogram', 'sandbox'] as const;
export type AccountKind = (typeof accountKinds)[number];

/** The ways of messaging one person, in the order of lists and help texts. */
export const channelNames = [
  'oa-template',
  'oa-subscribe',
  'oa-once',
  'mp-subscribe',
  'kf',
  'mp-form',
] as const;
export type Channel = (typeof channelNames)[number];

/** What the wire says of a channel. */
export interface ChannelInfo {
  path: string;
  /** The body takes `client_msg_id`, under which WeChat drops repeats for 10 minutes. */
  keyed: boolean;
  /**
   * Whether the answer to an accepted message carries `msgid`. `usually`: seen on live answers, not documented.
   */
  msgid: 'always' | 'usually' | 'never';
  /** WeChat pushes an event about the message's end: TEMPLATESENDJOBFINISH or subscribe_msg_sent_event. */
  receipts: boolean;
  /** The kinds of account that may use it; others get 48001. Most also need verification (认证). */
  kinds: readonly AccountKind[];
  /** WeChat has switched it off; only simulators and old recordings answer it. */
  retired: boolean;
}

/**
 * All channels. `/cgi-bin/message/wxopen/template/uniform_send` is not among them: WeChat closed it on
 * 2023-09-20 and answers 45109; use `mp-subscribe` or `oa-template`.
 */
export const channels: Readonly<Record<Channel, ChannelInfo>> = {
  'oa-template': {
    path: '/cgi-bin/message/template/send',
    keyed: true,
    msgid: 'always',
    receipts: true,
    kinds: ['service', 'sandbox'],
    retired: false,
  },
  'oa-subscribe': {
    path: '/cgi-bin/message/subscribe/bizsend',
    keyed: false,
    msgid: 'usually',
    receipts: true,
    kinds: ['service', 'official'],
    retired: false,
  },
  'oa-once': {
    path: '/cgi-bin/message/template/subscribe',
    keyed: false,
    msgid: 'never',
    receipts: false,
    kinds: ['service', 'official'],
    retired: false,
  },
  'mp-subscribe': {
    path: '/cgi-bin/message/subscribe/send',
    keyed: false,
    msgid: 'usually',
    receipts: true,
    kinds: ['miniprogram'],
    retired: false,
  },
  kf: {
    path: '/cgi-bin/message/custom/send',
    keyed: false,
    msgid: 'never',
    receipts: false,
    kinds: ['service', 'official', 'miniprogram', 'sandbox'],
    retired: false,
  },
  'mp-form': {
    path: '/cgi-bin/message/wxopen/template/send',
    keyed: false,
    msgid: 'never',
    receipts: false,
    kinds: ['miniprogram'],
    retired: true,
  },
};

/**
 * The wire's names. A name with several meanings counts where the account's kind leaves one: `subscribe` is
 * `mp-subscribe` on a Mini Program, but on an Official Account it could be `bizsend` or `template/subscribe`.
 */
const aliases: Readonly<Record<string, readonly Channel[]>> = {
  template: ['oa-template', 'mp-form'],
  'template/send': ['oa-template'],
  'template/subscribe': ['oa-once'],
  subscribe: ['mp-subscribe', 'oa-subscribe', 'oa-once'],
  'subscribe/send': ['mp-subscribe'],
  'subscribe/bizsend': ['oa-subscribe'],
  bizsend: ['oa-subscribe'],
  custom: ['kf'],
  'custom/send': ['kf'],
  wxopen: ['mp-form'],
  'wxopen/template/send': ['mp-form'],
};

const byPath = new Map(channelNames.map((channel) => [channels[channel].path, channel]));

/** The channel of a send's path; `other` where it is none of them. */
export function channelOfPath(path: string): Channel | 'other' {
  return byPath.get(path) ?? 'other';
}

function isChannel(name: string): name is Channel {
  return Object.hasOwn(channels, name);
}

/**
 * The channel that `name` means for an account of `kind`: one of ours, or one of the wire's names (`template`,
 * `bizsend`, `subscribe`, `custom`, `template/send` … as in the path) where it is unambiguous.
 *
 * Throws `CHANNEL_UNKNOWN` for a name that means nothing, `CHANNEL_NOT_FOR_ACCOUNT` for a channel that this
 * kind of account cannot use, and `CHANNEL_AMBIGUOUS` when the name could be several.
 */
export function resolveChannel(name: string, kind: AccountKind): Channel {
  const allowed = channelNames.filter((channel) => channels[channel].kinds.includes(kind));
  const meant = isChannel(name) ? [name] : Object.hasOwn(aliases, name) ? (aliases[name] ?? []) : [];
  if (meant.length === 0) {
    const isUniform = name.includes('uniform');
    throw failure(
      isUniform ? 'CHANNEL_UNKNOWN/uniform-send' : 'CHANNEL_UNKNOWN/no-such',
      { name, allowed, kind: kindNames[kind] },
      { details: { name, kind, allowed } },
    );
  }
  const possible = meant.filter((channel) => allowed.includes(channel));
  const [only, another] = possible;
  if (only === undefined) {
    throw failure(
      'CHANNEL_NOT_FOR_ACCOUNT',
      { name, allowed, kind: kindNames[kind] },
      { details: { name, kind, allowed } },
    );
  }
  // On a Mini Program `template` would be the retired form_id message, which nobody means by accident.
  const surprising = channels[only].retired && meant.length > 1;
  if (another !== undefined || surprising) {
    const choices = surprising ? allowed : possible;
    throw failure(
      'CHANNEL_AMBIGUOUS',
      { name, choices, kind: kindNames[kind] },
      { details: { name, kind, choices } },
    );
  }
  return only;
}
