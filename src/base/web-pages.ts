import { randomBytes } from 'node:crypto';
import { access, readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { errorCode } from './errors.ts';

/** What a server answers; the body is ready to be sent. */
export interface WebAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

type Assets = Map<string, { type: string; plain: Buffer; packed: Buffer | null }>;

/** Where `npm run build` puts the console and the phone. */
const builtDirectory = fileURLToPath(new URL('../../dist/console/', import.meta.url));
/** In the built pages, where the nonce of the one answer belongs. */
const noncePlace = '__CSP_NONCE__';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};
const assetsPath = '/assets/';
const isText = /\.(?:html|js|css|svg)$/;

const notBuilt = `<!doctype html><meta charset="utf-8"><title>Hongyan</title>
<p>This page is not built: run <code>npm run build</code> and start again.</p>
<p lang="zh">这个页面尚未构建：请运行 <code>npm run build</code>，然后重新启动。</p>`;

/**
 * A built page (`console.html`, `phone.html`) and the files in its `assets/`, read at the first request and held in memory,
 * some 1 MB. Files are named by their content, so browsers may keep them for ever; the page itself is fetched each time and
 * carries a fresh nonce for the one `<style>` that its library writes. Without a build there is a page that says so.
 */
export class WebPages {
  readonly #name: string;
  readonly #directory: string;
  #read: Promise<{ page: string; assets: Assets }> | undefined;

  constructor(name: 'console.html' | 'phone.html', directory = builtDirectory) {
    this.#name = name;
    this.#directory = directory;
  }

  /** A file of the page by its path, or null if there is none. */
  async asset(path: string, acceptEncoding: string | undefined): Promise<WebAnswer | null> {
    if (!path.startsWith(assetsPath)) return null;
    const found = (await this.#files()).assets.get(path);
    if (found === undefined) return null;
    const packed = /\bgzip\b/.test(acceptEncoding ?? '') ? found.packed : null;
    return {
      status: 200,
      headers: {
        'Content-Type': found.type,
        'Cache-Control': 'public, max-age=31536000, immutable',
        'X-Content-Type-Options': 'nosniff',
        Vary: 'Accept-Encoding',
        ...(packed === null ? {} : { 'Content-Encoding': 'gzip' }),
      },
      body: packed ?? found.plain,
    };
  }

  /** The page; every address of it answers the same. */
  async page(): Promise<WebAnswer> {
    const { page } = await this.#files();
    const nonce = randomBytes(16).toString('base64');
    return {
      status: 200,
      headers: {
        'Content-Type': 'text/html; charset=utf-8',
        'Cache-Control': 'no-store',
        'Content-Security-Policy': policy(nonce),
        'X-Content-Type-Options': 'nosniff',
        'X-Frame-Options': 'DENY',
        'Referrer-Policy': 'no-referrer',
        'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
        'Cross-Origin-Opener-Policy': 'same-origin',
      },
      body: Buffer.from(page.replaceAll(noncePlace, nonce)),
    };
  }

  #files(): Promise<{ page: string; assets: Assets }> {
    this.#read ??= readBuilt(this.#directory, this.#name).catch((error: unknown) => {
      this.#read = undefined;
      throw error;
    });
    return this.#read;
  }
}

/** Whether there is anything behind the address of a page. */
export async function isBuilt(name: 'console.html' | 'phone.html'): Promise<boolean> {
  return await access(join(builtDirectory, name)).then(
    () => true,
    () => false,
  );
}

async function readBuilt(directory: string, name: string): Promise<{ page: string; assets: Assets }> {
  const assets: Assets = new Map();
  try {
    const page = await readFile(join(directory, name), 'utf8');
    for (const file of await readdir(join(directory, 'assets'))) {
      const plain = await readFile(join(directory, 'assets', file));
      const packed = isText.test(file) ? await promisify(gzip)(plain) : null;
      assets.set(assetsPath + file, {
        type: types[extname(file)] ?? 'application/octet-stream',
        plain,
        packed,
      });
    }
    return { page, assets };
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return { page: notBuilt, assets };
  }
}

/** Nothing from elsewhere, nothing written into the page; images may be data, which the phone's icons are. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
