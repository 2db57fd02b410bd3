import type { InstallationCheck } from '../../app/installation/check.ts';
import { fileProblem } from '../../texts/parts.ts';
import { formatTime } from '../../texts/times.ts';
import type { Finding, Say } from './finding.ts';

/** A backup that is older is worth a word, days. */
const oldBackupDays = 7;
const dayMs = 24 * 3_600_000;

export function* installationFindings(found: InstallationCheck, say: Say): Generator<Finding> {
  yield* databaseFindings(found, say);
  yield* clockFindings(found, say);
  const { secrets, backup } = found;
  yield {
    check: 'secrets',
    what: say('doctor.secrets'),
    ok: secrets.ok,
    detail: secrets.ok
      ? say('doctor.secretsOk', { count: secrets.count })
      : say('doctor.secretsUnreadable', { count: secrets.count, unreadable: secrets.unreadable }),
    fix: secrets.ok ? null : say('doctor.secretsFix'),
  };
  yield* keyFindings(secrets.byKey, say);
  yield backupFinding(backup, say);
}

/** Of each key besides the one that is used: whether it may be dropped. */
function* keyFindings(
  [current, ...others]: InstallationCheck['secrets']['byKey'],
  say: Say,
): Generator<Finding> {
  for (const { key, count } of others)
    yield {
      ...{ check: 'keys', what: say('doctor.keys'), ok: count === 0 },
      detail: say('doctor.keysBy', { key, count, current: current?.key ?? '', now: current?.count ?? 0 }),
      fix: count === 0 ? say('doctor.keysDrop', { key }) : say('doctor.keysFix', { key }),
    };
}

/** By the clocks of this machine. */
function here(at: Date): string {
  return formatTime(at, Intl.DateTimeFormat().resolvedOptions().timeZone);
}

function backupFinding({ ok, done, failed, byHand }: InstallationCheck['backup'], say: Say): Finding {
  const daily =
    done && say('doctor.backupDone', { at: here(done.endedAt), path: done.path, host: done.host });
  const newest = [daily, byHand && say('doctor.backupByHand', { at: here(byHand) })].filter(
    (one) => one !== null,
  );
  const name = { check: 'backup', what: say('doctor.backup'), ok };
  if (failed !== null) {
    const { startedAt, path, host, code } = failed;
    const values = { at: here(startedAt), path, host, code: fileProblem(code) };
    const known = newest.length === 0 ? say('doctor.backupNever') : newest.join(say('doctor.and'));
    return {
      ...name,
      detail: say('doctor.backupFailed', { ...values, newest: known }),
      fix: say('doctor.backupFailedFix'),
    };
  }
  const newestMs = Math.max(done?.endedAt.getTime() ?? 0, byHand?.getTime() ?? 0);
  const isOld = Date.now() - newestMs > oldBackupDays * dayMs;
  const detail = newest.length === 0 ? say('doctor.backupNone') : newest.join(say('doctor.and'));
  return { ...name, detail, fix: isOld ? say('doctor.backupFix') : null };
}

function* databaseFindings(found: InstallationCheck, say: Say): Generator<Finding> {
  const { database, durability, restores, connections, failover } = found;
  yield {
    check: 'database',
    what: say('doctor.database'),
    ok: true,
    detail: say('doctor.databaseDetail', { ...database, migration: String(database.migration) }),
    fix: null,
  };
  const { fsync, synchronousCommit } = durability;
  yield {
    check: 'durability',
    what: say('doctor.durability'),
    ok: durability.ok,
    detail: say('doctor.durabilityDetail', { fsync, synchronousCommit }),
    fix: durability.ok ? null : say('doctor.durabilityFix'),
  };
  yield {
    check: 'restores',
    what: say('doctor.restores'),
    ok: restores.ok,
    detail: restores.ok
      ? say('doctor.restoresOk')
      : say('doctor.restoresBlind', { blindSpots: restores.blindSpots }),
    fix: restores.ok ? null : say('doctor.restoresFix'),
  };
  const { ok: isEnough, need, ...numbers } = connections;
  yield {
    check: 'connections',
    what: say('doctor.connections'),
    ok: isEnough,
    detail: say('doctor.connectionsDetail', numbers),
    fix: isEnough ? null : say('doctor.connectionsFix', { need: String(need) }),
  };
  const standbys = failover.standbys ?? 0;
  const isPausing = standbys > 0 && !failover.isSynchronous;
  yield {
    check: 'failover',
    what: say('doctor.failover'),
    ok: true,
    detail:
      standbys === 0
        ? say('doctor.failoverNone')
        : say(isPausing ? 'doctor.failoverPauses' : 'doctor.failoverGoesOn', { standbys }),
    fix: isPausing ? say('doctor.failoverFix') : null,
  };
}

function* clockFindings({ clock, clockSteps }: InstallationCheck, say: Say): Generator<Finding> {
  yield {
    check: 'clock',
    what: say('doctor.clock'),
    ok: clock.ok,
    detail: say('doctor.clockDetail', { ms: Math.round(clock.skewMs) }),
    fix: clock.ok ? null : say('doctor.clockFix'),
  };
  const steps = clockSteps.steps.map(({ ms, noticedAt }) => {
    const values = { seconds: Math.round(Math.abs(ms) / 1000), at: here(noticedAt) };
    return say(ms < 0 ? 'doctor.stepBack' : 'doctor.stepForward', values);
  });
  yield {
    check: 'clock-steps',
    what: say('doctor.clockSteps'),
    ok: clockSteps.ok,
    detail: steps.length === 0 ? say('doctor.clockSteady') : say('doctor.clockStepped', { steps }),
    fix: steps.length === 0 ? null : say('doctor.clockStepFix'),
  };
}
