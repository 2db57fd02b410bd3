import { QueryClient } from '@tanstack/react-query';
import { HongyanUnreachable } from '../../src/client/index.ts';

/** Read again when a page is opened after this. */
const staleMs = 10_000;
/** While the server is away: a restart takes some seconds. */
const retryMs = 2_000;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: staleMs,
      // What the server refused it refuses again; what did not reach it is asked until it does.
      retry: (_count, error) => error instanceof HongyanUnreachable,
      retryDelay: retryMs,
      // It says so when there is no network; a server on this machine needs none.
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});
