import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstallationCheck } from '../../app/installation/check.ts';
import { text } from '../../texts/ui.ts';
import type { Finding } from './finding.ts';
import { installationFindings } from './installation-findings.ts';

const made = (at: Date) => ({
  ...{ dueAt: at, endedAt: at },
  ...{ path: '/backups/one.zip', host: 'here', bytes: 1 },
});

/** Nothing is wrong with it, and there is nothing to advise. */
const sound: InstallationCheck = {
  database: { version: '18.0', encoding: 'UTF8', megabytes: 8, migration: 1 },
  durability: { ok: true, fsync: 'on', synchronousCommit: 'on' },
  restores: { ok: true, blindSpots: [] },
  clock: { ok: true, skewMs: 3 },
  clockSteps: { ok: true, steps: [] },
  connections: {
    ...{ ok: true, maxConnections: 100, reserved: 3, usable: 97 },
    ...{ nodes: 1, perNode: 21, wanted: 31, need: 34 },
  },
  failover: { standbys: 0, isSynchronous: true },
  secrets: { ok: true, count: 4, unreadable: [], byKey: [{ key: 'aaaa', count: 4 }] },
  backup: {
    ...{ ok: true, failed: null, byHand: null },
    done: made(new Date()),
  },
  accounts: [],
};

function findings(part: Partial<InstallationCheck>): Record<string, Finding> {
  const all = [...installationFindings({ ...sound, ...part }, (key, values = {}) => text('en', key, values))];
  return Object.fromEntries(all.map((one) => [one.check, one]));
}

/** [ok, whether there is something to do] of those that differ from a sound installation. */
function differing(part: Partial<InstallationCheck>): Record<string, [ok: boolean, advises: boolean]> {
  return Object.fromEntries(
    Object.values(findings(part))
      .filter(({ ok, fix }) => !ok || fix !== null)
      .map(({ check, ok, fix }) => [check, [ok, fix !== null]]),
  );
}

test('of a sound installation nothing is advised', () => {
  assert.deepEqual(differing({}), {});
});

test('standbys that commits do not wait for are a note with its remedy, and no fault', () => {
  const pausing = { failover: { standbys: 2, isSynchronous: false } };
  assert.deepEqual(differing(pausing), { failover: [true, true] });
  assert.match(findings(pausing).failover?.detail ?? '', /^2 standbys.* after a failover campaigns pause/);
  assert.match(findings(pausing).failover?.fix ?? '', /synchronous_standby_names/);
  const goingOn = { failover: { standbys: 2, isSynchronous: true } };
  assert.deepEqual(differing(goingOn), {});
  assert.match(findings(goingOn).failover?.detail ?? '', /^2 standbys.* goes on by itself/);
  // Whoever may not ask for them sees none, and commits wait for none.
  for (const standbys of [0, null])
    assert.deepEqual(differing({ failover: { standbys, isSynchronous: false } }), {});
});

test('what is wrong with database, clocks and connections is named with its remedy', () => {
  const { connections } = sound;
  assert.deepEqual(
    differing({
      durability: { ok: false, fsync: 'off', synchronousCommit: 'on' },
      restores: { ok: false, blindSpots: ['system identifier'] },
      clock: { ok: false, skewMs: 9_000 },
      connections: { ...connections, ok: false },
    }),
    {
      ...{ durability: [false, true], restores: [false, true], clock: [false, true] },
      connections: [false, true],
    },
  );
  const at = new Date();
  const forward = { clockSteps: { ok: true, steps: [{ ms: 2_400, noticedAt: at }] } };
  assert.deepEqual(differing(forward), { 'clock-steps': [true, true] });
  assert.match(findings(forward)['clock-steps']?.detail ?? '', /forward.* 2 s|2 s.* forward/);
  const back = { clockSteps: { ok: false, steps: [{ ms: -2_400, noticedAt: at }] } };
  assert.deepEqual(differing(back), { 'clock-steps': [false, true] });
  assert.match(findings(back)['clock-steps']?.detail ?? '', /back.* 2 s|2 s.* back/);
});

test('a key beside the one that is used may be dropped once nothing is sealed with it', () => {
  const keys = (count: number) => ({
    secrets: {
      ...sound.secrets,
      byKey: [
        { key: 'aaaa', count: 4 },
        { key: 'bbbb', count },
      ],
    },
  });
  assert.deepEqual(differing(keys(1)), { keys: [false, true] });
  assert.deepEqual(differing(keys(0)), { keys: [true, true] });
  assert.notEqual(findings(keys(1)).keys?.fix, findings(keys(0)).keys?.fix);
});

test('a backup that is more than a week old is worth a word, whoever made the newest', () => {
  const ago = (days: number): Date => new Date(Date.now() - days * 86_400_000);
  const backup = (daily: Date | null, byHand: Date | null) => ({
    backup: {
      ...{ ok: true, failed: null, byHand },
      done: daily && made(daily),
    },
  });
  assert.deepEqual(differing(backup(ago(6.9), ago(30))), {});
  assert.deepEqual(differing(backup(ago(30), ago(6.9))), {});
  for (const old of [backup(ago(7.1), ago(30)), backup(null, ago(7.1)), backup(null, null)])
    assert.deepEqual(differing(old), { backup: [true, true] });
});
