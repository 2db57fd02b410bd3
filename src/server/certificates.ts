import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type Server, type ServerOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import { errorCode, failure } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { fileProblem } from '../texts/parts.ts';

/** PEM files: the certificate with those between it and its root, and its key. */
export interface CertificateFiles {
  certificate: string;
  key: string;
}

/** Files are looked at so often, ms: those who renew them (certbot, a mounted secret) tell nobody. */
const lookEveryMs = 10_000;
/** A handshake has so long. */
const handshakeTimeoutMs = 10_000;

interface Pem {
  cert: string;
  key: string;
}

/** Certificates of a server that listens with TLS; renewed ones are taken while it runs. */
export class Certificates {
  readonly #files: CertificateFiles;
  readonly #logger: Logger;
  #pem: Pem;
  #refused = '';
  #timer: NodeJS.Timeout | null = null;

  private constructor(files: CertificateFiles, pem: Pem, logger: Logger) {
    this.#files = files;
    this.#pem = pem;
    this.#logger = logger;
  }

  /** Throws `TLS_UNUSABLE`. */
  static async open(files: CertificateFiles, logger: Logger): Promise<Certificates> {
    const pem = await readPem(files);
    checkPem(files, pem);
    return new Certificates(files, pem, logger);
  }

  createServer(options: ServerOptions, handler: Parameters<typeof createServer>[1]): Server {
    const server = createServer({ ...options, ...this.#pem, handshakeTimeout: handshakeTimeoutMs }, handler);
    this.#timer = setInterval(() => void this.look(server), lookEveryMs);
    this.#timer.unref();
    return server;
  }

  /** Takes files that have changed, as a whole: a key without its certificate is one that is being replaced. */
  async look(server: Server): Promise<void> {
    try {
      const pem = await readPem(this.#files);
      if (pem.cert === this.#pem.cert && pem.key === this.#pem.key) return;
      checkPem(this.#files, pem);
      server.setSecureContext(pem);
      this.#pem = pem;
      this.#refused = '';
      this.#logger.info({ validTo: validTo(pem) }, 'the certificate was renewed');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why === this.#refused) return;
      this.#refused = why;
      this.#logger.warn({ err: error }, 'the new certificate cannot be used, and the one before is kept');
    }
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }
}

async function readPem({ certificate, key }: CertificateFiles): Promise<Pem> {
  const read = async (path: string): Promise<string> => {
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      throw failure(
        'TLS_UNUSABLE/unreadable',
        { path, problem: fileProblem(errorCode(error)) },
        { cause: error },
      );
    }
  };
  const pem = { cert: await read(certificate), key: await read(key) };
  const { mode } = await stat(key);
  if (process.platform !== 'win32' && (mode & 0o007) !== 0)
    throw failure('TLS_UNUSABLE/exposed', { path: key, mode: (mode & 0o777).toString(8) });
  return pem;
}

/** A certificate, a key, and each the other's. */
function checkPem({ certificate, key }: CertificateFiles, pem: Pem): void {
  try {
    createSecureContext(pem);
    validTo(pem);
  } catch (error) {
    throw failure('TLS_UNUSABLE/mismatch', { certificate, key }, { cause: error });
  }
}

function validTo({ cert }: Pem): string {
  return new Date(new X509Certificate(cert).validTo).toISOString();
}
