import en from './text.en.ts';
import zh from './text.zh.ts';

export type TextKey = keyof typeof en;
export type Lang = 'en' | 'zh';

const catalogues: Record<Lang, Record<TextKey, string>> = { en, zh };

/** The text of a key with its `{values}` filled in. Numbers are grouped by thousands. */
export function text(lang: Lang, key: TextKey, values: Record<string, string | number> = {}): string {
  return catalogues[lang][key].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? count(value) : value;
  });
}

/** 1234567 → 1,234,567 in both languages. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
