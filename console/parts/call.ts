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

/** What signs somebody in, and is asked while nobody is. */
const signIns: ReadonlySet<string> = new Set(['POST /v1/sessions', 'POST /v1/sessions/link']);

/** One call of the API, worded in the reader's language. */
export async function call<K extends JsonRoute>(lang: Lang, route: K, input: Input<K>): Promise<Answer<K>> {
  const ask = (): Promise<Answer<K>> => clients[lang].call(route, input);
  return await (signIns.has(route) ? told(ask) : watched(ask));
}

/** While nobody is signed in: everything else waits for the one who comes. */
let absence: PromiseWithResolvers<void> | null = null;
/** How often somebody came back on this page. */
let returns = 0;

/** The person of this page has signed in again. */
export function returned(): void {
  returns++;
  absence?.resolve();
  absence = null;
}

/** Comes when somebody is signed in, as far as this page knows. */
export async function presence(): Promise<void> {
  await absence?.promise;
}

/**
 * Tells the frame what became of a request. Once a session has ended nothing is asked before its person is back: whoever signs in
 * instead does not do what they have begun. A refusal that comes after their return was one of the session of before: it is asked
 * again.
 */
export async function watched<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    await presence();
    const begun = returns;
    try {
      return await told(ask);
    } catch (error) {
      if (!isSignedOut(error) || returns === begun) throw error;
    }
  }
}

async function told<T>(ask: () => Promise<T>): Promise<T> {
  const begun = returns;
  try {
    const answer = await ask();
    tell('reached');
    return answer;
  } catch (error) {
    tellFailure(error, begun);
    throw error;
  }
}

/** For `tellFailure`: when a request is begun. */
export const returnsNow = (): number => returns;

/** What a call that failed says of the connection. */
export function tellFailure(error: unknown, begun: number): void {
  if (error instanceof HongyanUnreachable) tell('unreachable');
  else if (isProblem(error, 'DATABASE_UNREACHABLE')) tell('databaseAway');
  else if (isSignedOut(error) && begun === returns) {
    absence ??= Promise.withResolvers();
    tell('signedOut');
  } else if (isProblem(error)) tell('reached');
}

/** Not a wrong password, which is answered with 401 too. */
const isSignedOut = (error: unknown): boolean => isProblem(error, 'UNAUTHORIZED');

export function isProblem(error: unknown, ...codes: string[]): error is HongyanProblem {
  return error instanceof HongyanProblem && (codes.length === 0 || codes.includes(error.code));
}

/** What is wrong with one field of the body, in the reader's words. */
export function fieldProblem(error: unknown, path: string): string | undefined {
  if (!isProblem(error)) return undefined;
  return error.body.fields?.find((one) => one.in === 'body' && one.path === path)?.message;
}
