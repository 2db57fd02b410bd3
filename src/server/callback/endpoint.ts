import type { FastifyReply, FastifyRequest } from 'fastify';
import { checkEventName } from '../../app/callback/check.ts';
import { errorCode, failure } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { eventEffects } from '../../engine/event-effects.ts';
import { CallbackPressure } from '../../engine/events/callback-pressure.ts';
import { CallbackCounters, type CallbackOutcome } from '../../engine/events/counters.ts';
import { EventTaker, type EventTakerOptions } from '../../engine/events/take-events.ts';
import { isPassing } from '../../store/database/explain.ts';
import { noteSignature } from '../../store/events/callback-signatures.ts';
import type { CallbackSettings } from '../../store/events/callbacks.ts';
import type { Store } from '../../store/store.ts';
import type { CallbackEvent } from '../../wechat/callback/event.ts';
import type { CallbackReply, ReplyBody } from '../../wechat/callback/reply.ts';
import type { SignedBy } from '../../wechat/callback/signed-query.ts';
import { type ForwardedReply, Forwarder, passedHeader } from './forward.ts';
import { OnceAMinute } from './once-a-minute.ts';
import { Refusals } from './refusals.ts';
import { CallbackSettingsCache } from './settings.ts';
import { mayBeUnsigned } from './unsigned.ts';
import {
  checkQuery,
  openPush,
  openUnsignedPush,
  openVerification,
  type Push,
  parseReply,
  writeReply,
} from './wire.ts';

/**
 * A signature is good for so long. What is older is taken the first time (a server in front may have kept it), and refused
 * when it comes again; what is older than events are kept is refused, since nobody could tell.
 */
const goodForMs = 3_600_000;
const dayMs = 86_400_000;
/** WeChat waits 5 s for an answer; what others are waited for ends before. */
const answerWithinMs = 4_000;
/**
 * Called once for each newly stored event, after it was stored: a crash in between, and it is not called for that one.
 * What it returns for a user's message is the reply; `undefined` leaves that to the account's settings. It has until
 * 4 s after the request came.
 */
export type OnEvent = (
  appid: string,
  event: CallbackEvent,
) => CallbackReply | undefined | Promise<CallbackReply | undefined>;

export interface CallbackEndpointOptions {
  store: Store;
  logger: Logger;
  onEvent?: OnEvent | undefined;
  /** For tests: see EventTaker. */
  onCommitted?: EventTakerOptions['onCommitted'] | undefined;
}

/** A request of which the query is in order, so that its body may come. */
interface Admitted {
  settings: CallbackSettings;
  /** Null: unsigned, from an address that may be. */
  signed: SignedBy | null;
}

/** Takes WeChat's requests for all accounts of this process. */
export class CallbackEndpoint {
  readonly #options: CallbackEndpointOptions;
  readonly #settings: CallbackSettingsCache;
  readonly #counters: CallbackCounters;
  readonly #refusals: Refusals;
  readonly #unreadable = new OnceAMinute();
  readonly #forwarder = new Forwarder();
  readonly #admitted = new WeakMap<FastifyRequest, Admitted>();
  readonly #pressure: CallbackPressure;
  readonly #taker: EventTaker;

  constructor(options: CallbackEndpointOptions) {
    const { store, logger, onCommitted } = options;
    this.#options = options;
    this.#settings = new CallbackSettingsCache(store, logger);
    this.#counters = new CallbackCounters(store.pool, logger);
    this.#refusals = new Refusals(logger, this.#counters);
    this.#pressure = new CallbackPressure(store.pool, logger);
    this.#taker = new EventTaker({
      pool: store.pool,
      logger,
      effects: eventEffects,
      onTaken: (appid, waitedMs) => this.#pressure.see(appid, waitedMs),
      ...(onCommitted === undefined ? {} : { onCommitted }),
    });
  }

  /** Call it before the first request. */
  async open(): Promise<void> {
    await this.#settings.warm();
  }

  /** GET: WeChat verifies the URL. */
  async verify(appid: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const settings = await this.#settings.find(appid);
    if (settings === null) return this.refuse(null, 'unknown-account', request, reply);
    const opened = openVerification(settings, rawQueryOf(request));
    if (opened.kind === 'refused') return this.refuse(appid, opened.reason, request, reply);
    this.#counters.add(appid, 'verified');
    return reply.type('text/plain').send(opened.echostr);
  }

  /**
   * Before the body of a POST is read: whether there is such an account, and whether the query is signed with its Token. A
   * stranger makes this process hold nothing but the head of a request.
   *
   * @returns true when it was refused
   */
  async refusesQuery(appid: string, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const settings = await this.#settings.find(appid);
    const reason = settings === null ? 'unknown-account' : this.#admit(settings, request);
    if (reason === null) return false;
    // What comes behind is not read.
    this.refuse(settings === null ? null : appid, reason, request, reply.header('connection', 'close'));
    return true;
  }

  /** POST: an event or a message. */
  async take(appid: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const deadline = performance.now() + answerWithinMs;
    const admitted = this.#admitted.get(request);
    if (admitted === undefined) return this.refuse(null, 'unknown-account', request, reply);
    const { settings, signed } = admitted;
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const push =
      signed === null ? openUnsignedPush(body) : openPush(settings, signed.token, rawQueryOf(request), body);
    if (push.kind === 'refused') return this.refuse(appid, push.reason, request, reply);
    if (signed === null && push.event.fields.action === 'CheckContainerPath') {
      this.#counters.add(appid, 'verified');
      return this.#success(reply);
    }
    return this.#answer(admitted, push, { request, body, deadline }, reply);
  }

  /** Why the request is refused; null: its body may come. */
  #admit(settings: CallbackSettings, request: FastifyRequest): string | null {
    const rawQuery = rawQueryOf(request);
    const isUnsigned = !/(?:^|&)(?:msg_)?signature=/.test(rawQuery);
    if (isUnsigned && mayBeUnsigned(settings, request.socket.remoteAddress, request.headers)) {
      this.#admitted.set(request, { settings, signed: null });
      return null;
    }
    const signed = checkQuery(settings, rawQuery);
    if (typeof signed === 'string') return signed;
    if (ageMs(signed) > this.#settings.eventDays(settings.appid) * dayMs) return 'stale';
    this.#admitted.set(request, { settings, signed });
    return null;
  }

  /** The one answer to whatever is not WeChat's. */
  refuse(appid: string | null, reason: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    return this.#refusals.refuse(appid, reason, request.socket.remoteAddress, reply);
  }

  /** Call it when no request is open any more. */
  async close(): Promise<void> {
    await Promise.all([this.#taker.close(), this.#forwarder.close()]);
    await Promise.all([this.#counters.close(), this.#pressure.close()]);
  }

  async #answer(
    { settings, signed }: Admitted,
    push: Push,
    came: { request: FastifyRequest; body: Buffer; deadline: number },
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { appid } = settings;
    const isOld = signed !== null && ageMs(signed) > goodForMs;
    // Beside the storing, since both share WeChat's five seconds; of an old one only when it is known to be new.
    let forwarding = isOld ? null : this.#forward(settings, push, came);
    let outcome: 'new' | 'repeated' | 'stale';
    try {
      const isGood = push.mode !== 'plain' || signed === null || (await this.#isGood(appid, signed));
      outcome = isGood ? await this.#taker.take(appid, push.event, came.body.length) : 'stale';
    } catch (error) {
      const code = errorCode(error) ?? '';
      const kind = failures[code];
      if (kind === undefined) {
        this.#options.logger.error({ err: error, appid }, 'a callback request failed unexpectedly');
      }
      this.#counters.add(appid, kind ?? 'unstorable');
      await forwarding;
      return reply.code(kind === 'busy' || kind === 'unavailable' ? 503 : 500).send();
    }
    if (outcome === 'stale' || (isOld && outcome === 'repeated')) {
      await forwarding;
      return this.refuse(appid, 'stale', came.request, reply);
    }
    forwarding ??= this.#forward(settings, push, came);
    this.#count(appid, push.event, outcome);
    const own = outcome === 'new' ? await this.#callHook(appid, push.event, came.deadline) : undefined;
    const forwarded = await forwarding;
    if (own === undefined && forwarded !== null) {
      if (forwarded.contentType !== undefined) reply.header('content-type', forwarded.contentType);
      return reply.send(forwarded.body);
    }
    if (push.event.type !== 'message') return this.#success(reply);
    const token = signed?.token ?? settings.token;
    const written = this.#write(settings, token, push, own ?? parseReply(settings.reply));
    return reply.type(written.contentType).send(written.body);
  }

  /** Whether a signature that covers no content is not older than it may be; else whoever saw it could say anything with it. */
  async #isGood(appid: string, { signature }: SignedBy): Promise<boolean> {
    const { pool } = this.#options.store;
    return await noteSignature(pool, appid, signature, goodForMs).catch((error: unknown) => {
      throw isPassing(error) ? failure('EVENTS_UNAVAILABLE', {}, { cause: error }) : error;
    });
  }

  #count(appid: string, event: CallbackEvent, outcome: 'new' | 'repeated'): void {
    if (outcome === 'repeated' || event.type !== 'unreadable') {
      this.#counters.add(appid, outcome === 'new' ? 'stored' : 'repeated');
      return;
    }
    this.#counters.add(appid, 'unreadable');
    const more = this.#unreadable.unsaid(appid);
    if (more === null) return;
    this.#options.logger.warn(
      { appid, msgType: event.fields.MsgType, bytes: event.raw.length, more },
      'a push of WeChat cannot be read and is kept as it came; others of this minute are only counted',
    );
  }

  /** Null when there is nobody to relay to, or no reply. */
  async #forward(
    { appid, forwardTo }: CallbackSettings,
    { event }: Push,
    came: { request: FastifyRequest; body: Buffer; deadline: number },
  ): Promise<ForwardedReply | null> {
    const { request, body } = came;
    const { uuid } = this.#options.store.installation;
    const passed = headerOf(request, passedHeader);
    if (forwardTo === null || event.name === checkEventName || passed?.includes(uuid)) return null;
    const answer = await this.#forwarder.forward(
      forwardTo,
      {
        rawQuery: rawQueryOf(request),
        body,
        contentType: headerOf(request, 'content-type'),
        userAgent: headerOf(request, 'user-agent'),
        passed: passed === undefined ? uuid : `${passed},${uuid}`,
      },
      came.deadline - performance.now(),
    );
    if (!('failed' in answer)) return answer;
    this.#counters.add(appid, 'forward-failed');
    this.#options.logger.warn({ appid, reason: answer.failed }, 'a push could not be relayed');
    return null;
  }

  async #callHook(appid: string, event: CallbackEvent, deadline: number): Promise<CallbackReply | undefined> {
    const { onEvent, logger } = this.#options;
    if (onEvent === undefined || event.name === checkEventName) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('too late')), Math.max(0, deadline - performance.now()));
    });
    try {
      return await Promise.race([(async () => onEvent(appid, event))(), late]);
    } catch (error) {
      this.#counters.add(appid, 'hook-failed');
      logger.warn(
        { err: error, appid, type: event.type },
        'onEvent failed or took too long; the event is stored',
      );
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /** A hook may return what WeChat does not take; the message is stored all the same. */
  #write(settings: CallbackSettings, token: string, push: Push, wanted: CallbackReply): ReplyBody {
    try {
      return writeReply(settings, token, push, wanted);
    } catch (error) {
      const { appid } = settings;
      this.#counters.add(appid, 'hook-failed');
      this.#options.logger.warn({ err: error, appid }, 'a reply cannot be written; none is sent');
      return writeReply(settings, token, push, { kind: 'none' });
    }
  }

  #success(reply: FastifyReply): FastifyReply {
    return reply.type('text/plain').send('success');
  }
}

const failures: Record<string, CallbackOutcome> = {
  EVENTS_BUSY: 'busy',
  EVENTS_UNAVAILABLE: 'unavailable',
  EVENT_UNSTORABLE: 'unstorable',
};

/** How long ago WeChat signed it, by this machine's clock. */
function ageMs({ timestamp }: SignedBy): number {
  return Date.now() - Number(timestamp) * 1000;
}

/** As WeChat wrote it: the signature speaks of it, and whoever it is relayed to checks it again. */
function rawQueryOf(request: FastifyRequest): string {
  const url = request.raw.url ?? '';
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}
