import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { errorCode, HongyanError } from '../../../src/base/errors.ts';
import {
  openRecipientFile,
  type ReadOptions,
  type RecipientSource,
} from '../../../src/engine/audience/recipient-file.ts';
import { textRow, workbookEntries, type ZipEntry, zipFile } from './xlsx-file.ts';

export interface FuzzedFile {
  name: string;
  bytes: Buffer;
  options: ReadOptions;
  /** Columns to select; undefined is none. */
  columns: string[] | undefined;
  /** What was done to it, for the message of a failure and for counting. */
  mutation: string;
}

const openid = (n: number): string => `o7esq5${String(n).padStart(22, '0')}`;
const fixtures = new URL('../../fixtures/recipients/', import.meta.url);

/** Pieces that mean something to one of the readers. */
const pieces = [
  ...[
    '"',
    '""',
    ',',
    ';',
    '\t',
    '\n',
    '\r',
    '\r\n',
    ' ',
    '","',
    'x","y\n',
    '="',
    '`',
    'sep=;\n',
    '\\n',
    'NULL',
  ],
  ...['{', '}', '[', ']', ':', '{"openid":"', '"data":{', '{"value":', '\\ud800', '1e999', '"__proto__":1,'],
  ...[
    openid(1),
    openid(2),
    'openid',
    'unionid',
    '用户',
    '张三',
    '𠮷',
    '🦢',
    '\0',
    '\ufffd',
    '\ufeff',
    '\u2028',
  ],
];
const xmlPieces = [
  ...[
    '<',
    '>',
    '</',
    '/>',
    '<row>',
    '</row>',
    '<row r="9" hidden="1">',
    '<c>',
    '<c r="XFD7"><v>1</v></c>',
    '</c>',
  ],
  ...[
    '<c r="B2" t="s"><v>99999999</v></c>',
    '<c t="e"><v>#N/A</v></c>',
    '<f/>',
    '<is><t>',
    '</t></is>',
    '<rPh><t>',
  ],
  ...[
    '<si>',
    '<si><t/></si>',
    '</si>',
    '<xf numFmtId="200"/>',
    '<sheet name="x" r:id="rId1"/>',
    '<a>',
    '<!--',
    '-->',
  ],
  ...[
    '<![CDATA[',
    ']]>',
    '&a;',
    '&#0;',
    '&lt;',
    '<!DOCTYPE x [<!ENTITY a "b">]>',
    'xmlns="urn:x"',
    '1e308',
    '-5',
    '[h]',
  ],
  ...[
    '<numFmt numFmtId="200" formatCode="[DBNum2]0;;;@"/>',
    't="inlineStr"',
    's="1"',
    'r="A1"',
    'encoding="UTF-16"',
  ],
];
const formatPieces = [
  '[',
  ']',
  '"',
  '\\',
  '0',
  '#',
  '?',
  '@',
  ';',
  'yyyy',
  'm',
  'E+',
  '/',
  '[DBNum1]',
  '[$-404]',
  'e',
  '_',
  '*',
  '%',
  ',',
];

/** Numbers from a seed (mulberry32), so that a failure can be repeated. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Files made from good ones by what exports, people and attackers do to them. The same seed gives the same files. */
export function recipientFuzz(seed: number): { next(): FuzzedFile } {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T; // never of an empty list
  const originals = readdirSync(fixtures).sort();

  /** Mostly few, now and then so many that anything quadratic shows. */
  const times = (): number => (random(40) === 0 ? 1 + random(20_000) : 1 + random(4));

  function splice(bytes: Buffer, remove: number, insert: string | Buffer): Buffer {
    const at = random(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(insert), bytes.subarray(at + remove)]);
  }

  function mutate(bytes: Buffer, words: readonly string[]): Buffer {
    switch (random(8)) {
      case 0: {
        const copy = Buffer.from(bytes);
        for (let n = random(5); n >= 0 && copy.length > 0; n--) copy[random(copy.length)] = random(256);
        return copy;
      }
      case 1:
        return bytes.subarray(0, random(bytes.length + 1));
      case 2:
        return splice(bytes, 1 + random(40), '');
      case 3:
        return Buffer.concat([bytes, bytes]);
      case 4: {
        const [from, to] = [random(bytes.length + 1), random(bytes.length + 1)];
        return Buffer.concat([bytes, bytes.subarray(Math.min(from, to), Math.max(from, to))]);
      }
      case 5:
        return splice(bytes, 0, `${pick(words)}${pick(words)}`.repeat(times()));
      default:
        return splice(bytes, random(6), pick(words).repeat(times()));
    }
  }

  function mutated(bytes: Buffer, words: readonly string[]): Buffer {
    let out = bytes;
    for (let n = random(4); n >= 0; n--) out = mutate(out, words);
    return out;
  }

  function text(): { name: string; bytes: Buffer } {
    const rows = Array.from({ length: random(6) }, (_, n) => [openid(n), pick(pieces), pick(pieces)]);
    switch (random(5)) {
      case 0:
        return {
          name: 'a.csv',
          bytes: Buffer.from(`openid,name,z\n${rows.map((row) => row.join(',')).join('\n')}\n`),
        };
      case 1:
        return {
          name: 'a.tsv',
          bytes: Buffer.from(`openid\tname\n${rows.map((row) => row.join('\t')).join('\n')}`),
        };
      case 2:
        return { name: 'a.txt', bytes: Buffer.from(rows.map((row) => row[0]).join('\n')) };
      case 3:
        return {
          name: 'a.ndjson',
          bytes: Buffer.from(rows.map(([id, name]) => JSON.stringify({ openid: id, name })).join('\n')),
        };
      default: {
        const name = pick(originals);
        return { name, bytes: readFileSync(new URL(name, fixtures)) };
      }
    }
  }

  /** A workbook with some of its parts changed; the archive itself is good. */
  function workbook(): Buffer {
    const format = Array.from({ length: random(12) }, () => pick(formatPieces).repeat(times())).join('');
    const number = `<c s="1"><v>${pick(['0', '-1', '45000.5', '1e15', '0.1', 'x', '1e-300', '99999999'])}</v></c>`;
    const entries: ZipEntry[] = workbookEntries({
      sheets: {
        甲: { rows: textRow(1, ['x']), state: pick(['hidden', 'visible']) },
        乙: `${textRow(1, ['openid', 'name', 'z'])}${Array.from({ length: random(5) }, (_, n) => textRow(n + 2, [openid(n), pick(pieces)]).replace('</row>', `${number}</row>`)).join('')}`,
      },
      strings: ['<t>a</t>', '<r><t>b</t></r>'],
      formats: [format, 14],
      date1904: random(2) === 0,
    });
    return zipFile(
      entries.map((entry) => {
        if (random(4) > 0) return entry;
        const data = mutated(Buffer.from(entry.data), xmlPieces);
        return { ...entry, data: random(10) === 0 ? Buffer.from(data.toString(), 'utf16le') : data };
      }),
    );
  }

  function next(): FuzzedFile {
    const isBook = random(3) === 0;
    let { name, bytes } = isBook ? { name: 'a.xlsx', bytes: workbook() } : text();
    let mutation = name;
    // The bytes of an archive are mostly its checksums' business.
    if (!isBook || random(5) === 0) {
      bytes = mutated(bytes, pieces);
      mutation += ' changed';
    }
    if (random(12) === 0) {
      bytes = Buffer.from(`\ufeff${bytes.toString()}`, 'utf16le');
      mutation += ' wide';
    }
    if (random(12) === 0) {
      bytes = gzipSync(bytes);
      name += '.gz';
      if (random(3) === 0) bytes = mutated(bytes, pieces);
      mutation += ' gz';
    }
    const options: ReadOptions = {};
    if (random(6) === 0)
      options.encoding = pick(['utf-8', 'gb18030', 'big5', 'windows-1252', 'shift_jis', 'utf-16be']);
    if (random(6) === 0) options.format = pick(['csv', 'tsv', 'ndjson', 'txt', 'xlsx']);
    if (random(8) === 0) options.headerRow = pick([1, 2, 3, 'none']);
    if (random(8) === 0) options.openidColumn = pick(['openid', 'column1', 'name', 'column2']);
    if (random(8) === 0) options.visibleOnly = true;
    if (random(8) === 0) options.tsv = pick(['mysql', 'spreadsheet']);
    const columns = random(3) === 0 ? undefined : [['name'], [], ['name', 'z', '姓名']][random(3)];
    return { name, bytes, options, columns, mutation };
  }
  return { next };
}

/** What may be said of a file; an `EISDIR`, a `TypeError` or a stack overflow may not. */
const allowed = /^RECIPIENT_/;

/**
 * Reads a file to its end and checks what holds for every file. Gives the error's code, or `read`.
 *
 * @param path where the bytes are on disk; without it they come as a stream
 */
export async function readFuzzed(file: FuzzedFile, path?: string): Promise<string> {
  const { name, bytes, options, columns } = file;
  const source: RecipientSource = path === undefined ? { stream: Readable.from([bytes]), name } : { path };
  try {
    const opened = await openRecipientFile(source, options);
    if (columns !== undefined) opened.select(columns);
    let line = 0;
    for await (const batch of opened.batches)
      for (const record of batch) {
        assert.ok(record.line >= line, `line ${record.line} after ${line}`);
        line = record.line;
        const cells = record.source?.();
        assert.ok(cells === undefined || cells.cells.length <= 16_384);
        if (record.kind === 'bad') continue;
        assert.match(record.openid, /^[\w-]{20,64}$/);
        for (const [column, value] of Object.entries(record.vars)) {
          assert.ok(columns === undefined || columns.includes(column), column);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: none may get through
          assert.doesNotMatch(value, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/);
          assert.ok(value.isWellFormed());
        }
      }
    return 'read';
  } catch (error) {
    if (!(error instanceof HongyanError) || !allowed.test(error.code)) throw error;
    // Of a damaged file the cause is a library's, with a code or a class of its own, never a fault of ours.
    const ours = [ReferenceError, RangeError, TypeError].some((kind) => error.cause instanceof kind);
    assert.ok(!ours || errorCode(error.cause) !== undefined, String(error.cause));
    return error.code;
  }
}
