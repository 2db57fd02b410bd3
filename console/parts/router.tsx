import { type ReactNode, useMemo, useSyncExternalStore } from 'react';
import { RouterProvider } from 'react-aria-components';

/** The values that a pattern names: `/campaigns/:id` → `{ id: string }`. */
export type Params<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? { [key in Name]: string } & Params<`/${Rest}`>
  : P extends `${string}:${infer Name}`
    ? { [key in Name]: string }
    : Record<never, string>;

/** The values of a path that fits the pattern, else null. Parts of a path match exactly; a trailing slash is the same. */
export function matchPath<P extends string>(pattern: P, path: string): Params<P> | null {
  const wanted = pattern.split('/').filter((part) => part !== '');
  const given = path.split('/').filter((part) => part !== '');
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) found[part.slice(1)] = safeDecode(value);
    else if (part !== value) return null;
  }
  return found as Params<P>; // it has a value for each name in the pattern
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const moved = 'hongyan:moved';

/** Goes to an address of the console, without a new page. */
export function navigate(to: string, how: { replace?: boolean } = {}): void {
  if (how.replace === true) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  dispatchEvent(new Event(moved));
  if (how.replace !== true) scrollTo(0, 0);
}

function subscribe(changed: () => void): () => void {
  addEventListener('popstate', changed);
  addEventListener(moved, changed);
  return () => {
    removeEventListener('popstate', changed);
    removeEventListener(moved, changed);
  };
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

export function useSearch(): URLSearchParams {
  const search = useSyncExternalStore(subscribe, () => location.search);
  return useMemo(() => new URLSearchParams(search), [search]);
}

/** A part of the address's query as state that can be shared; the default is not written down. */
export function useQueryValue(name: string, fallback = ''): [string, (value: string) => void] {
  const value = useSearch().get(name) ?? fallback;
  return [
    value,
    (next) => navigate(withQuery({ [name]: next === fallback ? null : next }), { replace: true }),
  ];
}

/** This address with other values in its query; null takes one out. */
export function withQuery(changes: Record<string, string | null>): string {
  const search = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') search.delete(name);
    else search.set(name, value);
  }
  const text = search.toString();
  return location.pathname + (text === '' ? '' : `?${text}`);
}

/** Links and menu items below it move within the page. */
export function Router({ children }: { children: ReactNode }): ReactNode {
  return <RouterProvider navigate={(to) => navigate(to)}>{children}</RouterProvider>;
}
