import { HongyanError } from '../../base/errors.ts';
import type { Channel } from '../../wechat/channels.ts';
import type { MessageBody } from './compiled-message.ts';

/** The parts of a message as the push command takes them. */
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

const optionOf: Record<keyof MessageParts, string> = {
  templateId: '--template',
  data: '--data',
  url: '--url',
  page: '--page',
  mpAppid: '--mp-appid',
  mpPath: '--mp-path',
  lang: '--lang',
  miniprogramState: '--state',
  formId: '--form-id',
};

/** The wire body of a channel from its parts, without `touser`. Throws `MESSAGE_INVALID` for a part that the channel does not have. */
export function buildMessage(channel: Channel, parts: MessageParts): MessageBody {
  const known = partsOf[channel];
  if (known.length === 0) {
    throw new HongyanError(
      'MESSAGE_INVALID',
      `a message of the channel ${channel} has its own shape: give its whole body with --message @body.json`,
    );
  }
  for (const name of Object.keys(optionOf) as (keyof MessageParts)[]) {
    // its keys are those of MessageParts
    if (parts[name] === undefined || known.includes(name)) continue;
    const hint =
      name === 'url' && known.includes('page')
        ? '; its link is --page'
        : name === 'page' && known.includes('url')
          ? '; its link is --url, or --mp-appid with --mp-path'
          : '';
    throw new HongyanError('MESSAGE_INVALID', `the channel ${channel} has no ${optionOf[name]}${hint}`);
  }
  if (parts.templateId === undefined) {
    throw new HongyanError(
      'MESSAGE_INVALID',
      `a message of the channel ${channel} needs --template; see: hongyan templates list APPID`,
    );
  }
  if ((parts.mpAppid === undefined) !== (parts.mpPath === undefined)) {
    throw new HongyanError('MESSAGE_INVALID', 'a link to a Mini Program needs both --mp-appid and --mp-path');
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

/** A message that is sent by itself takes no form_id of the ledger. Throws `MESSAGE_INVALID` when it brings none. */
export function requireFormId(channel: Channel, body: MessageBody): void {
  if (channel !== 'mp-form' || (typeof body.form_id === 'string' && body.form_id !== '')) return;
  throw new HongyanError(
    'MESSAGE_INVALID',
    'a single message on mp-form brings its form_id (--form-id, or form_id of the body); only campaigns take one of those that were reported',
  );
}
