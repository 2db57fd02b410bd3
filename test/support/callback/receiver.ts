import assert from 'node:assert/strict';
import { createDecipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inTime } from '../in-time.ts';

/** One push as it came over the wire, opened. */
export interface Push {
  query: URLSearchParams;
  contentType: string;
  /** The body as it came. */
  raw: string;
  /** The plain text: the body, or what was inside `Encrypt`. */
  plain: string;
  at: number;
}

export interface ReceiverSecrets {
  token: string;
  encodingAESKey: string;
  appid: string;
}

type Answer = (push: Push, response: ServerResponse, number: number) => void;

/**
 * An account's server in the fewest words of the documents: nothing of the project's in it, so that what it accepts is
 * right. It fails the test on a signature that is wrong.
 */
export class CallbackReceiver implements AsyncDisposable {
  readonly #server: Server;
  readonly pushes: Push[] = [];
  /** What went wrong while receiving; `close` throws the first. */
  readonly wrong: unknown[] = [];
  secrets: ReceiverSecrets | undefined;
  answer: Answer = (_push, response) => response.end('success');
  /** Answers the verification; default: the echostr if the signature is right. */
  verification: ((query: URLSearchParams) => string) | undefined;
  /** Verifications get no answer. */
  isSilent = false;
  connections = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#receive(request, response).catch((error: unknown) => {
        // Whoever sent it has given up before it was here.
        if (!request.complete) return;
        this.wrong.push(error);
        response.statusCode = 500;
        response.end();
      });
    });
    this.#server.on('connection', () => this.connections++);
  }

  async listen(port = 0): Promise<this> {
    this.#server.listen(port, '127.0.0.1');
    await inTime('it listens', once(this.#server, 'listening'));
    return this;
  }

  get url(): string {
    // A listening TCP server has an AddressInfo.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/callback`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    if (this.wrong.length > 0) throw this.wrong[0];
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { searchParams: query } = new URL(request.url ?? '', 'http://x');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString('utf8');
    const { secrets } = this;
    if (secrets !== undefined) assert.equal(query.get('signature'), sha1(secrets.token, query));
    if (request.method === 'GET') {
      if (this.isSilent) return;
      response.end(this.verification?.(query) ?? query.get('echostr'));
      return;
    }
    const plain = secrets === undefined ? raw : open(raw, query, secrets);
    const contentType = request.headers['content-type'] ?? '';
    const push: Push = { query, contentType, raw, plain, at: performance.now() };
    const number = this.pushes.push(push);
    this.answer(push, response, number);
  }
}

function sha1(token: string, query: URLSearchParams, ...more: string[]): string {
  const parts = [token, query.get('timestamp') ?? '', query.get('nonce') ?? '', ...more];
  return createHash('sha1').update(parts.sort().join('')).digest('hex');
}

function open(
  raw: string,
  query: URLSearchParams,
  { token, encodingAESKey, appid }: ReceiverSecrets,
): string {
  if (query.get('encrypt_type') !== 'aes') return raw;
  const encrypted = /<Encrypt><!\[CDATA\[(.+?)\]\]>|"Encrypt":"(.+?)"/.exec(raw);
  const text = encrypted?.[1] ?? encrypted?.[2] ?? '';
  assert.equal(query.get('msg_signature'), sha1(token, query, text));
  const key = Buffer.from(`${encodingAESKey}=`, 'base64');
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(text, 'base64'), decipher.final()]);
  const end = plain.length - (plain.at(-1) ?? 0);
  const length = plain.readUInt32BE(16);
  assert.equal(plain.toString('utf8', 20 + length, end), appid);
  return plain.toString('utf8', 20, 20 + length);
}

/** The text of an element of an event, without CDATA. */
export function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>(?:<!\\[CDATA\\[)?(.*?)(?:\\]\\]>)?</${name}>`).exec(xml)?.[1];
}
