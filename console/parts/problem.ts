/** What the server said when it refused: application/problem+json. */
export interface ProblemBody {
  status: number;
  code: string;
  title: string;
  detail: string;
  hint?: string;
  requestId: string;
  errcode?: number;
  errmsg?: string;
  rid?: string | null;
  fields?: { in: string; path: string; rule: string; message: string }[];
}

export class Problem extends Error {
  readonly body: ProblemBody;

  constructor(body: ProblemBody) {
    super(body.detail);
    this.name = 'Problem';
    this.body = body;
  }

  /** What is wrong with one field of the body, in the reader's words. */
  field(path: string): string | undefined {
    return this.body.fields?.find((one) => one.in === 'body' && one.path === path)?.message;
  }
}

/** The server did not answer. Whether it did anything is not known. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export function isProblem(error: unknown, ...codes: string[]): error is Problem {
  return error instanceof Problem && (codes.length === 0 || codes.includes(error.body.code));
}
