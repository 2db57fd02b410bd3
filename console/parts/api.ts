import {
  type UseInfiniteQueryResult,
  type UseMutationResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useRef } from 'react';
import {
  type Answer,
  type Entry,
  HongyanUnreachable,
  type Input,
  type JsonRoute,
  type ListRoute,
} from '../../src/client/index.ts';
import { call } from './call.ts';
import { useLanguage } from './language.tsx';
import { type Told, useLiveState, useRereads } from './live.ts';

/** One entry of a list: `EntryOf<'GET /v1/keys'>`. */
export type EntryOf<K extends ListRoute> = Entry<K>;
export type AnswerOf<K extends JsonRoute> = Answer<K>;

/** Stands for an answer that is empty by contract. */
const nothing: unknown = null;

/** A filter that is left empty is none. */
function withoutEmpty<T extends object>(input: T): T {
  const { query } = input as { query?: Record<string, unknown> }; // where a route has one
  if (query === undefined) return input;
  return { ...input, query: Object.fromEntries(Object.entries(query).filter(([, value]) => value !== '')) };
}

interface How {
  /** Default true; false waits. */
  isOn?: boolean;
  /** Read again so often; where `isConcerned` is given, only while the stream is away. */
  everyMs?: number;
  /** Read again when this is told by the stream. */
  isConcerned?: (told: Told) => boolean;
  /** Read again so often although the stream tells what happens: what it does not tell of. Default: each minute. */
  liveEveryMs?: number;
}

const restMs = 60_000;

function useInterval({ everyMs, isConcerned, liveEveryMs = restMs }: How): number | false {
  const state = useLiveState();
  if (isConcerned === undefined || everyMs === undefined) return everyMs ?? false;
  return state === 'live' ? liveEveryMs : everyMs;
}

/** What a route gives, kept while the page is open: `useRead('GET /v1/messages/{id}', { params: { id } })`. */
export function useRead<K extends JsonRoute>(
  route: K,
  input: Input<K>,
  how: How = {},
): UseQueryResult<Answer<K>> {
  const { lang } = useLanguage();
  const refetchInterval = useInterval(how);
  const found = useQuery({
    queryKey: [route, input, lang],
    // What a route without an answer gives is nothing, which the cache cannot hold.
    queryFn: async ({ signal }) =>
      ((await call(lang, route, { ...withoutEmpty(input), signal })) ?? nothing) as Answer<K>,
    enabled: how.isOn ?? true,
    refetchInterval,
  });
  useRereads(
    how.isOn === false ? undefined : how.isConcerned,
    () => void found.refetch({ cancelRefetch: false }),
  );
  return found;
}

export type List<T> = Omit<UseInfiniteQueryResult, 'data'> & { rows: T[] | undefined };

/** A list, page by page: `rows` are those that were loaded, `fetchNextPage` brings more while `hasNextPage`. */
export function useList<K extends ListRoute>(route: K, input: Input<K>, how: How = {}): List<Entry<K>> {
  const { lang } = useLanguage();
  const refetchInterval = useInterval(how);
  const { data, ...rest } = useInfiniteQuery({
    // Not the key of `useRead`: pages are kept in another shape than one answer of the same route.
    queryKey: [route, input, lang, 'pages'],
    queryFn: async ({ pageParam, signal }) => {
      const { query } = withoutEmpty(input) as { query?: object }; // each list has one
      const next = {
        ...input,
        signal,
        query: { ...query, ...(pageParam === null ? {} : { cursor: pageParam }) },
      };
      // A page of entries, as every list is.
      return (await call(lang, route, next)) as unknown as { data: Entry<K>[]; next: string | null };
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    enabled: how.isOn ?? true,
    refetchInterval,
  });
  const { refetch } = rest;
  useRereads(how.isOn === false ? undefined : how.isConcerned, () => void refetch({ cancelRefetch: false }));
  return { ...rest, rows: data?.pages.flatMap((page) => page.data) };
}

/**
 * Something that changes: `change.mutate(input)`, `change.isPending`, `change.error`. What the page had read of the routes
 * that `rereads` names is read again. Pressed again after an answer was lost, it is the same request, and done once.
 */
export function useChange<K extends JsonRoute>(
  route: K,
  how: { rereads?: readonly JsonRoute[]; onDone?: (answer: Answer<K>, input: Input<K>) => void } = {},
): UseMutationResult<Answer<K>, Error, Input<K>> {
  const { lang } = useLanguage();
  const client = useQueryClient();
  const lost = useRef<{ asked: string; key: string } | null>(null);
  return useMutation({
    mutationFn: async (input: Input<K>) => {
      const asked = JSON.stringify(input);
      const key = lost.current?.asked === asked ? lost.current.key : crypto.randomUUID();
      lost.current = null;
      try {
        return await call(lang, route, route.startsWith('POST ') ? { ...input, key } : input);
      } catch (error) {
        if (error instanceof HongyanUnreachable) lost.current = { asked, key };
        throw error;
      }
    },
    onSuccess: async (answer, input) => {
      how.onDone?.(answer, input);
      await Promise.all((how.rereads ?? []).map((name) => client.invalidateQueries({ queryKey: [name] })));
    },
  });
}
