/** What the parser says of one answer, in this order: once, any number of times, once. */
export interface ResponseSink {
  onHead(status: number): void;
  onBody(bytes: Buffer): void;
  /**
   * The answer is complete.
   *
   * @param reusable the connection may carry another request
   * @param idleS seconds after which the server closes it when nothing comes; null when it did not say
   */
  onEnd(reusable: boolean, idleS: number | null): void;
}

/** The bytes are no HTTP/1.1 answer, or one that could be read in two ways. */
export class HttpSyntaxError extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'HTTPParserError';
  }
}

const maxHeadBytes = 16 * 1024;
const maxLineBytes = 1024;
const headEndMark = Buffer.from('\r\n\r\n');
const lineEndMark = Buffer.from('\r\n');
const protocol = 'HTTP/1.';
const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n\0]*)?$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\r\n\0]*)$/;
const chunkLine = /^([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n\0]*)?$/;

type Part = 'idle' | 'head' | 'counted' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'until-end';

/**
 * Reads the answers on one connection, one after another, each to a request that was made (`expect`).
 *
 * Strict where leniency would let two readers see different answers: one length, no length beside chunks, no other
 * coding, CRLF alone ends a line, no byte that belongs to no answer. Bodies are passed on as they came; only the chunks
 * of `Transfer-Encoding: chunked` are taken apart.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112
 */
export class ResponseParser {
  readonly #sink: ResponseSink;
  #part: Part = 'idle';
  /** What came of something incomplete. */
  #held: Buffer | null = null;
  #left = 0;
  #reusable = true;
  #idleS: number | null = null;
  #trailerBytes = 0;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** A request is about to be written. */
  expect(): void {
    this.#part = 'head';
  }

  /** Reads no further; what is pushed from now on is ignored until `expect`. */
  stop(): void {
    this.#part = 'idle';
    this.#held = null;
  }

  /** Throws `HttpSyntaxError`; the connection is then of no more use. */
  push(bytes: Buffer): void {
    if (this.#part === 'idle') throw new HttpSyntaxError('bytes that answer no request');
    let rest: Buffer | null = this.#held === null ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = null;
    while (rest !== null && rest.length > 0) rest = this.#step(rest);
  }

  /** The connection has ended; true when that was the end of an answer without a length. */
  finish(): boolean {
    if (this.#part !== 'until-end') return false;
    this.#complete(0);
    return true;
  }

  /** Reads one piece; gives what is behind it, null when there is nothing more to read. */
  #step(bytes: Buffer): Buffer | null {
    switch (this.#part) {
      case 'head':
        return this.#head(bytes);
      case 'counted':
      case 'chunk':
        return this.#counted(bytes);
      case 'chunk-size':
        return this.#line(bytes, (line) => this.#chunkSize(line));
      case 'chunk-end':
        return this.#line(bytes, (line) => {
          if (line !== '') throw new HttpSyntaxError('a chunk is longer than it says');
          this.#part = 'chunk-size';
        });
      case 'trailer':
        return this.#line(bytes, (line, behind) => this.#trailer(line, behind));
      case 'until-end':
        this.#sink.onBody(bytes);
        return null;
      case 'idle': // stopped by the sink
        return null;
    }
  }

  #head(bytes: Buffer): Buffer | null {
    const end = bytes.indexOf(headEndMark);
    if (end === -1 || end > maxHeadBytes) {
      if (bytes.length > maxHeadBytes) throw new HttpSyntaxError('the head of the answer is too long');
      // What is no HTTP may never have an end.
      const begins = bytes.toString('latin1', 0, protocol.length);
      if (!protocol.startsWith(begins)) throw new HttpSyntaxError('no HTTP/1.1 status line');
      this.#held = bytes;
      return null;
    }
    const text = bytes.toString('latin1', 0, end);
    const behind = end + headEndMark.length;
    const lines = text.split('\r\n');
    const status = statusLine.exec(lines[0] ?? '');
    if (status === null) throw new HttpSyntaxError('no HTTP/1.1 status line');
    const code = Number(status[2]);
    let length: number | null = null;
    let chunked = false;
    let kept = status[1] === '1';
    let closes = false;
    let idleS: number | null = null;
    for (let i = 1; i < lines.length; i++) {
      const header = headerLine.exec(lines[i] ?? '');
      if (header === null) throw new HttpSyntaxError('a malformed header');
      const [, name = '', padded = ''] = header;
      // The four that matter have 10, 14 and 17 characters.
      if (name.length === 14 && name.toLowerCase() === 'content-length') {
        const value = trimmed(padded);
        if (length !== null || !/^\d{1,15}$/.test(value)) throw new HttpSyntaxError('no single length');
        length = Number(value);
      } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
        if (chunked || trimmed(padded).toLowerCase() !== 'chunked')
          throw new HttpSyntaxError('a transfer coding that is not chunked alone');
        chunked = true;
      } else if (name.length === 10) {
        const known = name.toLowerCase();
        if (known === 'connection') {
          const options = padded.toLowerCase().split(',').map(trimmed);
          if (options.includes('close')) closes = true;
          if (options.includes('keep-alive')) kept = true;
        } else if (known === 'keep-alive') idleS = keepAliveTimeout(padded);
      }
    }
    if (chunked && length !== null) throw new HttpSyntaxError('a length and chunks');
    if (code < 200) {
      if (code === 101) throw new HttpSyntaxError('a change of protocol that nobody asked for');
      return after(bytes, behind);
    }
    const bodiless = code === 204 || code === 304;
    // Of an answer that has no body by its status, a length or chunks may be followed by one after all.
    this.#reusable = kept && !closes && !(bodiless && (chunked || (length ?? 0) > 0));
    this.#idleS = idleS;
    this.#left = length ?? 0;
    this.#trailerBytes = 0;
    this.#part = bodiless ? 'counted' : chunked ? 'chunk-size' : length === null ? 'until-end' : 'counted';
    this.#sink.onHead(code);
    if (this.#part === 'counted' && (bodiless || length === 0)) {
      this.#complete(bytes.length - behind);
      return null;
    }
    return after(bytes, behind);
  }

  #counted(bytes: Buffer): Buffer | null {
    const isChunk = this.#part === 'chunk';
    if (bytes.length < this.#left) {
      this.#left -= bytes.length;
      this.#sink.onBody(bytes);
      return null;
    }
    const size = this.#left;
    this.#left = 0;
    this.#sink.onBody(bytes.length === size ? bytes : bytes.subarray(0, size));
    if (this.#part === 'idle') return null;
    if (isChunk) {
      this.#part = 'chunk-end';
      return after(bytes, size);
    }
    this.#complete(bytes.length - size);
    return null;
  }

  #line(bytes: Buffer, read: (line: string, behind: number) => void): Buffer | null {
    const end = bytes.indexOf(lineEndMark);
    if (end > maxLineBytes || (end === -1 && bytes.length > maxLineBytes))
      throw new HttpSyntaxError('a line of the chunked body is too long');
    if (end === -1) {
      this.#held = bytes;
      return null;
    }
    const behind = end + lineEndMark.length;
    read(bytes.toString('latin1', 0, end), bytes.length - behind);
    return after(bytes, behind);
  }

  #chunkSize(line: string): void {
    const size = chunkLine.exec(line)?.[1];
    if (size === undefined) throw new HttpSyntaxError('no chunk size');
    this.#left = Number.parseInt(size, 16);
    this.#part = this.#left === 0 ? 'trailer' : 'chunk';
  }

  #trailer(line: string, behind: number): void {
    if (line === '') {
      this.#complete(behind);
      return;
    }
    this.#trailerBytes += line.length;
    if (this.#trailerBytes > maxHeadBytes || !headerLine.test(line))
      throw new HttpSyntaxError('a malformed trailer');
  }

  /** @param behind bytes that follow the answer: they belong to none, and nobody knows what they are */
  #complete(behind: number): void {
    const reusable = this.#reusable && behind === 0 && this.#part !== 'until-end';
    this.#part = 'idle';
    this.#sink.onEnd(reusable, this.#idleS);
  }
}

function after(bytes: Buffer, offset: number): Buffer | null {
  return offset === bytes.length ? null : bytes.subarray(offset);
}

/** Without the spaces and tabs around it; `trim` would take more. */
function trimmed(value: string): string {
  return value.replace(/^[ \t]+/, '').replace(/(?<![ \t])[ \t]+$/, '');
}

function keepAliveTimeout(value: string): number | null {
  const seconds = /(?:^|[,\s])timeout=(\d{1,6})/i.exec(value)?.[1];
  return seconds === undefined ? null : Number(seconds);
}
