/** Every text that a person reads, with the file that it stands in: whatever src/texts exports. */
import { readdir } from 'node:fs/promises';
import type { Words } from '../../../src/texts/catalogue.ts';

export interface SpokenWords extends Words {
  /** `src/texts/ui/push.ts`. */
  file: string;
  /** `pushTexts.push.start`: where in it. */
  key: string;
}

export async function allWords(): Promise<SpokenWords[]> {
  const texts = new URL('../../../src/texts/', import.meta.url);
  const found: SpokenWords[] = [];
  const seen = new Set<object>();
  for (const name of (await readdir(texts, { recursive: true })).sort()) {
    if (!name.endsWith('.ts')) continue;
    const file = `src/texts/${name.replaceAll('\\', '/')}`;
    const exported: Record<string, unknown> = await import(new URL(name, texts).href);
    for (const [key, value] of Object.entries(exported)) walk(value, key);
    function walk(value: unknown, key: string): void {
      if (typeof value !== 'object' || value === null || seen.has(value)) return;
      seen.add(value);
      const { en, zh } = value as { en?: unknown; zh?: unknown }; // any object may be asked
      if (typeof en === 'string' && typeof zh === 'string') found.push({ file, key, en, zh });
      for (const [part, inner] of Object.entries(value)) walk(inner, `${key}.${part}`);
    }
  }
  return found;
}
