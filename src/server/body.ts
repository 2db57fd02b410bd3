import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fieldProblem, invalidFields } from '../app/request-parts.ts';
import { failure, type HongyanError } from '../base/errors.ts';
import { languageOf } from './language.ts';

/** Bodies of routes that say nothing else. */
export const bodyLimitBytes = 1024 * 1024;
/** WeChat's own bodies are five levels deep. Beyond, what walks a value would need a stack for it. */
const maxDepth = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** Reads JSON bodies, and says where one cannot be read. Other types are refused (`BODY_TYPE_UNSUPPORTED`). */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    /^application\/(?:[\w.+-]+\+)?json(?:;|$)/i,
    { parseAs: 'buffer' },
    (request, body, done) => {
      try {
        done(null, parseJson(Buffer.from(body), request));
      } catch (error) {
        done(error as Error); // parseJson throws nothing else
      }
    },
  );
}

/**
 * The body of an upload, which fails with `BODY_TOO_LARGE` where it goes on beyond `maxBytes`: Fastify counts the bytes of
 * bodies that it reads itself, and of others believes Content-Length, which a chunked one does not have.
 *
 * Whoever stops reading leaves the connection as it is, so that it can be answered.
 */
export function limitedBody(
  { raw }: FastifyRequest,
  maxBytes: number,
): { body: Readable; problem(): HongyanError | null } {
  let problem: HongyanError | null = null;
  async function* limited(): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of raw.iterator({ destroyOnReturn: false })) {
      const piece: Buffer = chunk; // no encoding was set
      bytes += piece.length;
      if (bytes > maxBytes) {
        problem = failure('BODY_TOO_LARGE', { bytes: maxBytes });
        throw problem;
      }
      yield piece;
    }
  }
  return { body: Readable.from(limited(), { objectMode: false }), problem: () => problem };
}

function parseJson(bytes: Buffer, request: FastifyRequest): unknown {
  if (bytes.length === 0) throw failure('REQUEST_INVALID/empty', {});
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (error) {
    throw failure('REQUEST_INVALID/encoding', {}, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notJson(text, error);
  }
  const found = unstorable(value, []);
  if (found !== null)
    throw invalidFields([
      fieldProblem(
        'body',
        found.path,
        found.rule,
        languageOf(request),
        found.rule === 'deep' ? { limit: maxDepth } : {},
      ),
    ]);
  return value;
}

/** JavaScript's message says at which character, and none where the text ended too early. */
function notJson(text: string, cause: unknown): HongyanError {
  const said = cause instanceof Error ? cause.message : '';
  const at = /position (\d+)/.exec(said)?.[1];
  if (/end of JSON|Unterminated/i.test(said) || Number(at) >= text.length)
    return failure('REQUEST_INVALID/cut', { ...placeOf(text, text.length) });
  return failure('REQUEST_INVALID/json', { ...placeOf(text, at === undefined ? 0 : Number(at)) });
}

function placeOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return { line, column: at - before.lastIndexOf('\n') };
}

/** The first place whose value PostgreSQL or JavaScript cannot hold as it is. */
function unstorable(
  value: unknown,
  path: readonly string[],
): { path: readonly string[]; rule: 'deep' | 'nul' | 'name' } | null {
  if (typeof value === 'string') return value.includes('\0') ? { path, rule: 'nul' } : null;
  if (typeof value !== 'object' || value === null) return null;
  if (path.length >= maxDepth) return { path, rule: 'deep' };
  for (const [name, one] of Object.entries(value)) {
    if (name.includes('\0')) return { path, rule: 'nul' };
    const here = [...path, name];
    if (name === '__proto__') return { path: here, rule: 'name' };
    const found = unstorable(one, here);
    if (found !== null) return found;
  }
  return null;
}
