import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../app/actor.ts';
import { canonical } from '../base/canonical.ts';
import { failure, HongyanError } from '../base/errors.ts';
import type { Route } from '../contract/route.ts';
import { claimKey, giveKeyBack, type KeyedRequest, storeAnswer } from '../store/access/idempotency.ts';
import type { Store } from '../store/store.ts';
import { httpStatus } from './problem.ts';

interface Asked {
  actor: Actor;
  key: string;
  row: Route;
  request: FastifyRequest;
  reply: FastifyReply;
}

/**
 * Carries a request out once for its key and gives what is answered, as text. A repeat is answered as the first was, with
 * `Idempotent-Replayed: true`. Throws `KEY_REUSED`, `KEY_IN_FLIGHT`, `KEY_INTERRUPTED`.
 */
export async function once(
  { pool, sealer }: Pick<Store, 'pool' | 'sealer'>,
  { actor, key, row, request, reply }: Asked,
  run: () => Promise<string>,
): Promise<string> {
  const asked = canonical([row.name, request.params, request.query, request.body ?? null]);
  const keyed: KeyedRequest = {
    actor: `${actor.kind}:${actor.id}`,
    key,
    digest: createHash('sha256').update(asked).digest(),
    sealer: row.idempotency === 'sealed-key' ? sealer : null,
  };
  const claimed = await claimKey(pool, keyed);
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
  let answer: string;
  try {
    answer = await run();
  } catch (error) {
    // A refusal did nothing. What failed otherwise may have: its key stays as it is.
    if (error instanceof HongyanError && httpStatus(error.code) < 500) await giveKeyBack(pool, keyed);
    throw error;
  }
  await storeAnswer(pool, keyed, { status: reply.statusCode, answer });
  return answer;
}
