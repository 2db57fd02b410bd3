import { constants, createWriteStream, open as openFile } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { errorCode, failure, HongyanError } from '../../base/errors.ts';
import { fileProblem } from '../../texts/parts.ts';

/** Where a recipient list comes from: a path, or a stream such as standard input with a name for messages. */
export type RecipientSource = { path: string } | { stream: Readable; name: string };

/** A source with its first bytes read, decompressed if it was gzip. */
export interface OpenSource {
  /** File name without folder and `.gz`, or the stream's name. */
  name: string;
  isStream: boolean;
  /** The first bytes, up to `headBytes`; fewer only if that is all. */
  head: Buffer;
  /** Everything, head included; once. */
  chunks(): AsyncGenerator<Buffer>;
  /** A path of the whole content for random access: the file itself, else a private temporary copy. */
  randomAccessPath(): Promise<string>;
  /** Throws `RECIPIENT_FILE_CHANGED` if the file was written to since it was opened. */
  checkUnchanged(): Promise<void>;
  close(): Promise<void>;
}

/** How much is looked at to tell format and encoding. */
export const headBytes = 256 * 1024;

function unreadable(file: string, cause: unknown): HongyanError {
  const code = errorCode(cause);
  if (code === 'ENOENT') return failure('RECIPIENT_FILE_NOT_FOUND', { file }, { cause });
  return code === 'EACCES' || code === 'EPERM'
    ? failure('RECIPIENT_FILE_UNREADABLE/permission', { file }, { cause })
    : failure('RECIPIENT_FILE_UNREADABLE', { file, reason: fileProblem(code) }, { cause });
}

/**
 * A named pipe, without waiting for its writer: that would hold a thread that nothing can interrupt. Reading waits for
 * the writer all the same.
 */
async function openPipe(path: string): Promise<Readable> {
  const fd = await promisify(openFile)(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}

async function* bytesOf(stream: Readable, name: string): AsyncGenerator<Buffer> {
  try {
    // A stream may have been given an encoding by its owner, then its chunks are strings.
    for await (const chunk of stream as AsyncIterable<Buffer | string>) {
      yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    }
  } catch (cause) {
    throw errorCode(cause) === 'ABORT_ERR' ? cause : unreadable(name, cause);
  }
}

/** What is copied to the temporary folder at most. A workbook of a million rows and ten columns has some 80 MB. */
const maxSpooledBytes = 256 * 1024 * 1024;
// Lists of random openids deflate to three quarters, the most repetitive ones 60-fold; the format's own limit is 1,032.
const maxRatio = 400;
const ratioFreeBytes = 64 * 1024 * 1024;

async function* counted(
  chunks: AsyncGenerator<Buffer>,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}

async function* gunzipped(packed: AsyncGenerator<Buffer>, name: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let bytesIn = 0;
  let bytesOut = 0;
  const chunks = counted(packed, (bytes) => {
    bytesIn += bytes;
  });
  const fed = pipeline(Readable.from(chunks), gunzip);
  // The same failure reaches the loop below; without a handler it would also end the process.
  fed.catch(() => {});
  try {
    // A zlib stream without encoding gives Buffers.
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      bytesOut += chunk.length;
      if (bytesOut > ratioFreeBytes && bytesOut > bytesIn * maxRatio)
        throw failure('RECIPIENT_FILE_TOO_LARGE/ratio', { file: name, times: maxRatio });
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof HongyanError || errorCode(cause) === 'ABORT_ERR') throw cause;
    throw failure('RECIPIENT_FILE_DAMAGED/gzip', { file: name }, { cause });
  }
}

/** Reads until `enough` bytes or the end. */
async function readHead(chunks: AsyncGenerator<Buffer>, enough: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  while (length < enough) {
    const { value, done } = await chunks.next();
    if (done) break;
    parts.push(value);
    length += value.length;
  }
  return Buffer.concat(parts);
}

async function* withHead(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* rest;
}

/**
 * Opens a recipient source and reads its first bytes.
 *
 * Throws `RECIPIENT_FILE_NOT_FOUND`, `RECIPIENT_FILE_UNREADABLE` (a directory, no permission, a read error),
 * `RECIPIENT_FILE_EMPTY`, `RECIPIENT_FILE_DAMAGED` (broken gzip).
 */
export async function openSource(source: RecipientSource, signal?: AbortSignal): Promise<OpenSource> {
  const path = 'path' in source ? source.path : undefined;
  const fullName = 'path' in source ? basename(source.path) : source.name;
  let handle: FileHandle | undefined;
  let stream: Readable;
  let isFile = false;
  let before: { size: number; mtimeMs: number } | undefined;
  if ('path' in source) {
    try {
      // Before opening: opening a directory succeeds.
      const entry = await stat(source.path);
      if (entry.isDirectory()) throw failure('RECIPIENT_FILE_UNREADABLE/directory', { file: fullName });
      if (entry.isFIFO()) stream = await openPipe(source.path);
      else {
        handle = await open(source.path, 'r');
        const opened = await handle.stat();
        isFile = opened.isFile();
        if (isFile) before = { size: opened.size, mtimeMs: opened.mtimeMs };
        stream = handle.createReadStream({ highWaterMark: 128 * 1024, autoClose: false });
      }
    } catch (cause) {
      throw cause instanceof HongyanError ? cause : unreadable(fullName, cause);
    }
  } else {
    stream = source.stream;
  }
  const onAbort = () => stream.destroy(Object.assign(new Error('aborted'), { code: 'ABORT_ERR' }));
  signal?.addEventListener('abort', onAbort, { once: true });

  let spooled: string | undefined;
  const close = async (): Promise<void> => {
    signal?.removeEventListener('abort', onAbort);
    stream.destroy();
    await handle?.close();
    handle = undefined;
    if (spooled !== undefined) await rm(spooled, { recursive: true, force: true });
    spooled = undefined;
  };

  try {
    signal?.throwIfAborted();
    let all = bytesOf(stream, fullName);
    const magic = await readHead(all, 2);
    all = withHead(magic, all);
    const isGzip = magic[0] === 0x1f && magic[1] === 0x8b;
    if (isGzip) all = gunzipped(all, fullName);
    const head = await readHead(all, headBytes);
    if (head.length === 0) throw failure('RECIPIENT_FILE_EMPTY', { file: fullName });
    const chunks = () => withHead(head, all);
    return {
      name: isGzip ? fullName.replace(/\.gz$/i, '') : fullName,
      isStream: !isFile,
      head,
      chunks,
      randomAccessPath: async () => {
        if (path !== undefined && isFile && !isGzip) return path;
        // mkdtemp makes the folder 0700.
        spooled = await mkdtemp(join(tmpdir(), 'hongyan-recipients-'));
        const copy = join(spooled, 'list');
        let bytes = 0;
        const limited = counted(chunks(), (more) => {
          bytes += more;
          if (bytes > maxSpooledBytes)
            throw failure('RECIPIENT_FILE_TOO_LARGE/copied', {
              file: fullName,
              megabytes: maxSpooledBytes / 1024 / 1024,
              directory: tmpdir(),
            });
        });
        try {
          await pipeline(
            limited,
            createWriteStream(copy, { mode: 0o600 }),
            signal === undefined ? {} : { signal },
          );
        } catch (cause) {
          if (errorCode(cause) !== 'ENOSPC') throw cause;
          const values = { file: fullName, directory: tmpdir() };
          throw failure('RECIPIENT_FILE_UNREADABLE/no-room', values, { cause });
        }
        return copy;
      },
      checkUnchanged: async () => {
        if (before === undefined || handle === undefined) return;
        const now = await handle.stat();
        if (now.size === before.size && now.mtimeMs === before.mtimeMs) return;
        const details = { sizeBefore: before.size, sizeNow: now.size };
        throw failure('RECIPIENT_FILE_CHANGED', { file: fullName }, { details });
      },
      close,
    };
  } catch (error) {
    await close();
    throw signal?.aborted === true ? signal.reason : error;
  }
}
