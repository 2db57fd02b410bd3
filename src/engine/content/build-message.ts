import { failure, type HongyanError } from '../../base/errors.ts';
import { channelName } from '../../texts/channels.ts';
import { messageParts } from '../../texts/parts.ts';
import type { Channel } from '../../wechat/channels.ts';
import type { MessageBody } from './compiled-message.ts';

/** The parts of a templated message, from which its wire body is built. */
export interface MessageParts {
  templateId?: string | undefined;
  data?: Record<string, string> | undefined;
  url?: string | undefined;
  page?: string | undefined;
  mpAppid?: string | undefined;
  mpPath?: string | undefined;
  lang?: string | undefined;
  miniprogramState?: string | undefined;
  formId?: string | undefined;
}

/** Which parts each channel's body has, by the wire's own field. */
const partsOf: Record<Channel, readonly (keyof MessageParts)[]> = {
  'oa-template': ['templateId', 'data', 'url', 'mpAppid', 'mpPath'],
  'oa-subscribe': ['templateId', 'data', 'page', 'mpAppid', 'mpPath', 'lang', 'miniprogramState'],
  'oa-once': [],
  'mp-subscribe': ['templateId', 'data', 'page', 'lang', 'miniprogramState'],
  kf: [],
  'mp-form': ['templateId', 'data', 'page', 'formId'],
};

/** The wire body of a channel from its parts, without `touser`. Throws `MESSAGE_INVALID` for a part that the channel does not have. */
export function buildMessage(channel: Channel, parts: MessageParts): MessageBody {
  const known = partsOf[channel];
  if (known.length === 0) {
    throw failure('MESSAGE_INVALID/own-shape', { channel: channelName(channel) });
  }
  // The keys of the table are those of MessageParts.
  for (const name of Object.keys(messageParts) as (keyof MessageParts)[])
    if (parts[name] !== undefined && !known.includes(name)) throw noSuchPart(channel, name, known);
  if (parts.templateId === undefined)
    throw failure('MESSAGE_INVALID/template-missing', {
      channel: channelName(channel),
      part: messageParts.templateId,
    });
  if ((parts.mpAppid === undefined) !== (parts.mpPath === undefined)) {
    const { mpAppid: appid, mpPath: path } = messageParts;
    throw failure('MESSAGE_INVALID/mini-program-half', { appid, path });
  }
  const data = Object.fromEntries(Object.entries(parts.data ?? {}).map(([key, value]) => [key, { value }]));
  return {
    template_id: parts.templateId,
    ...(parts.url === undefined ? {} : { url: parts.url }),
    ...(parts.page === undefined ? {} : { page: parts.page }),
    ...(parts.formId === undefined ? {} : { form_id: parts.formId }),
    ...(parts.mpAppid === undefined ? {} : { miniprogram: { appid: parts.mpAppid, pagepath: parts.mpPath } }),
    ...(parts.lang === undefined ? {} : { lang: parts.lang }),
    ...(parts.miniprogramState === undefined ? {} : { miniprogram_state: parts.miniprogramState }),
    data,
  };
}

function noSuchPart(
  channel: Channel,
  name: keyof MessageParts,
  known: readonly (keyof MessageParts)[],
): HongyanError {
  const { [name]: part, page, url, mpAppid: appid, mpPath: path } = messageParts;
  if (name === 'url' && known.includes('page'))
    return failure('MESSAGE_INVALID/link-is', { channel: channelName(channel), part, link: page });
  if (name === 'page' && known.includes('url'))
    return failure('MESSAGE_INVALID/link-is-or', {
      channel: channelName(channel),
      part,
      link: url,
      appid,
      path,
    });
  return failure('MESSAGE_INVALID/no-such-part', { channel: channelName(channel), part });
}

/** A message that is sent by itself takes no form_id of the ledger. Throws `MESSAGE_INVALID` when it brings none. */
export function requireFormId(channel: Channel, body: MessageBody): void {
  if (channel !== 'mp-form' || (typeof body.form_id === 'string' && body.form_id !== '')) return;
  throw failure('MESSAGE_INVALID/form-id-missing', { part: messageParts.formId });
}
