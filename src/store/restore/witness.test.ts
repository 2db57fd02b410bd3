import assert from 'node:assert/strict';
import { chown, lchown, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isBehind, type Position, readWitness, writeWitness } from './witness.ts';

const at = (lsn: string, timeline = 1, systemIdentifier = 'a'): Position => ({
  systemIdentifier,
  timeline,
  lsn,
});

test('a position is behind by timeline, then by bytes; another cluster says nothing', () => {
  assert.equal(isBehind(at('16/B374D847'), at('16/B374D848')), true);
  assert.equal(isBehind(at('16/B374D848'), at('16/B374D848')), false);
  assert.equal(isBehind(at('16/B374D849'), at('16/B374D848')), false);
  // Not as text: 9/… is before 10/…, and F before 10.
  assert.equal(isBehind(at('9/0'), at('10/0')), true);
  assert.equal(isBehind(at('0/F'), at('0/10')), true);
  assert.equal(isBehind(at('FFFFFFFF/FFFFFFFE'), at('FFFFFFFF/FFFFFFFF')), true);
  assert.equal(isBehind(at('1/0', 1), at('0/1', 2)), true);
  assert.equal(isBehind(at('0/1', 2), at('1/0', 1)), false);
  assert.equal(isBehind(at('0/1', 1, 'b'), at('1/0', 1, 'a')), false);
});

test('a witness that is missing, cut off or foreign says nothing, and one that cannot be written says why', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-witness-'));
  t.after(() => rm(directory, { recursive: true }));
  const deep = join(directory, 'a', 'b');
  assert.equal(await readWitness(deep, 'id'), null);
  assert.equal(await writeWitness(deep, 'id', at('0/2')), null);
  assert.deepEqual(await readWitness(deep, 'id'), { ...at('0/2'), followedIn: null });
  assert.deepEqual(await readdir(deep), ['id.json'], 'no draft is left');
  for (const text of [
    '',
    '{"systemIdentifier":"a"',
    'null',
    '{"systemIdentifier":"a","timeline":1,"lsn":"x"}',
  ]) {
    await writeFile(join(deep, 'id.json'), text);
    assert.equal(await readWitness(deep, 'id'), null, text);
  }
  await writeFile(join(directory, 'file'), '');
  assert.equal(await writeWitness(join(directory, 'file'), 'id', at('0/2')), 'EEXIST');
  assert.equal(await readFile(join(directory, 'file'), 'utf8'), '');
});

test('checks that overlap do not take each other’s draft away', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-witness-'));
  t.after(() => rm(directory, { recursive: true }));
  const written = await Promise.all(
    Array.from({ length: 50 }, (_, i) => writeWitness(directory, 'id', at(`0/${i + 1}`))),
  );
  assert.deepEqual(new Set(written), new Set([null]));
  assert.deepEqual(await readdir(directory), ['id.json']);
});

test('root neither writes nor believes a witness where somebody else leads it', {
  skip: process.getuid?.() === 0 ? false : 'needs root',
}, async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-witness-'));
  t.after(() => rm(directory, { recursive: true }));
  const [theirs, ours, own] = ['theirs', 'ours', 'own'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ]; // three names
  for (const one of [theirs, ours]) await mkdir(one);
  await chown(theirs, 65534, 65534);
  await symlink(ours, join(theirs, 'state'));
  await lchown(join(theirs, 'state'), 65534, 65534);
  await symlink(ours, own);
  assert.equal(await writeWitness(join(theirs, 'state'), 'id', at('0/2')), 'FOREIGN');
  assert.equal(await writeWitness(join(theirs, 'state', 'deep'), 'id', at('0/2')), 'FOREIGN');
  assert.equal(await writeWitness(theirs, 'id', at('0/2')), 'FOREIGN');
  assert.deepEqual(await readdir(ours), []);
  assert.equal(await writeWitness(own, 'id', at('0/2')), null, 'a link of our own is a way like another');
  assert.notEqual(await readWitness(own, 'id'), null);
  assert.equal(await readWitness(join(theirs, 'state'), 'id'), null);
});
