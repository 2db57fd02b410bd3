/** Keys whose value is an id: always text, however small the number. */
const idKeys: ReadonlySet<string> = new Set(['msgid', 'MsgID', 'MsgId', 'msg_id', 'msg_data_id']);

/** Only such a text needs the reviver, which costs four to five times a plain parse (bench/wechat-json.ts). */
const mayHoldIds = /\d{16}|"(?:msgid|MsgI[Dd]|msg_(?:data_)?id)"/;

const integerLiteral = /^-?\d+$/;

/** Raw control characters, which JSON forbids and WeChat has sent inside names and remarks. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const controlCharacters = /[\u0000-\u001f]/g;

function keepIds(key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value;
  if (!integerLiteral.test(context.source)) return value;
  return idKeys.has(key) || !Number.isSafeInteger(value) ? context.source : value;
}

function parse(text: string): unknown {
  if (!mayHoldIds.test(text)) return JSON.parse(text);
  // TypeScript's lib does not know the reviver's third argument (ES2026, in Node since 21).
  return JSON.parse(text, keepIds as (this: unknown, key: string, value: unknown) => unknown);
}

/**
 * Parses an answer of WeChat, keeping 64-bit ids exact.
 *
 * `msgid`, `MsgID`, `MsgId`, `msg_id` and `msg_data_id` become text always, and so does every other integer
 * beyond `Number.MAX_SAFE_INTEGER`, at any depth. Returns undefined for what is not a JSON object: HTML of a
 * gateway, an array, an empty or a cut text. Never throws.
 */
export function parseWechatJson(text: string): Record<string, unknown> | undefined {
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const source = start === 0 ? text : text.slice(start);
  let value: unknown;
  try {
    value = parse(source);
  } catch {
    // The parser's own error quotes the text, which may hold a token: it must not travel further.
    try {
      value = parse(source.replace(controlCharacters, ' '));
    } catch {
      return undefined;
    }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // An object that JSON.parse made has string keys and unknown values.
  return value as Record<string, unknown>;
}

/** How often the outermost object of a JSON text has a member of this name: the parser keeps the last and says nothing. */
export function countMembersNamed(text: string, name: string): number {
  let depth = 0;
  let found = 0;
  let key = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      const start = at + 1;
      for (at = start; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
      if (depth === 1) key = text.slice(start, at);
    } else if (char === ':' && depth === 1) {
      if (key === name || (key.includes('\\') && unescaped(key) === name)) found++;
    } else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
  }
  return found;
}

function unescaped(text: string): string {
  return text.replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
