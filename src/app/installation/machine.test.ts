import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkMachine } from './machine.ts';

const directory = await mkdtemp(join(tmpdir(), 'hongyan-machine-'));
after(() => rm(directory, { recursive: true }));
const facts = {
  dataDir: join(directory, 'not', 'there', 'yet'),
  isEmbedded: true,
  secrets: [],
  settings: [],
  zone: undefined,
};

test('a machine as it should be', async () => {
  const { libc, files, zone } = await checkMachine(facts);
  assert.deepEqual([libc.ok, files.ok, zone.ok], [true, true, true]);
});

test('versions of Node.js that are kept up for years, and others', async () => {
  const isSupported = async (version: string): Promise<boolean> =>
    (await checkMachine({ ...facts, version })).node.isSupported;
  assert.deepEqual(await Promise.all(['v24.1.0', 'v26.0.0'].map(isSupported)), [true, true]);
  assert.deepEqual(await Promise.all(['v22.19.0', 'v25.3.0'].map(isSupported)), [false, false]);
});

test('another C library is wrong only where the embedded PostgreSQL has to run', async () => {
  const musl = { ...facts, platform: 'linux', glibc: null } as const;
  assert.deepEqual((await checkMachine(musl)).libc, { ok: false, version: null });
  assert.equal((await checkMachine({ ...musl, isEmbedded: false })).libc.ok, true);
});

test('a disk without room is seen, also before the data directory is made', async () => {
  const limits = { bytes: Number.POSITIVE_INFINITY, share: 2 };
  const { disk } = await checkMachine({ ...facts, limits });
  assert.equal(disk.ok, false);
  assert.ok(disk.totalMb > 0 && disk.freeMb <= disk.totalMb, JSON.stringify(disk));
  assert.equal((await checkMachine({ ...facts, limits: { bytes: 1, share: 0 } })).disk.ok, true);
});

test('secrets that others may read, and settings that others may write', async () => {
  const [key, settings] = [join(directory, 'secret.key'), join(directory, 'hongyan.json')];
  for (const path of [key, settings]) await writeFile(path, 'x');
  const exposed = async (keyMode: number, settingsMode: number): Promise<string[]> => {
    await chmod(key, keyMode);
    await chmod(settings, settingsMode);
    const { files } = await checkMachine({ ...facts, secrets: [key], settings: [settings] });
    assert.equal(files.ok, files.exposed.length === 0);
    return files.exposed.map(({ path, mode, want }) => `${path.slice(directory.length)} ${mode} ${want}`);
  };
  assert.deepEqual(await exposed(0o600, 0o644), []);
  assert.deepEqual(await exposed(0o640, 0o644), ['/secret.key 640 600']);
  assert.deepEqual(await exposed(0o600, 0o664), ['/hongyan.json 664 644']);
});
