import type { FastifyReply } from 'fastify';
import type { Logger } from '../../base/logger.ts';
import type { CallbackCounters } from '../../engine/events/counters.ts';
import { OnceAMinute } from './once-a-minute.ts';

/**
 * Requests that are not WeChat's. All get one answer, whatever was wrong: no account of that appid, signature, key,
 * size, form. The log says it, once a minute and account.
 */
export class Refusals {
  readonly #logger: Logger;
  readonly #counters: CallbackCounters;
  readonly #said = new OnceAMinute();

  constructor(logger: Logger, counters: CallbackCounters) {
    this.#logger = logger;
    this.#counters = counters;
  }

  /** @param appid null when there is no such account: invented ones must not fill the log and the counters. */
  refuse(
    appid: string | null,
    reason: string,
    address: string | undefined,
    reply: FastifyReply,
  ): FastifyReply {
    this.#counters.add(appid ?? '', 'refused');
    const more = this.#said.unsaid(appid ?? '');
    if (more !== null) {
      this.#logger.warn(
        { appid, reason, address, more },
        'a callback request was refused; others of this minute are only counted',
      );
    }
    return reply.code(403).send();
  }
}
