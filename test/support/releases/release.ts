/** What a release left behind, kept under test/fixtures/releases/VERSION, and a present program on it. */
import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import type { SimulatorOptions } from '../../../src/simulator/index.ts';

export const releases = fileURLToPath(new URL('../../fixtures/releases/', import.meta.url));

/** Of every fixture, and of nothing else. */
export const releaseKey = Buffer.alloc(32, 21).toString('base64');

/** The same WeChat today as when the fixture was written: appids, openids and templates come from the seed. */
export const releaseWechat: SimulatorOptions = {
  seed: 'releases',
  accounts: [
    { kind: 'service', followers: 300 },
    { kind: 'miniprogram', followers: 120, creditsPerUser: 10 },
  ],
  latencyMs: 5,
};

/** `about.json` of a fixture. */
export interface Release {
  madeAt: string;
  version: string;
  /** Number of its newest migration. */
  migration: number;
  /** Of its PostgreSQL. */
  password: string;
  /** Of PostgreSQL. */
  major: string;
  appids: string[];
  /** Campaigns that were killed while they ran, with everybody who had the message by then; one account each. */
  running: { id: number; appid: string; planned: number; received: string[] }[];
  /** `campaigns show --json` of those that were over. */
  over: { id: number; report: Record<string, unknown> }[];
}

/** Their directories, oldest first. */
export async function knownReleases(): Promise<string[]> {
  const entries = await readdir(releases, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

export async function readRelease(version: string): Promise<Release> {
  return JSON.parse(await readFile(join(releases, version, 'about.json'), 'utf8'));
}

/** A stopped cluster's files. Most of it is three times the same: the window sees them all. */
export async function packCluster(directory: string): Promise<Buffer> {
  return await promisify(zstdCompress)(run('tar', ['-C', directory, '-cf', '-', '.']), {
    params: {
      [constants.ZSTD_c_compressionLevel]: 19,
      [constants.ZSTD_c_enableLongDistanceMatching]: 1,
      [constants.ZSTD_c_windowLog]: 27,
    },
  });
}

/** Into an empty directory, with owners of whoever unpacks. */
export async function unpackCluster(version: string, directory: string): Promise<void> {
  const packed = await readFile(join(releases, version, 'cluster.tar.zst'));
  const tar = await promisify(zstdDecompress)(packed, { params: { [constants.ZSTD_d_windowLogMax]: 27 } });
  run('tar', ['-C', directory, '--no-same-owner', '-xpf', '-'], tar);
}

function run(command: string, args: string[], input?: Buffer): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, args, { input, maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`, { cause: error });
  return stdout;
}
