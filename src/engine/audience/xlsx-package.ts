import { SaxesParser } from 'saxes';
import yauzl from 'yauzl';
import { errorCode, HongyanError } from '../../base/errors.ts';

// A sheet of 1,048,576 rows and 100 columns is about 5 GB of XML. Larger declared sizes are an attack or a mistake.
const maxPartBytes = 8 * 1024 ** 3;
// Repetitive sheets deflate about 60-fold; the format's own limit is 1,032.
const maxRatio = 400;
const ratioFreeBytes = 64 * 1024 * 1024;
const maxEntries = 10_000;
// Text between two tags is held in memory by the parser. A cell holds at most 32,767 characters.
const maxTextLength = 4 * 1024 * 1024;

export interface XmlHandlers {
  /** Names come without namespace prefix; so do the attributes, except `xmlns` and those in `rawAttributes`. */
  open(name: string, attributes: Record<string, string>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/** The parts of an XLSX file: a zip archive whose sizes are checked before anything is inflated. */
export interface XlsxPackage {
  has(part: string): boolean;
  /** Streams a part through an XML parser; yields after each piece, so that the caller can take what was found. */
  parse(part: string, handlers: XmlHandlers): AsyncGenerator<void>;
  close(): void;
}

/** A part's key: without leading slash, in lower case, since producers differ from their own references. */
export function partKey(path: string): string {
  return path.replace(/^\/+/, '').toLowerCase();
}

function local(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

function localAttributes(attributes: Record<string, string>): Record<string, string> {
  for (const name in attributes) {
    if (!name.includes(':')) continue;
    const out: Record<string, string> = {};
    for (const [key, value] of Object.entries(attributes)) {
      // `r:id` beside `id`: the unprefixed one is the element's own.
      if (!key.includes(':')) out[key] = value;
      else if (!(`${local(key)}` in attributes)) out[local(key)] = value;
      else out[key] = value;
    }
    return out;
  }
  return attributes;
}

function damaged(name: string, cause: unknown): unknown {
  if (cause instanceof HongyanError || errorCode(cause) === 'ABORT_ERR') return cause;
  const code = errorCode(cause);
  if (code?.startsWith('E') && !code.startsWith('ERR_')) {
    return new HongyanError(
      'RECIPIENT_FILE_UNREADABLE',
      `The recipient file ${name} cannot be read: ${code}.`,
      {
        cause,
      },
    );
  }
  return new HongyanError(
    'RECIPIENT_FILE_DAMAGED',
    `The workbook ${name} is damaged or incomplete. Copy it again, or open and save it in a spreadsheet program.`,
    { cause },
  );
}

/** Limits what one archive entry may inflate to. Throws `RECIPIENT_FILE_TOO_LARGE`. */
function checkSize(entry: yauzl.Entry, name: string): void {
  const { uncompressedSize, compressedSize } = entry;
  const bomb = uncompressedSize > ratioFreeBytes && uncompressedSize > compressedSize * maxRatio;
  if (!bomb && uncompressedSize <= maxPartBytes) return;
  throw new HongyanError(
    'RECIPIENT_FILE_TOO_LARGE',
    `The workbook ${name} unpacks to ${uncompressedSize} bytes from ${compressedSize}, which is over the limit. Save the list as CSV.`,
    { details: { uncompressedSize, compressedSize } },
  );
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
        throw new HongyanError(
          'RECIPIENT_FILE_TOO_LARGE',
          `The workbook ${name} has more than ${maxEntries} parts. Save the list as CSV.`,
        );
      }
      entries.set(partKey(entry.fileName), entry);
    }
  } catch (cause) {
    zip.close();
    throw damaged(name, cause);
  }

  async function* parse(part: string, handlers: XmlHandlers): AsyncGenerator<void> {
    const entry = entries.get(partKey(part));
    if (entry === undefined) {
      throw damaged(name, new Error(`the part ${part} is missing`));
    }
    if (entry.isEncrypted()) {
      throw new HongyanError(
        'RECIPIENT_FORMAT_UNSUPPORTED',
        `The recipient file ${name} is an encrypted archive. Save it without a password.`,
      );
    }
    checkSize(entry, name);
    const parser = new SaxesParser();
    let failure: Error | undefined;
    let sinceEvent = 0;
    parser.on('error', (error) => {
      failure ??= error;
    });
    parser.on('opentag', (tag) => {
      sinceEvent = 0;
      handlers.open(local(tag.name), localAttributes(tag.attributes));
    });
    if (handlers.text !== undefined) parser.on('text', (text) => handlers.text?.(text));
    if (handlers.text !== undefined) parser.on('cdata', (text) => handlers.text?.(text));
    parser.on('closetag', (tag) => {
      sinceEvent = 0;
      handlers.close?.(local(tag.name));
    });
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const write = (text: string): void => {
      sinceEvent += text.length;
      parser.write(text);
      if (failure !== undefined) throw failure;
      if (sinceEvent > maxTextLength) {
        throw new HongyanError(
          'RECIPIENT_FILE_TOO_LARGE',
          `The workbook ${name} has a text of more than ${maxTextLength} characters in one cell. Save the list as CSV.`,
        );
      }
    };
    try {
      const stream = await zip.openReadStreamPromise(entry);
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        signal?.throwIfAborted();
        write(decoder.decode(chunk, { stream: true }));
        yield;
      }
      write(decoder.decode());
      parser.close();
      if (failure !== undefined) throw failure;
      yield;
    } catch (cause) {
      throw signal?.aborted === true ? signal.reason : damaged(name, cause);
    }
  }

  return { has: (part) => entries.has(partKey(part)), parse, close: () => zip.close() };
}
