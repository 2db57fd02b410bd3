import { setImmediate as nextTurn } from 'node:timers/promises';
import { SaxesParser } from 'saxes';
import yauzl from 'yauzl';
import { errorCode, failure, HongyanError } from '../../base/errors.ts';
import { fileProblem, workbookParts } from '../../texts/parts.ts';
import { ElementPaths, type XmlHandlers, type XmlVocabulary } from './paths.ts';

// A sheet of 1,048,576 rows and 100 columns is about 5 GB of XML. Larger declared sizes are an attack or a mistake.
const maxPartBytes = 8 * 1024 ** 3;
// Repetitive sheets deflate about 60-fold; the format's own limit is 1,032.
const maxRatio = 400;
const ratioFreeBytes = 64 * 1024 * 1024;
const maxEntries = 10_000;
// Text between two tags is held in memory by the parser. A cell holds at most 32,767 characters.
const maxTextLength = 4 * 1024 * 1024;
/** How long parsing goes on before timers and signals have a turn. */
const turnMs = 20;

/** The parts of an XLSX file: a zip archive whose sizes are checked before anything is inflated. */
export interface XlsxPackage {
  has(part: string): boolean;
  /**
   * Streams a part through an XML parser; yields after each piece, so that the caller can take what was found.
   *
   * Only elements of the vocabulary's namespace in their places are given. Throws `RECIPIENT_FILE_DAMAGED` for what is
   * no XML of that kind, `RECIPIENT_FILE_TOO_LARGE`; an error of a handler goes through as it is.
   */
  parse(part: string, vocabulary: XmlVocabulary, handlers: XmlHandlers): AsyncGenerator<void>;
  close(): void;
}

/** A part's key: without leading slash, in lower case, since producers differ from their own references. */
function partKey(path: string): string {
  return path.replace(/^\/+/, '').toLowerCase();
}

function damaged(file: string, cause: unknown): unknown {
  if (cause instanceof HongyanError || errorCode(cause) === 'ABORT_ERR') return cause;
  const code = errorCode(cause);
  if (code?.startsWith('E') && !code.startsWith('ERR_')) {
    return failure('RECIPIENT_FILE_UNREADABLE', { file, reason: fileProblem(code) }, { cause });
  }
  return failure('RECIPIENT_FILE_DAMAGED/workbook', { file }, { cause });
}

/** Of which Excel has no limit, and a hostile file no end. */
export function tooMany(file: string, most: number, what: keyof typeof workbookParts): HongyanError {
  return failure('RECIPIENT_FILE_TOO_LARGE/too-many', { file, most, what: workbookParts[what] });
}

/** Limits what one archive entry may inflate to. Throws `RECIPIENT_FILE_TOO_LARGE`. */
function checkSize(entry: yauzl.Entry, name: string): void {
  const { uncompressedSize, compressedSize } = entry;
  const bomb = uncompressedSize > ratioFreeBytes && uncompressedSize > compressedSize * maxRatio;
  if (!bomb && uncompressedSize <= maxPartBytes) return;
  throw failure(
    'RECIPIENT_FILE_TOO_LARGE/unpacked',
    { file: name, unpacked: uncompressedSize, packed: compressedSize },
    { details: { uncompressedSize, compressedSize } },
  );
}

/** The decoder of a part: by byte order mark, by the zero beside its first `<`, else by its own declaration. */
function decoderOf(head: Buffer): InstanceType<typeof TextDecoder> {
  const start = head.readUInt16BE(0);
  if (start === 0xfeff || start === 0x003c) return new TextDecoder('utf-16be', { fatal: true });
  if (start === 0xfffe || start === 0x3c00) return new TextDecoder('utf-16le', { fatal: true });
  const declared = /^\W{0,4}<\?xml[^>]{0,60}encoding\s{0,9}=\s{0,9}["']([\w.-]{1,40})["']/.exec(
    head.subarray(0, 200).toString('latin1'),
  )?.[1];
  // A declaration of UTF-16 in a part that is none is a slip of the producer.
  const label = declared === undefined || /^utf-?16/i.test(declared) ? 'utf-8' : declared;
  return new TextDecoder(label, { fatal: true });
}

/** Opens the archive and reads its directory. Throws `RECIPIENT_FILE_DAMAGED`, `RECIPIENT_FORMAT_UNSUPPORTED`. */
export async function openPackage(path: string, name: string, signal?: AbortSignal): Promise<XlsxPackage> {
  const entries = new Map<string, yauzl.Entry>();
  let zip: yauzl.ZipFile;
  try {
    zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false });
  } catch (cause) {
    throw damaged(name, cause);
  }
  try {
    for await (const entry of zip.eachEntry()) {
      if (entries.size >= maxEntries) {
        throw tooMany(name, maxEntries, 'parts');
      }
      entries.set(partKey(entry.fileName), entry);
    }
  } catch (cause) {
    zip.close();
    throw damaged(name, cause);
  }

  /** The bytes of a part; what cannot be inflated is a damaged file. */
  async function* bytesOf(part: string): AsyncGenerator<Buffer> {
    const entry = entries.get(partKey(part));
    if (entry === undefined) throw damaged(name, new Error(`the part ${part} is missing`));
    if (entry.isEncrypted()) {
      throw failure('RECIPIENT_FORMAT_UNSUPPORTED/encrypted', { file: name });
    }
    checkSize(entry, name);
    try {
      const stream = await zip.openReadStreamPromise(entry);
      // A zip stream without encoding gives Buffers.
      for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
    } catch (cause) {
      throw signal?.aborted === true ? signal.reason : damaged(name, cause);
    }
  }

  async function* textOf(part: string): AsyncGenerator<string> {
    let decoder: InstanceType<typeof TextDecoder> | undefined;
    const decode = (bytes: Buffer): string => {
      try {
        decoder ??= decoderOf(bytes);
        return decoder.decode(bytes, { stream: true });
      } catch (cause) {
        throw damaged(name, cause);
      }
    };
    let head: Buffer | undefined = Buffer.alloc(0);
    for await (const chunk of bytesOf(part)) {
      // The declaration has to be whole before anything is decoded.
      if (head !== undefined) {
        head = Buffer.concat([head, chunk]);
        if (head.length < 200) continue;
      }
      yield decode(head ?? chunk);
      head = undefined;
    }
    if (head !== undefined) yield decode(head);
    try {
      yield decoder?.decode() ?? '';
    } catch (cause) {
      throw damaged(name, cause);
    }
  }

  async function* parse(
    part: string,
    vocabulary: XmlVocabulary,
    handlers: XmlHandlers,
  ): AsyncGenerator<void> {
    const parser = new SaxesParser();
    const paths = new ElementPaths(vocabulary, handlers);
    let trouble: unknown;
    let sinceEvent = 0;
    parser.on('error', (error) => {
      trouble ??= damaged(name, error);
    });
    parser.on('opentag', (tag) => {
      sinceEvent = 0;
      const wrong = paths.open(tag.name, tag.attributes);
      if (wrong === undefined) return;
      trouble ??=
        wrong === 'depth'
          ? failure('RECIPIENT_FILE_TOO_LARGE/nested', { file: name })
          : damaged(name, new Error(`the part ${part} is no ${vocabulary.root}`));
      throw trouble;
    });
    parser.on('text', (text) => paths.text(text));
    parser.on('cdata', (text) => paths.text(text));
    parser.on('closetag', () => {
      sinceEvent = 0;
      paths.close();
    });
    const write = (text: string): void => {
      sinceEvent += text.length;
      parser.write(text);
      if (trouble !== undefined) throw trouble;
      if (sinceEvent > maxTextLength) {
        throw failure('RECIPIENT_FILE_TOO_LARGE/cell-text', { file: name, most: maxTextLength });
      }
    };
    let turn = performance.now();
    for await (const text of textOf(part)) {
      signal?.throwIfAborted();
      write(text);
      yield;
      if (performance.now() - turn > turnMs) {
        await nextTurn();
        turn = performance.now();
      }
    }
    parser.close();
    if (trouble !== undefined) throw trouble;
    yield;
  }

  return { has: (part) => entries.has(partKey(part)), parse, close: () => zip.close() };
}
