/** The languages of everything that a person reads. */
export type Lang = 'en' | 'zh';

/** `zh`, `zh_CN`, `zh-Hans`, `zh_CN.UTF-8` → zh; null for a language that Hongyan does not speak. */
export function langOf(value: string): Lang | null {
  const [, lang] = /^(en|zh)(?:[-_.]|$)/i.exec(value) ?? [];
  return lang === undefined ? null : lang.toLowerCase() === 'zh' ? 'zh' : 'en';
}

/** The same words in both languages. `{name}` stands for a value. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** Words that both languages share: a command line, say. */
export function same<const T extends string>(words: T): { readonly en: T; readonly zh: T } {
  return { en: words, zh: words };
}

/**
 * Whose words say what to do next: somebody at a terminal, a program that calls the HTTP API, somebody in the console,
 * a program that embeds Hongyan.
 */
export type Entrance = 'cli' | 'http' | 'console' | 'code';

/** One way in which an error happens: what happened, and what to do about it by entrance. */
export interface ErrorText extends Words {
  /** What to do now. Without it the entry's `remedy` is all that is said, in docs/errors.md. */
  readonly do?: Words | { readonly [entrance in Entrance]?: Words };
}

/** A code of docs/errors.md. */
export interface ErrorEntry {
  /** What happened, in general: the second column of docs/errors.md. */
  readonly about: Words;
  /** What to do, in general: its third column. */
  readonly remedy: Words;
  /** HTTP status; 404 where the code ends in _NOT_FOUND and 400 elsewhere when it is not given. */
  readonly status?: number;
  /** The wordings by reason; the code's only one is called `default`. */
  readonly texts: { readonly [reason: string]: ErrorText };
}

export type ErrorTable = Readonly<Record<string, ErrorEntry>>;

/** Gives a table its type: literal keys, so that an unknown reason or a value that is not given does not compile. */
export function defineErrors<const T extends ErrorTable>(table: T): T {
  return table;
}

/** Something that every entrance calls by its own name: an option, a field of a body, a label. */
export interface NameByEntrance {
  readonly names: { readonly [entrance in Entrance]: string | Words };
}

/** What may stand for a `{name}`. Numbers are grouped by thousands, lists joined as the language does. */
export type Value = string | number | Words | NameByEntrance | readonly string[];

/** `{names}` of a text, as a type. Braces around anything with a quote, such as an example in JSON, are no name. */
export type NamesIn<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${string}"${string}` ? never : Name) | NamesIn<Rest>
  : never;

/**
 * A text with its `{values}` filled in; a name without a value stays as it is. In Chinese a value meets Han characters as texts
 * in the catalogues do: with a space where it is Latin or a figure, and without one where it is Han itself.
 */
export function fill(
  template: Words,
  lang: Lang,
  entrance: Entrance,
  values: Readonly<Record<string, Value>>,
): string {
  const text = template[lang];
  return text.replace(
    /( ?)\{(\w+)\}( ?)/g,
    (whole, before: string, name: string, after: string, at: number) => {
      const value = values[name];
      if (value === undefined) return whole;
      const said = spell(value, lang, entrance);
      if (lang === 'en' || said === '') return before + said + after;
      const [left = '', right = ''] = [text[at - 1], text[at + whole.length]];
      return gap(left, said[0] ?? '', before) + said + gap(right, said.at(-1) ?? '', after);
    },
  );
}

const han = /\p{Script=Han}/u;

/** Between a character of a text and the one of a value that stands beside it. */
function gap(ofText: string, ofValue: string, written: string): string {
  if (fullWidth.test(ofValue)) return '';
  if (!han.test(ofText)) return written;
  if (/[“”]/.test(ofValue)) return '';
  if (/[A-Za-z0-9−-]/.test(ofValue)) return ' ';
  return han.test(ofValue) ? '' : written;
}

/** Sentences one after the other, with what stands between them: nothing beside a full-width sign. */
export function together(...parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .reduce((before, part) => (before === '' ? part : before + gapBetween(before, part) + part), '');
}

/** Between two texts, of which the second may be an element of a page. */
export function gapBetween(before: string, after = ''): '' | ' ' {
  return fullWidth.test(before.at(-1) ?? '') || fullWidth.test(after[0] ?? '') ? '' : ' ';
}

const fullWidth = /[，。；：！？、（）《》]/;

function spell(value: Value, lang: Lang, entrance: Entrance): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return count(value);
  if (isList(value)) return value.join(lang === 'zh' ? '、' : ', ');
  const words = 'names' in value ? value.names[entrance] : value;
  return typeof words === 'string' ? words : words[lang];
}

/** `Array.isArray` does not narrow readonly arrays. */
function isList(value: Words | NameByEntrance | readonly string[]): value is readonly string[] {
  return Array.isArray(value);
}

/** 1234567 → 1,234,567 in both languages. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
