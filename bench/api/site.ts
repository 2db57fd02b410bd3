/** What a row is measured on: a `hongyan serve` process on its embedded PostgreSQL, and a WeChat that answers after a while. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '../../src/base/logger.ts';
import { createSealer, parseSecretKey, type Sealer } from '../../src/base/seal.ts';
import { saveAccount } from '../../src/store/accounts/accounts.ts';
import { storeTemplates } from '../../src/store/accounts/templates.ts';
import { createPool, type Pool } from '../../src/store/database/pool.ts';
import { openEmbeddedPostgres } from '../../src/store/embedded/open.ts';
import { benchAppid, benchFields, benchTemplateId } from '../bench-campaign.ts';
import { type Certificate, makeCertificate } from '../sending/certificate.ts';

/** The same for every run, or a directory of data that is kept could not be opened again. */
const secretKey = Buffer.alloc(32, 7).toString('base64');
export const apiToken = 'bench-token-of-more-than-32-characters';

export interface Site {
  url: string;
  /** Of `hongyan serve`. */
  pid: number;
  /** A connection of our own, to count what is stored. */
  pool: Pool;
  sealer: Sealer;
  /** Where WeChat is, and the process that stands in for it. */
  wechatUrl: string;
  wechatPid: number;
  close(): Promise<void>;
}

export interface SiteOptions {
  /** Kept, and reused; default: a new one, removed at the end. */
  directory?: string | undefined;
  /** ms after which WeChat answers. */
  latencyMs: number;
  /** WeChat is called over TLS, as the real one is. */
  tls?: boolean;
  /** Where `serve` leaves its CPU profile at its end. */
  profile?: string | undefined;
}

export async function openSite({ directory, latencyMs, tls, profile }: SiteOptions): Promise<Site> {
  const place = directory ?? (await mkdtemp(join(tmpdir(), 'hongyan-bench-api-')));
  await mkdir(place, { recursive: true });
  // Run by root, the database's own user must get through to its part.
  await chmod(place, 0o711);
  const dataDir = join(place, 'data');
  // Opened here first: it settles that all of it lies in this directory.
  const database = await openEmbeddedPostgres({
    ...{ dataDir, systemDir: join(place, 'system'), logger: silentLogger },
  });
  const certificate = tls === true ? await makeCertificate() : null;
  const wechat = await startWechat(latencyMs, certificate);
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const main = fileURLToPath(new URL('../../bin/hongyan.js', import.meta.url));
  const serve = spawn(process.execPath, [...flags, main, 'serve'], {
    env: {
      ...{
        PATH: process.env.PATH,
        HOME: place,
        TMPDIR: process.env.TMPDIR,
        NODE_OPTIONS: process.env.NODE_OPTIONS,
      },
      ...{ HONGYAN_DATA_DIR: dataDir, HONGYAN_STATE_DIR: join(place, 'state') },
      ...{ HONGYAN_SECRET_KEY: secretKey, HONGYAN_API_TOKEN: apiToken },
      ...certificate?.env,
      ...{ HONGYAN_LISTEN: '127.0.0.1:0', HONGYAN_LOG_LEVEL: 'warn', HONGYAN_LANG: 'en' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let url = '';
  for await (const line of createInterface(serve.stdout)) {
    url = /Listening on (\S+)/.exec(line)?.[1] ?? '';
    if (url !== '') break;
  }
  if (url === '') throw new Error('hongyan serve did not start');
  serve.stdout.resume();
  const pool = createPool(database.connection, { max: 3 });
  return {
    ...{ url, pid: serve.pid ?? 0, pool, sealer: createSealer(parseSecretKey(secretKey)) },
    ...{ wechatUrl: wechat.url, wechatPid: wechat.process.pid ?? 0 },
    async close() {
      await pool.end();
      await end(serve);
      await end(wechat.process);
      await database.close();
      await certificate?.remove();
      if (directory === undefined) await rm(place, { recursive: true, force: true });
    },
  };
}

async function startWechat(
  latencyMs: number,
  certificate: Certificate | null,
): Promise<{ url: string; process: ChildProcess }> {
  const file = fileURLToPath(new URL('../responder.ts', import.meta.url));
  const files = certificate === null ? [] : [certificate.file, certificate.key];
  const responder = spawn(process.execPath, [file, String(latencyMs), ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(createInterface(responder.stdout), 'line');
  const scheme = certificate === null ? 'http' : 'https';
  return { url: `${scheme}://127.0.0.1:${port}`, process: responder };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

/** The account to which all is sent, with a template of three free fields. Its canary is off: nothing sends receipts. */
export async function saveSiteAccount(site: Site, ratePerS: number): Promise<void> {
  const { pool, sealer, wechatUrl } = site;
  await saveAccount(pool, sealer, {
    ...{ appid: benchAppid, kind: 'service', name: '', tokenSource: 'secret', secret: '0'.repeat(32) },
    ...{ baseUrl: wechatUrl, proxy: null, ratePerS },
  });
  await pool.query(
    'update accounts set canary_blocked_percent = null, canary_held_percent = null where appid = $1',
    [benchAppid],
  );
  const keys = Object.keys(benchFields);
  await storeTemplates(
    pool,
    benchAppid,
    ['template'],
    [
      {
        ...{ templateId: benchTemplateId, family: 'template', title: 'bench', example: '' },
        content: keys.map((key) => `{{${key}.DATA}}`).join('\n'),
        ...{ kind: 'free', type: null },
        fields: keys.map((key) => ({ key, label: '', class: null })),
      },
    ],
  );
}

/** From now on `peakMb` says the most since now. */
export async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

export async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}
