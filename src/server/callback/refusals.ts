import type { FastifyReply } from 'fastify';
import type { Logger } from '../../base/logger.ts';
import type { CallbackCounters } from '../../engine/events/counters.ts';

const quietMs = 60_000;

/**
 * Requests that are not WeChat's. All get one answer, whatever was wrong: no account of that appid, signature, key,
 * size, form. The log says it, once a minute and account.
 */
export class Refusals {
  readonly #logger: Logger;
  readonly #counters: CallbackCounters;
  readonly #recent = new Map<string, { since: number; unsaid: number }>();

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
    const id = appid ?? '';
    const now = performance.now();
    const recent = this.#recent.get(id);
    if (recent === undefined || now - recent.since >= quietMs) {
      this.#recent.set(id, { since: now, unsaid: 0 });
      this.#logger.warn(
        { appid, reason, address, more: recent?.unsaid ?? 0 },
        'a callback request was refused; others of this minute are only counted',
      );
    } else recent.unsaid++;
    return reply.code(403).send();
  }
}
