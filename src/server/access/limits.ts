import type { FastifyReply } from 'fastify';
import { failure } from '../../base/errors.ts';
import type { RateClass } from '../../contract/route.ts';
import type { Caller } from './caller.ts';

/** Requests a second of one caller, on this node, that are not submissions of messages. */
const normalPerS = 200;
/** Exports and uploads of one caller at a time. */
const maxHeavy = 4;

interface Bucket {
  /** Requests that may still be sent at once. */
  left: number;
  at: number;
}

/**
 * What a caller may cost. Callers are keys and people that exist, so what is kept of them is bounded; strangers are
 * never seen here.
 */
export class Limits {
  readonly #buckets = new Map<string, Bucket>();
  readonly #heavy = new Map<string, number>();

  /** Throws `RATE_LIMITED`. */
  take({ actor, ratePerS }: Caller, rate: RateClass, reply: FastifyReply): void {
    const who = `${actor.kind}:${actor.id}`;
    const own = ratePerS ?? Number.POSITIVE_INFINITY;
    this.#takeOf(`${who} all`, own, reply);
    if (rate === 'normal') this.#takeOf(`${who} normal`, normalPerS, reply);
    if (rate !== 'heavy') return;
    const running = this.#heavy.get(who) ?? 0;
    if (running >= maxHeavy) throw limited(reply, 5);
    this.#heavy.set(who, running + 1);
    // The answer's end, or that of the connection.
    reply.raw.once('close', () => {
      const left = (this.#heavy.get(who) ?? 1) - 1;
      if (left === 0) this.#heavy.delete(who);
      else this.#heavy.set(who, left);
    });
  }

  /** A bucket holds one second's worth. */
  #takeOf(name: string, perS: number, reply: FastifyReply): void {
    if (perS === Number.POSITIVE_INFINITY) return;
    const now = performance.now();
    const bucket = this.#buckets.get(name) ?? { left: perS, at: now };
    bucket.left = Math.min(perS, bucket.left + ((now - bucket.at) / 1000) * perS);
    bucket.at = now;
    this.#buckets.set(name, bucket);
    if (bucket.left < 1) throw limited(reply, Math.max(1, Math.ceil((1 - bucket.left) / perS)));
    bucket.left -= 1;
  }
}

function limited(reply: FastifyReply, seconds: number) {
  reply.header('Retry-After', String(seconds));
  return failure('RATE_LIMITED', { seconds });
}
