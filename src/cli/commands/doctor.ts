import { Command } from 'commander';
import { type AccountCheck, checkInstallation, type InstallationCheck } from '../../app/installation.ts';
import { listNodes } from '../../app/nodes.ts';
import type { Value } from '../../texts/catalogue.ts';
import { type TextKey, text } from '../../texts/ui.ts';
import { type Config, type loadConfig, secretKeys } from '../config.ts';
import type { CliContext } from '../context.ts';
import { withSession } from '../open.ts';
import { describeError } from '../output/describe-error.ts';

/** One line of the examination. */
interface Finding {
  /** Stable, for programs. */
  check: string;
  /** What it is, in the reader's language. */
  what: string;
  ok: boolean;
  detail: string;
}

type Say = (key: TextKey, values?: Record<string, Value>) => string;

export function doctorCommand(
  context: CliContext,
  loaded: { sources: ReturnType<typeof loadConfig>['sources']; file: string | null },
): Command {
  return new Command('doctor').option('--json').action(async (options: { json?: boolean }) => {
    const say: Say = (key, values = {}) => text(context.lang, key, values);
    const findings: Finding[] = [];
    const note = (found: Finding): void => {
      findings.push(found);
      const { what, detail } = found;
      if (!options.json) context.out(say(found.ok ? 'doctor.ok' : 'doctor.bad', { what, detail }));
    };
    for (const found of settings(context.config, loaded, say)) note(found);
    try {
      await withSession(context, async (app) => {
        const found = await checkInstallation(app, context.actor, {});
        const { nodes } = await listNodes(app, context.actor, {});
        const workers = nodes.map((one) => `${one.role} ${one.host}:${one.pid}`);
        for (const one of installation(found, say)) note(one);
        const detail = workers.length === 0 ? say('doctor.workersNone') : workers.join(', ');
        note({ check: 'workers', what: say('doctor.workers'), ok: true, detail });
        for (const account of found.accounts) note(accountFinding(account, context, say));
      });
    } catch (error) {
      const detail = describeError(error, context.signal, context.lang).line;
      note({ check: 'database', what: say('doctor.database'), ok: false, detail });
    }
    if (options.json) context.out(JSON.stringify({ ok: findings.every((one) => one.ok), findings }));
    if (findings.some((one) => !one.ok)) context.setExit(1);
  });
}

/** What the process works with: nothing of it is asked of anybody. */
function* settings(
  config: Config,
  loaded: { sources: ReturnType<typeof loadConfig>['sources']; file: string | null },
  say: Say,
): Generator<Finding> {
  const platform = `${process.platform}-${process.arch}`;
  const detail = say('doctor.nodeDetail', { version: process.version, platform });
  yield { check: 'node', what: say('doctor.node'), ok: true, detail };
  const file = loaded.file ?? say('doctor.none');
  yield { check: 'config-file', what: say('doctor.configFile'), ok: true, detail: file };
  // its keys are those of Config
  for (const key of Object.keys(config) as (keyof Config)[]) {
    const value = secretKeys.has(key) ? say('doctor.hidden') : withoutPassword(String(config[key]));
    const source = say(`source.${loaded.sources[key] ?? 'default'}`);
    yield {
      check: `config ${key}`,
      what: say('doctor.config', { key }),
      ok: true,
      detail: say('doctor.configDetail', { value, source }),
    };
  }
}

/** An address without its user and password: a proxy may carry both. */
function withoutPassword(value: string): string {
  if (!URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.username === '' && url.password === '') return value;
  url.username = '***';
  url.password = '';
  return url.href;
}

function* installation(found: InstallationCheck, say: Say): Generator<Finding> {
  const { database, durability, restores, clock, clockSteps, connections, failover, backup } = found;
  yield {
    check: 'database',
    what: say('doctor.database'),
    ok: true,
    detail: say('doctor.databaseDetail', { ...database, migration: String(database.migration) }),
  };
  yield {
    check: 'durability',
    what: say('doctor.durability'),
    ok: durability.ok,
    detail: say('doctor.durabilityDetail', {
      fsync: durability.fsync,
      synchronousCommit: durability.synchronousCommit,
    }),
  };
  yield {
    check: 'restores',
    what: say('doctor.restores'),
    ok: restores.ok,
    detail: restores.ok
      ? say('doctor.restoresOk')
      : say('doctor.restoresBlind', { blindSpots: restores.blindSpots }),
  };
  const { ok: isEnough, need, ...numbers } = connections;
  yield {
    check: 'connections',
    what: say('doctor.connections'),
    ok: isEnough,
    detail: say(isEnough ? 'doctor.connectionsOk' : 'doctor.connectionsFew', {
      ...numbers,
      need: String(need),
    }),
  };
  const { standbys, isSynchronous } = failover;
  const readiness = isSynchronous ? 'doctor.failoverGoesOn' : 'doctor.failoverPauses';
  yield {
    check: 'failover',
    what: say('doctor.failover'),
    ok: true,
    detail: say((standbys ?? 0) === 0 ? 'doctor.failoverNone' : readiness, { standbys: standbys ?? 0 }),
  };
  yield {
    check: 'clock',
    what: say('doctor.clock'),
    ok: clock.ok,
    detail: say('doctor.clockDetail', { ms: Math.round(clock.skewMs) }),
  };
  const steps = clockSteps.steps.map(({ ms, noticedAt }) => {
    const values = { seconds: Math.round(Math.abs(ms) / 1000), at: noticedAt.toISOString() };
    return say(ms < 0 ? 'doctor.stepBack' : 'doctor.stepForward', values);
  });
  yield {
    check: 'clock-steps',
    what: say('doctor.clockSteps'),
    ok: clockSteps.ok,
    detail: steps.length === 0 ? say('doctor.clockSteady') : say('doctor.clockStepped', { steps }),
  };
  yield { check: 'backup', what: say('doctor.backup'), ok: backup.ok, detail: backupDetail(backup, say) };
}

function backupDetail({ done, failed }: InstallationCheck['backup'], say: Say): string {
  const newest =
    done === null
      ? null
      : say('doctor.backupDone', { at: done.endedAt.toISOString(), path: done.path, host: done.host });
  if (failed === null) return newest ?? say('doctor.backupNone');
  const values = {
    at: failed.startedAt.toISOString(),
    path: failed.path,
    host: failed.host,
    code: failed.code,
  };
  return say('doctor.backupFailed', { ...values, newest: newest ?? say('doctor.backupNever') });
}

function accountFinding({ appid, ok, error }: AccountCheck, context: CliContext, say: Say): Finding {
  const detail =
    error === null
      ? say('doctor.accountOk')
      : describeError(error, context.signal, context.lang).json.message;
  return { check: `account ${appid}`, what: say('doctor.account', { appid }), ok, detail };
}
