import {
  type UseInfiniteQueryResult,
  type UseMutationResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { Answer, Input, RouteKey } from './call.ts';
import { call } from './call.ts';

/** Keys of the routes whose answer is a page of a list. */
type ListKey = {
  [K in RouteKey]: Answer<K> extends { data: unknown[]; next: string | null } ? K : never;
}[RouteKey];
/** One entry of a list: `EntryOf<'GET /v1/keys'>`. */
export type EntryOf<K extends ListKey> = Answer<K> extends { data: (infer T)[] } ? T : never;

/** What a route gives, kept while the page is open: `useRead('GET /v1/keys/{id}', { params: { id } })`. */
export function useRead<K extends RouteKey>(
  key: K,
  input: Input<K>,
  how: { isOn?: boolean; everyMs?: number } = {},
): UseQueryResult<Answer<K>> {
  return useQuery({
    queryKey: [key, input],
    queryFn: ({ signal }) => call(key, input, signal),
    enabled: how.isOn ?? true,
    refetchInterval: how.everyMs ?? false,
  });
}

export type List<T> = Omit<UseInfiniteQueryResult, 'data'> & { rows: T[] | undefined };

/** A list, page by page: `rows` are those that were loaded, `fetchNextPage` brings more while `hasNextPage`. */
export function useList<K extends ListKey>(
  key: K,
  input: Input<K> & object,
  how: { isOn?: boolean; everyMs?: number } = {},
): List<EntryOf<K>> {
  const { data, ...rest } = useInfiniteQuery({
    queryKey: [key, input],
    queryFn: async ({ pageParam, signal }) => {
      const { query } = input as { query?: object }; // each list has one
      const next = { ...input, query: { ...query, ...(pageParam === null ? {} : { cursor: pageParam }) } };
      // A page of entries, as every list is.
      return (await call(key, next, signal)) as { data: EntryOf<K>[]; next: string | null };
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    enabled: how.isOn ?? true,
    refetchInterval: how.everyMs ?? false,
  });
  return { ...rest, rows: data?.pages.flatMap((page) => page.data) };
}

/**
 * Something that changes: `change.mutate(input)`, `change.isPending`, `change.error`. What the page had read of the routes
 * that `rereads` names is read again.
 */
export function useChange<K extends RouteKey>(
  key: K,
  how: { rereads?: readonly RouteKey[]; onDone?: (answer: Answer<K>) => void } = {},
): UseMutationResult<Answer<K>, Error, Input<K>> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: Input<K>) => call(key, input),
    onSuccess: async (answer) => {
      how.onDone?.(answer);
      await Promise.all((how.rereads ?? []).map((name) => client.invalidateQueries({ queryKey: [name] })));
    },
  });
}
