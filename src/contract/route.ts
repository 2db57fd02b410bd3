import type { z } from 'zod';
import type { Permission } from './permissions.ts';

/** `POST /v1/messages`: what a route is found by, in the table, in the client and in the documents. `{name}` is a parameter. */
export type RouteKey = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;

/** Which account a request is about, so that a key or a person of another account is refused. */
export type AccountPlace =
  | `${'params' | 'query' | 'body'}.${string}`
  /** Only the action finds out, from an id: it asks again for that account (`require` of src/app/action.ts). */
  | 'found'
  /** Several: the action shows only those that the actor may see. */
  | 'filtered'
  /** None. */
  | null;

/**
 * What happens when a request is sent again.
 *
 * `safe`: it changes nothing. `repeatable`: the second time finds it done. `own-key`: the action keeps the key as long as
 * what it made, and answers the repeat itself. `stored-key`: the answer is kept for 24 h under the header Idempotency-Key.
 * `sealed-key`: the same where request or answer holds a secret; what is kept is sealed. `none`: it is done again, and
 * test/contract/walk.test.ts says why that is right.
 */
export type IdempotencyClass = 'safe' | 'repeatable' | 'own-key' | 'stored-key' | 'sealed-key' | 'none';

/**
 * What a request costs. `normal`: by the actor's ceiling. `submit`: by the rate of the key alone. `heavy`: few at a time.
 * `sign-in`: by address. `free`: health checks, and what WeChat calls.
 */
export type RateClass = 'normal' | 'submit' | 'heavy' | 'sign-in' | 'free';

/** A body or an answer that is not JSON, and is never whole in memory. */
export interface Bytes {
  readonly bytes: true;
  readonly types: readonly string[];
  /** Of a body: more is refused. Default: no limit. */
  readonly maxBytes?: number;
}

/** In an answer `null` is no body at all. */
export type AnswerShape = z.ZodType | Bytes | null;

/** A row of the table: everything about a route that can be said without running it. */
export interface Route {
  /** Name of the action, `subject.verb`: in the audit, in the client and as OpenAPI's operationId. */
  readonly name: `${string}.${string}`;
  readonly summary: { readonly en: string; readonly zh: string };
  /** `known`: anybody who is signed in or has a key. `public`: anybody. */
  readonly permission: Permission | 'known' | 'public';
  readonly account: AccountPlace;
  /** `hourly`: a row for the first call of each kind, caller and account in an hour. */
  readonly audit: 'change' | 'export' | 'hourly' | 'none';
  /**
   * The caller is a program that speaks WeChat: besides the header, its key may come as what it got in the place of an
   * access_token. No session is taken: a page of another site could have the browser ask by GET.
   */
  readonly speaks?: 'wechat';
  /** While the database is away keys count that were valid when it was last read: for what is said of this process alone. */
  readonly whileAway?: true;
  readonly idempotency: IdempotencyClass;
  readonly rate: RateClass;
  readonly params?: z.ZodObject;
  /** Query values are texts: use the coercing shapes of shapes.ts. */
  readonly query?: z.ZodObject;
  /** Whatever is in the query is let be, because somebody else adds it: WeChat signs there, whoever probes may mark their requests. */
  readonly anyQuery?: true;
  readonly body?: z.ZodType | Bytes;
  /** By status; the first one below 400 is given unless the handler says another. Every other answer is a `Problem`. */
  readonly answers: Readonly<Record<number, AnswerShape>>;
}

/** What most rows that read have in common: `...reads`. */
export const reads = { audit: 'none', idempotency: 'safe', rate: 'normal' } as const;

/** What most rows that change something have in common. */
export const changes = { audit: 'change', idempotency: 'repeatable', rate: 'normal' } as const;

export type RouteTable = Readonly<Record<RouteKey, Route>>;

/** The last parameter of a path, where it is the rest of it, slashes included. */
export const restOfPath = 'path';

/** Gives rows their exact types. */
export function defineRoutes<const T extends RouteTable>(table: T): T {
  return table;
}

export function bytes(...types: string[]): Bytes {
  return { bytes: true, types };
}

export function isBytes(shape: AnswerShape | undefined): shape is Bytes {
  return shape !== null && shape !== undefined && 'bytes' in shape;
}

export function splitKey(key: string): { method: string; path: string } {
  const at = key.indexOf(' ');
  return { method: key.slice(0, at), path: key.slice(at + 1) };
}
