import type { z } from 'zod';
import type { Routes } from '../../src/contract/routes.ts';
import { Problem, type ProblemBody, Unreachable } from './problem.ts';

export type RouteKey = keyof Routes & string;

type Shape<T> = T extends z.ZodType ? z.input<T> : never;
type Part<K extends RouteKey, Name extends string> = Routes[K] extends { [key in Name]: infer T }
  ? { [key in Name]: Shape<T> }
  : unknown;
type QueryOf<K extends RouteKey> = Routes[K] extends { query: infer Q }
  ? { query?: Partial<Shape<Q>> }
  : unknown;

/** What a route is asked with: `{ params, query, body }`, as far as it has them. */
export type Input<K extends RouteKey> = Part<K, 'params'> & QueryOf<K> & Part<K, 'body'>;

type Good = 200 | 201 | 202 | 204;
/** What it answers when all is well. */
export type Answer<K extends RouteKey> = {
  [S in keyof Routes[K]['answers']]: S extends Good
    ? Routes[K]['answers'][S] extends z.ZodType
      ? z.output<Routes[K]['answers'][S]>
      : null
    : never;
}[keyof Routes[K]['answers']];

/** Told of every call that failed by the connection or for want of a session, and of every one that did not. */
type Listener = (what: 'reached' | 'unreachable' | 'signedOut') => void;
const listeners = new Set<Listener>();
let language = 'zh-CN';

export function onConnection(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** In which language the server words what it says. */
export function speak(lang: string): void {
  language = lang;
}

const tell = (what: Parameters<Listener>[0]): void => {
  for (const listener of listeners) listener(what);
};

/** One call of the API. Throws `Problem` with the server's words, or `Unreachable`. */
export async function call<K extends RouteKey>(
  key: K,
  input: Input<K>,
  signal?: AbortSignal,
): Promise<Answer<K>> {
  // Each part is there if its route has it.
  const {
    params = {},
    query = {},
    body,
  } = input as { params?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown };
  const [method = '', pattern = ''] = key.split(' ');
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(params[name])),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const answer = await reach(path + (search.size === 0 ? '' : `?${search}`), {
    method,
    headers: {
      'Accept-Language': language,
      // A form of another site cannot send it.
      'X-Requested-With': 'hongyan',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(method === 'POST' ? { 'Idempotency-Key': crypto.randomUUID() } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await answer.text();
  if (answer.ok) return (text === '' ? null : JSON.parse(text)) as Answer<K>; // as the contract says
  const problem = readProblem(answer.status, text);
  if (answer.status === 401) tell('signedOut');
  throw new Problem(problem);
}

async function reach(address: string, init: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(address, init);
    tell('reached');
    return answer;
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    tell('unreachable');
    throw new Unreachable('the server does not answer', { cause });
  }
}

/** A gateway between may answer anything. */
function readProblem(status: number, text: string): ProblemBody {
  try {
    const found: ProblemBody = JSON.parse(text);
    if (typeof found.code === 'string') return found;
  } catch {
    // No JSON: said below.
  }
  const what = text.slice(0, 200);
  return { status, code: `HTTP_${status}`, title: `HTTP ${status}`, detail: what, requestId: '' };
}
