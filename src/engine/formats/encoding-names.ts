/** Encodings of recipient files. UTF-16 by its byte order mark, as spreadsheet programs write it, or when asked for. */
export const textEncodings = [
  'utf-8',
  'gb18030',
  'big5',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'windows-1253',
  'windows-1254',
  'koi8-r',
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'utf-16le',
  'utf-16be',
] as const;
export type TextEncoding = (typeof textEncodings)[number];

/** Those in which a line feed and a carriage return are bytes of their own, never part of a character. */
export type LineEncoding = Exclude<TextEncoding, 'utf-16le' | 'utf-16be'>;

const otherNames: Record<string, TextEncoding> = {
  utf8: 'utf-8',
  gbk: 'gb18030',
  gb2312: 'gb18030',
  'big5-hkscs': 'big5',
  latin1: 'windows-1252',
  'iso-8859-1': 'windows-1252',
  sjis: 'shift_jis',
};

/** The encoding of that name or of one of its other names (`gbk`, `latin1` …). */
export function encodingOf(name: string): TextEncoding | undefined {
  const wanted = name.toLowerCase();
  return textEncodings.find((encoding) => encoding === wanted) ?? otherNames[wanted];
}

/** As people write it. */
export function encodingName(encoding: TextEncoding): string {
  const names: Partial<Record<TextEncoding, string>> = {
    big5: 'Big5',
    'windows-1252': 'Latin-1 (windows-1252)',
  };
  return names[encoding] ?? encoding.toUpperCase();
}

export function isWide(encoding: TextEncoding): encoding is 'utf-16le' | 'utf-16be' {
  return encoding === 'utf-16le' || encoding === 'utf-16be';
}
