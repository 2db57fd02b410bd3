import { createHash, randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../app/actor.ts';
import { canonical } from '../base/canonical.ts';
import { failure, HongyanError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { Rounds } from '../base/rounds.ts';
import type { Route } from '../contract/route.ts';
import {
  type Claimed,
  claimKey,
  giveKeyBack,
  type KeyedRequest,
  leaveKeyOpen,
  renewalMs,
  renewKeys,
  storeAnswer,
} from '../store/access/idempotency.ts';
import type { Store } from '../store/store.ts';
import { WechatError } from '../wechat/error.ts';
import { httpStatus } from './problem.ts';

interface Asked {
  actor: Actor;
  key: string;
  row: Route;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** What is to be written down of a request that has ended. */
type Ending = () => Promise<void>;

/** Of requests that ended while the database was away. Those left out are under way for a while, and then interrupted. */
const mostEndings = 10_000;

/** Failures of ours (5xx) that nothing was done before: whoever was asked was not reached, or refused. */
const undone = new Set(['WECHAT_ERROR', 'WECHAT_UNREACHABLE', 'NOT_READY', 'SIMULATOR_ENDED']);
/** WeChat's "system busy" is a failure of its own, after which nobody knows. */
const systemBusy = -1;

/** Carries each request out once for its key. What it has under way is renewed, so that others know it from what broke. */
export class KeyedRequests {
  readonly #store: Pick<Store, 'pool' | 'sealer'>;
  readonly #logger: Logger;
  readonly #underWay = new Map<string, KeyedRequest>();
  /** Could not be written down at once; by caller and key. */
  readonly #endings = new Map<string, Ending>();
  readonly #rounds: Rounds;

  constructor(store: Pick<Store, 'pool' | 'sealer'>, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
    this.#rounds = new Rounds(
      () => this.#keepUp(),
      (err) => logger.debug({ err }, 'keys of requests were not renewed'),
    );
    this.#rounds.start(renewalMs);
  }

  /**
   * Gives what is answered, as text. A repeat is answered as the first was, with `Idempotent-Replayed: true`. Throws
   * `KEY_REUSED`, `KEY_IN_FLIGHT`, `KEY_INTERRUPTED`.
   */
  async once({ actor, key, row, request, reply }: Asked, run: () => Promise<string>): Promise<string> {
    const { pool, sealer } = this.#store;
    const asked = canonical([row.name, request.params, request.query, request.body ?? null]);
    const keyed: KeyedRequest = {
      actor: `${actor.kind}:${actor.id}`,
      key,
      claimId: randomUUID(),
      digest: createHash('sha256').update(asked).digest(),
      sealer: row.idempotency === 'sealed-key' ? sealer : null,
    };
    const claimed = await this.#claim(keyed);
    switch (claimed.state) {
      case 'new':
        break;
      case 'in-flight':
        reply.header('Retry-After', '1');
        throw failure('KEY_IN_FLIGHT', { key });
      case 'interrupted':
        throw failure('KEY_INTERRUPTED', { key });
      case 'other':
        throw failure('KEY_REUSED/request', { key });
      case 'done':
        reply.code(claimed.status).header('Idempotent-Replayed', 'true');
        return claimed.answer;
    }
    this.#underWay.set(keyed.claimId, keyed);
    let answer: string;
    try {
      answer = await run();
    } catch (error) {
      const end = mayBeDone(error) ? leaveKeyOpen : giveKeyBack;
      await this.#end(keyed, () => end(pool, keyed));
      throw error;
    }
    // It is done: whoever asked is told so, also where the database has just gone.
    const status = reply.statusCode;
    await this.#end(keyed, () => storeAnswer(pool, keyed, { status, answer }));
    return answer;
  }

  /** Begins nothing more. */
  close(): Promise<void> {
    return this.#rounds.close();
  }

  async #claim(keyed: KeyedRequest): Promise<Claimed> {
    // The repeat of one that broke here is not to find it under way.
    await this.#writeDown(placeOf(keyed));
    try {
      return await claimKey(this.#store.pool, keyed);
    } catch (error) {
      // It may have the key all the same, and does nothing with it.
      await this.#end(keyed, () => giveKeyBack(this.#store.pool, keyed));
      throw error;
    }
  }

  async #end(keyed: KeyedRequest, ending: Ending): Promise<void> {
    this.#underWay.delete(keyed.claimId);
    try {
      await ending();
    } catch (err) {
      this.#logger.debug({ err }, 'the end of a request under a key is written down later');
      const place = placeOf(keyed);
      const before = this.#endings.get(place);
      if (before === undefined && this.#endings.size >= mostEndings) return;
      this.#endings.set(
        place,
        before === undefined
          ? ending
          : async () => {
              await before();
              await ending();
            },
      );
    }
  }

  async #keepUp(): Promise<void> {
    if (this.#underWay.size > 0) await renewKeys(this.#store.pool, [...this.#underWay.values()]);
    for (const place of [...this.#endings.keys()]) await this.#writeDown(place);
  }

  async #writeDown(place: string): Promise<void> {
    const ending = this.#endings.get(place);
    if (ending === undefined) return;
    await ending();
    if (this.#endings.get(place) === ending) this.#endings.delete(place);
  }
}

function placeOf({ actor, key }: KeyedRequest): string {
  return `${actor} ${key}`;
}

/** A refusal did nothing. What failed otherwise may have done something, or all of it. */
function mayBeDone(error: unknown): boolean {
  if (!(error instanceof HongyanError)) return true;
  if (error instanceof WechatError && error.errcode === systemBusy) return true;
  return httpStatus(error.code) >= 500 && !undone.has(error.code);
}
