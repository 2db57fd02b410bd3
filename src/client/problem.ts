import type { z } from 'zod';
import type { problem } from '../contract/shapes.ts';

/** What the server said when it refused. */
export type ProblemBody = z.output<typeof problem>;

/** The server refused: branch on `code`, show `message` and `hint`. */
export class HongyanProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly body: ProblemBody;
  /** The server's `Retry-After`, s; null without one. */
  readonly retryAfterS: number | null;

  constructor(body: ProblemBody, retryAfterS: number | null) {
    super(body.detail);
    this.name = 'HongyanProblem';
    this.code = body.code;
    this.status = body.status;
    this.body = body;
    this.retryAfterS = retryAfterS;
  }
}

/** There was no answer. Whether anything was done is not known; a request with a `key` may be sent again. */
export class HongyanUnreachable extends Error {
  constructor(url: string, cause: unknown) {
    super(`no answer from ${url}`, { cause });
    this.name = 'HongyanUnreachable';
  }
}

/** A gateway in between may answer anything. */
export function problemFrom(status: number, text: string): ProblemBody {
  try {
    const found: ProblemBody = JSON.parse(text);
    if (typeof found.code === 'string' && typeof found.detail === 'string') return found;
  } catch {
    // No JSON: said below.
  }
  const title = `HTTP ${status}`;
  return {
    type: 'about:blank',
    code: `HTTP_${status}`,
    status,
    title,
    detail: text.slice(0, 200) || title,
    requestId: '',
  };
}
