import { gzipSync } from 'node:zlib';
import type { Plugin, Rollup } from 'vite';

const kB = 1000;
/** Script that must be there before an entry can be used, gzipped. */
const initialLimit = 220 * kB;
/** Script that a page brings on top of its entry, gzipped. */
const pageLimit = 150 * kB;

export interface Weight {
  name: string;
  kind: 'entry' | 'page';
  bytes: number;
}

/** What each entry weighs with all that it imports at once, and each lazily loaded page on top of that. */
export function weights(chunks: Iterable<Rollup.OutputChunk>): Weight[] {
  const byFile = new Map([...chunks].map((chunk) => [chunk.fileName, chunk]));
  const sizes = new Map<string, number>();
  const sizeOf = (file: string): number => {
    const known = sizes.get(file);
    if (known !== undefined) return known;
    const size = gzipSync(byFile.get(file)?.code ?? '').byteLength;
    sizes.set(file, size);
    return size;
  };
  const closure = (file: string, found: Set<string>): Set<string> => {
    if (found.has(file)) return found;
    found.add(file);
    for (const next of byFile.get(file)?.imports ?? []) closure(next, found);
    return found;
  };
  const sum = (files: Iterable<string>): number =>
    [...files].reduce((total, file) => total + sizeOf(file), 0);
  const found: Weight[] = [];
  for (const entry of byFile.values()) {
    if (!entry.isEntry) continue;
    const initial = closure(entry.fileName, new Set());
    found.push({ name: entry.name, kind: 'entry', bytes: sum(initial) });
    const pages = new Set([...initial].flatMap((file) => byFile.get(file)?.dynamicImports ?? []));
    for (const page of pages) {
      const more = [...closure(page, new Set())].filter((file) => !initial.has(file));
      found.push({
        name: `${entry.name}: ${byFile.get(page)?.name ?? page}`,
        kind: 'page',
        bytes: sum(more),
      });
    }
  }
  return found;
}

/** What is over its limit, in words. */
export function excesses(all: Weight[]): string[] {
  return all
    .map((one) => ({ ...one, limit: one.kind === 'entry' ? initialLimit : pageLimit }))
    .filter(({ bytes, limit }) => bytes > limit)
    .map(
      ({ name, bytes, limit }) =>
        `${name}: ${kilobytes(bytes)} of script gzipped, ${kilobytes(limit)} allowed`,
    );
}

const kilobytes = (bytes: number): string => `${(bytes / kB).toFixed(1)} kB`;

/** Prints the weights and fails the build over the budget. */
export function budget(): Plugin {
  return {
    name: 'budget',
    apply: 'build',
    writeBundle(_options, bundle) {
      const all = weights(Object.values(bundle).filter((one) => one.type === 'chunk'));
      for (const { name, bytes } of all) this.info(`${kilobytes(bytes).padStart(9)}  ${name}`);
      const over = excesses(all);
      if (over.length > 0) this.error(`over the budget: ${over.join('; ')}`);
    },
  };
}
