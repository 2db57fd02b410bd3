import { createHash, randomUUID } from 'node:crypto';
import { canonical } from '../../base/canonical.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { failure } from '../../base/errors.ts';
import { requireKey } from '../../base/idempotency-key.ts';
import { type Account, getAccount } from '../../store/accounts/accounts.ts';
import type { Template } from '../../store/accounts/templates.ts';
import type { Alternative } from '../../store/messages/alternatives.ts';
import type { NewMessage } from '../../store/messages/messages.ts';
import type { Store } from '../../store/store.ts';
import { channelName } from '../../texts/channels.ts';
import { messageParts, singleParts } from '../../texts/parts.ts';
import { type Channel, resolveChannel } from '../../wechat/channels.ts';
import { isRef, longestRef } from '../audience/ref.ts';
import { buildMessage, type MessageParts, requireFormId } from '../content/build-message.ts';
import { checkKeys, dataCheck } from '../content/check-message.ts';
import { dataTexts, type MessageBody } from '../content/compiled-message.ts';
import { templateForMessage } from '../content/templates.ts';
import { wireBody } from '../content/wire-body.ts';
import { openidFault } from '../formats/openid.ts';
import { shortened } from '../formats/record.ts';
import type { AccountClients } from '../sending/account-clients.ts';

/** WeChat's own limits are far below; this keeps mistakes out of the database. */
const mostBodyBytes = 32_768;
/** What is known of an account and a template is read again after so long, ms. */
const rememberMs = 2_000;
const mostRemembered = 1_000;

export interface MessageRequest {
  appid: string;
  /** A channel or one of the wire's names for it. */
  channel: string;
  openid: string;
  /** Other ways, tried one after the other when the ones before were definitely refused, and never when one may have arrived. */
  otherwise?: readonly { channel: string; body: MessageBody }[] | undefined;
  /** Either the parts of a templated message, or its whole wire body without `touser`. Nothing in it is replaced. */
  message: { parts: MessageParts } | { body: MessageBody };
  /** The same key is the same message, however often and on however many nodes it is submitted. 1 to 128 visible ASCII characters. */
  key?: string | undefined;
  /** The caller's own number for it: not unique, at most 64 characters, told wherever the message is. */
  ref?: string | undefined;
  /** Not sent afterwards. */
  validUntil?: Date | undefined;
  /** Sent also to somebody who is known to have no credit. Default false. */
  includeNoCredit?: boolean | undefined;
  lang: 'en' | 'zh';
}

interface Known {
  account: Account;
  channel: Channel;
  template: Template | null;
}

/** A reading, perhaps still under way: whoever comes meanwhile shares it, or a batch would read what is old once for each message. */
interface Reading {
  known: Promise<Known>;
  /** Monotonic ms. */
  begunAt: number;
}

/** Checks single messages, with a short memory of accounts and templates so that a burst does not read them each time. */
export class MessageChecks {
  readonly #deps: { store: Store; clients: AccountClients };
  readonly #clock: Clock;
  readonly #readings = new Map<string, Reading>();

  constructor(deps: { store: Store; clients: AccountClients; clock?: Clock }) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
  }

  /**
   * Checks everything that can be checked before WeChat sees it. Throws for an unknown account, channel or template, missing
   * or unknown keys, a field over its limit, a malformed openid or key (`MESSAGE_INVALID`, `KEY_INVALID`, …).
   */
  async prepare(request: MessageRequest): Promise<NewMessage> {
    const { appid, openid, key, ref, validUntil, includeNoCredit = false } = request;
    checkKey(key);
    checkRef(ref);
    checkOpenid(openid);
    const { account, channel } = await this.#look(request, null);
    const body = wireBody(
      'parts' in request.message ? buildMessage(channel, request.message.parts) : request.message.body,
      'message',
    );
    const templateId =
      typeof body.template_id === 'string' && body.template_id !== '' ? body.template_id : null;
    if (templateId !== null && !/^[\x21-\x7e]{1,64}$/.test(templateId))
      throw failure('MESSAGE_INVALID/template-malformed', { part: messageParts.templateId });
    if (templateId === null && channel !== 'kf')
      throw failure('MESSAGE_INVALID/template-missing', {
        channel: channelName(channel),
        part: messageParts.templateId,
      });
    requireFormId(channel, body);
    if (channel === 'kf' && typeof body.msgtype !== 'string')
      throw failure('MESSAGE_INVALID/msgtype-missing', {});
    if (templateId !== null) {
      const { template } = await this.#look(request, templateId);
      if (template !== null) checkData(body, template);
    }
    const others = await this.#alternatives(request);
    const text = JSON.stringify(body);
    const bytes = Buffer.byteLength(text);
    if (bytes > mostBodyBytes) throw failure('MESSAGE_INVALID/too-large', { bytes, most: mostBodyBytes });
    return {
      uuid: key === undefined ? randomUUID() : uuidOf(account.appid, key),
      appid,
      channel,
      openid,
      templateId,
      key: key ?? null,
      ref: ref ?? null,
      fingerprint: createHash('sha256')
        .update(canonical([channel, openid, body, ...others.map((one) => [one.channel, one.body])]))
        .digest('hex'),
      alternatives: others.length === 0 ? null : JSON.stringify(others),
      body: text,
      validUntil: validUntil ?? null,
      includeNoCredit,
    };
  }

  /** Each is checked as it would be alone. */
  async #alternatives({ otherwise = [], ...request }: MessageRequest): Promise<Alternative[]> {
    const found: Alternative[] = [];
    for (const { channel, body } of otherwise) {
      const one = await this.prepare({ ...request, channel, message: { body } });
      const { templateId, includeNoCredit } = one;
      found.push({ channel: one.channel, templateId, body: JSON.parse(one.body), includeNoCredit });
    }
    return found;
  }

  async #look(request: MessageRequest, templateId: string | null): Promise<Known> {
    const name = JSON.stringify([request.appid, request.channel, templateId]);
    const now = this.#clock.monotonic();
    const last = this.#readings.get(name);
    if (last !== undefined && now - last.begunAt < rememberMs) return await last.known;
    const reading = { known: this.#read(request, templateId), begunAt: now };
    if (this.#readings.size >= mostRemembered) this.#readings.clear();
    this.#readings.set(name, reading);
    reading.known.catch(() => {
      if (this.#readings.get(name) === reading) this.#readings.delete(name);
    });
    return await reading.known;
  }

  async #read(request: MessageRequest, templateId: string | null): Promise<Known> {
    const account = await getAccount(this.#deps.store.pool, request.appid);
    const channel = resolveChannel(request.channel, account.kind);
    const { template } =
      templateId === null
        ? { template: null }
        : await templateForMessage(this.#deps, account, channel, templateId);
    return { account, channel, template };
  }
}

function checkOpenid(openid: string): void {
  const part = singleParts.touser;
  const fault = openidFault(openid);
  if (fault?.reason === 'openid-missing') throw failure('MESSAGE_INVALID/openid-missing', { part });
  if (fault !== undefined)
    throw failure('MESSAGE_INVALID/openid-malformed', { part, value: shortened(openid) });
}

function checkKey(key: string | undefined): void {
  if (key !== undefined) requireKey(key);
}

function checkRef(ref: string | undefined): void {
  if (ref === undefined || isRef(ref)) return;
  throw failure('MESSAGE_INVALID/ref', { most: longestRef, part: singleParts.ref });
}

function checkData(body: MessageBody, template: Template): void {
  checkKeys(body, template);
  const problem = dataCheck(template)(dataTexts(body));
  if (problem === null) return;
  const { key, rule, length, maxLength, message } = problem;
  throw failure('FIELD_INVALID', { problem: message }, { details: { key, rule, length, maxLength } });
}

/** Made from the key: if a restored database has forgotten the message, WeChat still drops a repeat under the same client_msg_id. */
function uuidOf(appid: string, key: string): string {
  const hex = createHash('sha256').update(`${appid}:${key}`).digest('hex');
  // The bits of version 8, "custom", so that nobody takes it for a random one.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
