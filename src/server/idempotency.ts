import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../app/actor.ts';
import { canonical } from '../base/canonical.ts';
import { failure, HongyanError } from '../base/errors.ts';
import { claimKey, giveKeyBack, storeAnswer } from '../store/access/idempotency.ts';
import type { Pool } from '../store/database/pool.ts';
import { httpStatus } from './problem.ts';

/**
 * Carries a request out once for its key and gives what is answered, as text. A repeat is answered as the first was, with
 * `Idempotent-Replayed: true`. Throws `KEY_REUSED`, `KEY_IN_FLIGHT`, `KEY_INTERRUPTED`.
 */
export async function once(
  pool: Pool,
  {
    actor,
    key,
    name,
    request,
    reply,
  }: { actor: Actor; key: string; name: string; request: FastifyRequest; reply: FastifyReply },
  run: () => Promise<string>,
): Promise<string> {
  const who = `${actor.kind}:${actor.id}`;
  // Of a body of bytes nothing was read yet; its length is what is known.
  const body = isStream(request.body) ? (request.headers['content-length'] ?? null) : (request.body ?? null);
  const asked = canonical([name, request.params, request.query, body]);
  const claimed = await claimKey(pool, who, key, createHash('sha256').update(asked).digest());
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
    if (error instanceof HongyanError && httpStatus(error.code) < 500) await giveKeyBack(pool, who, key);
    throw error;
  }
  await storeAnswer(pool, who, key, { status: reply.statusCode, answer });
  return answer;
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'pipe' in body;
}
