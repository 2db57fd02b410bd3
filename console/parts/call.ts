import {
  type Answer,
  createClient,
  HongyanProblem,
  HongyanUnreachable,
  type Input,
  type JsonRoute,
} from '../../src/client/index.ts';
import type { Lang } from '../../src/texts/catalogue.ts';

/** Told of every call: whether the server was reached, has its database, and when it knows no session any more. */
export type Reached = 'reached' | 'databaseAway' | 'unreachable' | 'signedOut';
type Listener = (what: Reached) => void;
const listeners = new Set<Listener>();

export function onConnection(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const tell = (what: Reached): void => {
  for (const listener of listeners) listener(what);
};

export const clients = {
  zh: createClient({ baseUrl: '', lang: 'zh' }),
  en: createClient({ baseUrl: '', lang: 'en' }),
};

/** One call of the API, worded in the reader's language. */
export async function call<K extends JsonRoute>(lang: Lang, route: K, input: Input<K>): Promise<Answer<K>> {
  return await watched(() => clients[lang].call(route, input));
}

/** Tells the frame what became of a request. */
export async function watched<T>(ask: () => Promise<T>): Promise<T> {
  try {
    const answer = await ask();
    tell('reached');
    return answer;
  } catch (error) {
    tellFailure(error);
    throw error;
  }
}

/** What a call that failed says of the connection. */
export function tellFailure(error: unknown): void {
  if (error instanceof HongyanUnreachable) tell('unreachable');
  else if (isProblem(error, 'DATABASE_UNREACHABLE')) tell('databaseAway');
  else if (isProblem(error)) tell(error.status === 401 ? 'signedOut' : 'reached');
}

export function isProblem(error: unknown, ...codes: string[]): error is HongyanProblem {
  return error instanceof HongyanProblem && (codes.length === 0 || codes.includes(error.code));
}

/** What is wrong with one field of the body, in the reader's words. */
export function fieldProblem(error: unknown, path: string): string | undefined {
  if (!isProblem(error)) return undefined;
  return error.body.fields?.find((one) => one.in === 'body' && one.path === path)?.message;
}
