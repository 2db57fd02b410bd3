import type { z } from 'zod';
import type { Bytes } from '../contract/route.ts';
import type { Routes } from '../contract/routes.ts';

type Key = keyof Routes & string;

/** What can be sent as bytes: a file, a text, a stream. */
export type Uploaded = string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>;

type Sent<S> = S extends z.ZodType ? z.input<S> : S extends Bytes ? Uploaded : never;
/** A part that may be empty may be left out. */
type Part<Name extends string, S> = Record<never, never> extends S ? { [N in Name]?: S } : { [N in Name]: S };
type PartOf<K extends Key, Name extends 'params' | 'query' | 'body'> =
  Routes[K] extends Record<Name, infer S> ? Part<Name, Sent<S>> : unknown;

/** What a route is asked with: its `params`, `query` and `body`, and how. */
export type Input<K extends Key> = PartOf<K, 'params'> &
  PartOf<K, 'query'> &
  PartOf<K, 'body'> & {
    /** The header Idempotency-Key: a request with it may be sent again after a lost answer. */
    key?: string;
    /** The type of a body of bytes, where the route takes several. */
    type?: string;
    signal?: AbortSignal;
  };

type Good = 200 | 201 | 202 | 203 | 204;
type AnswersOf<K extends Key> = Routes[K]['answers'];
type GoodAnswer<K extends Key> = AnswersOf<K>[Extract<keyof AnswersOf<K>, Good>];

/** What a route answers when all is well. */
export type Answer<K extends Key> =
  GoodAnswer<K> extends infer S ? (S extends z.ZodType ? z.output<S> : undefined) : never;

/** Routes that answer JSON, or nothing. */
export type JsonRoute = { [K in Key]: GoodAnswer<K> extends Bytes ? never : K }[Key];
/** Routes that answer bytes: exports, files. */
export type StreamRoute = Exclude<Key, JsonRoute>;
/** Routes that answer a page of a list. */
export type ListRoute = {
  [K in JsonRoute]: Answer<K> extends { data: unknown[]; next: string | null } ? K : never;
}[JsonRoute];
/** Routes that answer server-sent events. */
export type EventRoute = StreamRoute;
/** One entry of a list. */
export type Entry<K extends ListRoute> = Answer<K> extends { data: (infer T)[] } ? T : never;
