import { failure, type HongyanError } from '../../base/errors.ts';

/**
 * What becomes of a variable's value in its place.
 *
 * - `none`: nothing.
 * - `uri`: percent-encoded as a component, so that `&`, `#` or Chinese in it cannot change the address. A variable at the
 *   very start is the address itself, or its beginning (`{{link}}`, `{{page}}?id={{id}}`): there only spaces and
 *   characters outside ASCII are encoded, since an encoded `https://` would never open.
 */
export type VariableEscape = 'none' | 'uri';

/** A text or body with variables, parsed once. */
export interface Compiled {
  /** Names of the variables, each once, in order of appearance. */
  readonly names: readonly string[];
  /** Those that stand somewhere without a fallback, `{{name}}` and not `{{name|顾客}}`: they need a value. */
  readonly required: readonly string[];
  /** The names that are not among these columns. */
  missing(columns: Iterable<string>): string[];
  /** The first required name without a text in these variables; undefined when all are there. An empty text is there. */
  firstAbsent(vars: Readonly<Record<string, string>>): string | undefined;
  /**
   * The text with every variable replaced, by its fallback where the value is missing or blank; half surrogate pairs
   * become U+FFFD. Throws `TEMPLATE_VARIABLE_MISSING` when a required variable has no value: `{{name}}` itself never
   * reaches a person.
   */
  render(vars: Readonly<Record<string, string>>): string;
}

/** `fallback` stands for a missing or blank value. */
type Variable = { name: string; fallback: string | undefined };
type Part = { text: string } | Variable;

const braces = '{{…}}';

function shortened(found: string): string {
  return [...found].length > 40 ? `${[...found].slice(0, 40).join('')}…` : found;
}

function invalid(reason: 'bad-name' | 'unclosed', whole: string): HongyanError {
  const found = shortened(whole);
  const details = { found };
  return reason === 'unclosed'
    ? failure('TEMPLATE_VARIABLE_INVALID/unclosed', { found }, { details })
    : failure('TEMPLATE_VARIABLE_INVALID/bad-name', { found }, { details });
}

/** Checks and trims what stands between `{{` and `}}`: a name, and perhaps a fallback behind `|`; `\\|` belongs to the name. */
function variable(inside: string): Variable {
  const [, before = '', after] = /^((?:\\\||[^|])*)(?:\|(.*))?$/s.exec(inside) ?? [];
  const name = before.replaceAll('\\|', '|').trim();
  const found = shortened(`{{${inside}}}`);
  if (name === '')
    throw failure('TEMPLATE_VARIABLE_INVALID/no-name', { found, braces }, { details: { found } });
  if (/\.DATA$/i.test(name)) {
    const key = name.slice(0, -5);
    throw failure('TEMPLATE_VARIABLE_INVALID/wechat-mark', { found, key, braces }, { details: { found } });
  }
  if (/[{}\r\n]/.test(inside)) throw invalid('bad-name', `{{${inside}}}`);
  return { name, fallback: after?.trim() };
}

/** Backslashes count only before `{{`: one makes the braces plain, two are one backslash before a variable. */
function parse(source: string): Part[] {
  const parts: Part[] = [];
  let text = '';
  let at = 0;
  for (let open = source.indexOf('{{'); open >= 0; open = source.indexOf('{{', at)) {
    let slashes = 0;
    while (open - slashes > at && source[open - slashes - 1] === '\\') slashes += 1;
    text += source.slice(at, open - slashes) + '\\'.repeat(Math.floor(slashes / 2));
    at = open + 2;
    if (slashes % 2 === 1) {
      text += '{{';
      continue;
    }
    const close = source.indexOf('}}', at);
    if (close < 0) throw invalid('unclosed', source.slice(open));
    const found = variable(source.slice(at, close));
    if (text !== '') parts.push({ text });
    text = '';
    parts.push(found);
    at = close + 2;
  }
  text += source.slice(at);
  if (text !== '') parts.push({ text });
  return parts;
}

type Encode = (value: string) => string;

const wellFormed: Encode = (value) => value.toWellFormed();
const component: Encode = (value) => encodeURIComponent(value.toWellFormed());
const address: Encode = (value) => value.toWellFormed().replace(/[^!-~]+/g, encodeURIComponent);
const jsonText: Encode = (value) => JSON.stringify(value.toWellFormed()).slice(1, -1);

function encoderAt(index: number, mode: VariableEscape): Encode {
  if (mode === 'none') return wellFormed;
  return index === 0 ? address : component;
}

/** Fixed texts and the variables between them: `texts` has one more. */
interface Pieces {
  texts: string[];
  slots: (Variable & { encode: Encode })[];
}

function addText(pieces: Pieces, text: string): void {
  pieces.texts[pieces.texts.length - 1] += text;
}

function addSlot(pieces: Pieces, { name, fallback }: Variable, encode: Encode): void {
  pieces.slots.push({ name, fallback, encode });
  pieces.texts.push('');
}

function compiled({ texts, slots }: Pieces): Compiled {
  const names = [...new Set(slots.map(({ name }) => name))];
  const needed = new Set(slots.flatMap(({ name, fallback }) => (fallback === undefined ? [name] : [])));
  const required = names.filter((name) => needed.has(name));
  const firstAbsent = (vars: Readonly<Record<string, string>>): string | undefined =>
    // Not `in`: a variable called "constructor" would be found in the prototype.
    required.find((name) => typeof vars[name] !== 'string');
  return {
    names,
    required,
    missing: (columns) => {
      const known = new Set(columns);
      return names.filter((name) => !known.has(name));
    },
    firstAbsent,
    render: (vars) => {
      let out = texts[0]!;
      for (let index = 0; index < slots.length; index += 1) {
        const { name, fallback, encode } = slots[index]!;
        const given: unknown = vars[name];
        const isBlank = typeof given !== 'string' || given.trim() === '';
        const value = isBlank && fallback !== undefined ? fallback : given;
        if (typeof value !== 'string') {
          throw failure('TEMPLATE_VARIABLE_MISSING', { variable: `{{${name}}}` }, { details: { name } });
        }
        out += encode(value) + texts[index + 1]!;
      }
      return out;
    },
  };
}

/**
 * Parses a text with `{{name}}` variables, `{{name|fallback}}` too. Space around a name is ignored; `\{{` is two plain
 * braces.
 *
 * Throws `TEMPLATE_VARIABLE_INVALID` for an empty or unclosed variable and for WeChat's own `{{thing1.DATA}}`.
 */
export function compileText(text: string, options: { escape?: VariableEscape } = {}): Compiled {
  const pieces: Pieces = { texts: [''], slots: [] };
  parse(text).forEach((part, index) => {
    if ('text' in part) addText(pieces, part.text.toWellFormed());
    else addSlot(pieces, part, encoderAt(index, options.escape ?? 'none'));
  });
  return compiled(pieces);
}

/** Keys whose texts are addresses, at any depth of a wire body. */
const addressKeys = new Set(['url', 'page', 'pagepath']);

function addString(pieces: Pieces, value: string, mode: VariableEscape): void {
  addText(pieces, '"');
  parse(value).forEach((part, index) => {
    if ('text' in part) addText(pieces, jsonText(part.text));
    else {
      const encode = encoderAt(index, mode);
      addSlot(pieces, part, mode === 'none' ? jsonText : (text) => jsonText(encode(text)));
    }
  });
  addText(pieces, '"');
}

function addValue(pieces: Pieces, value: unknown, mode: VariableEscape, depth: number): void {
  if (depth > 100) throw failure('TEMPLATE_BODY_INVALID/depth', {});
  if (typeof value === 'string') addString(pieces, value, mode);
  else if (Array.isArray(value)) {
    addText(pieces, '[');
    value.forEach((item: unknown, index) => {
      if (index > 0) addText(pieces, ',');
      addValue(pieces, item ?? null, mode, depth + 1);
    });
    addText(pieces, ']');
  } else if (typeof value === 'object' && value !== null) {
    let separator = '{';
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      addText(pieces, `${separator}${JSON.stringify(key.toWellFormed())}:`);
      addValue(pieces, item, addressKeys.has(key) ? 'uri' : 'none', depth + 1);
      separator = ',';
    }
    addText(pieces, separator === '{' ? '{}' : '}');
  } else if (value === null || typeof value === 'boolean' || Number.isFinite(value)) {
    addText(pieces, String(value));
  } else {
    throw failure('TEMPLATE_BODY_INVALID/kind', { kind: typeof value });
  }
}

/**
 * Parses a JSON wire body with `{{name}}` variables inside its string values; `render` gives the serialised body, with
 * values escaped for JSON, and percent-encoded under the keys `url`, `page` and `pagepath` at any depth. Keys and numbers
 * stay as they are.
 *
 * Throws `TEMPLATE_VARIABLE_INVALID`, and `TEMPLATE_BODY_INVALID` for what JSON cannot hold.
 */
export function compileJson(body: unknown): Compiled {
  const pieces: Pieces = { texts: [''], slots: [] };
  addValue(pieces, body, 'none', 0);
  return compiled(pieces);
}
