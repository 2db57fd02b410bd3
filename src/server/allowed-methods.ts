import { restOfPath, splitKey } from '../contract/route.ts';
import { routes } from '../contract/routes.ts';

const known = Object.keys(routes).map((key) => {
  const { method, path } = splitKey(key);
  const pattern = path
    .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
    .replace(/\{(\w+)\}/g, (_whole, name: string) => (name === restOfPath ? '.*' : '[^/]+'));
  return { method, pattern: new RegExp(`^${pattern}$`) };
});

/** What a path takes; nothing where there is no such path. */
export function allowedMethods(url: string): string[] {
  const [path = ''] = url.split('?');
  return known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
}
