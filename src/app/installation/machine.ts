import { stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { diskLimits } from '../../engine/alerts/kinds.ts';

/** What of this machine can be wrong; nothing of it is in the database, and nobody is asked. */
export interface MachineCheck {
  /** `isSupported`: a line of Node.js that is kept up for years; odd ones end after months. */
  node: { version: string; platform: string; isSupported: boolean };
  /** The C library; null: none that the embedded PostgreSQL runs on. */
  libc: { ok: boolean; version: string | null };
  /** Where the data directory lies, or will lie. */
  disk: { ok: boolean; directory: string; freeMb: number; totalMb: number };
  /** Null: the process has one that nobody knows, and goes by UTC. */
  zone: { ok: boolean; name: string | null; asked: string | null };
  /** Files with secrets that others may read, and settings that others may write. */
  files: { ok: boolean; exposed: { path: string; mode: string; want: string }[] };
}

export interface MachineFacts {
  dataDir: string;
  /** Without an external database the embedded one has to run here. */
  isEmbedded: boolean;
  /** Files that nobody else may read. Those that are not there are passed over. */
  secrets: readonly string[];
  /** Files that nobody else may write. */
  settings: readonly string[];
  /** The time zone that the environment asks for. */
  zone: string | undefined;
  /** For tests. */
  version?: string;
  platform?: NodeJS.Platform;
  glibc?: string | null;
  limits?: typeof diskLimits;
}

export async function checkMachine(facts: MachineFacts): Promise<MachineCheck> {
  const { version = process.version, platform = process.platform } = facts;
  const major = Number(/^v(\d+)/.exec(version)?.[1]);
  const glibc = facts.glibc === undefined ? glibcVersion() : facts.glibc;
  const name = zoneName();
  const exposed = await exposedFiles(facts, platform);
  return {
    node: { version, platform: `${platform}-${process.arch}`, isSupported: major >= 24 && major % 2 === 0 },
    libc: { ok: !facts.isEmbedded || platform !== 'linux' || glibc !== null, version: glibc },
    disk: await checkDisk(facts.dataDir, facts.limits ?? diskLimits),
    zone: { ok: name !== null, name, asked: facts.zone ?? null },
    files: { ok: exposed.length === 0, exposed },
  };
}

function glibcVersion(): string | null {
  // The report is made for people, and has no type.
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime ?? null;
}

function zoneName(): string | null {
  // Node gives none where TZ names none, though its type says otherwise.
  const name: string | undefined = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name ?? null;
}

async function checkDisk(directory: string, limit: typeof diskLimits): Promise<MachineCheck['disk']> {
  const { bavail, blocks, bsize } = await statfs(await nearest(directory));
  const [free, total] = [bavail * bsize, blocks * bsize];
  const megabytes = (bytes: number): number => Math.floor(bytes / 1024 / 1024);
  return {
    ok: free >= limit.bytes || free >= total * limit.share,
    ...{ directory, freeMb: megabytes(free), totalMb: megabytes(total) },
  };
}

/** The directory itself, or the one in which it will be made. */
async function nearest(directory: string): Promise<string> {
  for (let path = resolve(directory); ; path = dirname(path)) {
    if (path === dirname(path) || (await stat(path).catch(() => null)) !== null) return path;
  }
}

async function exposedFiles(
  { secrets, settings }: MachineFacts,
  platform: NodeJS.Platform,
): Promise<MachineCheck['files']['exposed']> {
  if (platform === 'win32') return [];
  const exposed: MachineCheck['files']['exposed'] = [];
  const look = async (path: string, bits: number, want: string): Promise<void> => {
    const found = await stat(path).catch(() => null);
    if (found === null || (found.mode & bits) === 0) return;
    exposed.push({ path, mode: (found.mode & 0o777).toString(8), want });
  };
  for (const path of secrets) await look(path, 0o077, '600');
  for (const path of settings) if (!secrets.includes(path)) await look(path, 0o022, '644');
  return exposed;
}
