import type { MachineCheck } from '../../app/installation/machine.ts';
import { type Config, type loadConfig, secretKeys } from '../config.ts';
import type { Finding, Say } from './finding.ts';

/** What the process works with: nothing of it is asked of anybody. */
export function* settingsFindings(
  config: Config,
  loaded: { sources: ReturnType<typeof loadConfig>['sources']; file: string | null },
  say: Say,
): Generator<Finding> {
  const good = { ok: true, fix: null };
  const file = loaded.file ?? say('doctor.none');
  yield { ...good, check: 'config-file', what: say('doctor.configFile'), detail: file };
  // its keys are those of Config
  for (const key of Object.keys(config) as (keyof Config)[]) {
    const value = secretKeys.has(key) ? say('doctor.hidden') : withoutPassword(String(config[key]));
    const source = say(`source.${loaded.sources[key] ?? 'default'}`);
    yield {
      ...good,
      check: `config ${key}`,
      what: say('doctor.config', { key }),
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

export function* machineFindings(found: MachineCheck, say: Say): Generator<Finding> {
  const { node, libc, disk, zone, files } = found;
  const { version, platform } = node;
  yield {
    check: 'node',
    what: say('doctor.node'),
    ok: true,
    detail: say('doctor.nodeDetail', { version, platform }),
    fix: node.isSupported ? null : say('doctor.nodeFix'),
  };
  yield {
    check: 'libc',
    what: say('doctor.libc'),
    ok: libc.ok,
    detail: libc.version === null ? say('doctor.libcOther') : `glibc ${libc.version}`,
    fix: libc.ok ? null : say('doctor.libcFix'),
  };
  yield {
    check: 'disk',
    what: say('doctor.disk'),
    ok: disk.ok,
    detail: say('doctor.diskDetail', { directory: disk.directory, free: disk.freeMb, total: disk.totalMb }),
    fix: disk.ok ? null : say('doctor.diskFix'),
  };
  yield {
    check: 'time-zone',
    what: say('doctor.zone'),
    ok: zone.ok,
    detail: zone.name ?? say('doctor.zoneUnknown', { asked: zone.asked ?? '' }),
    fix: zone.ok ? null : say('doctor.zoneFix'),
  };
  yield {
    check: 'file-modes',
    what: say('doctor.files'),
    ok: files.ok,
    detail: files.ok
      ? say('doctor.filesOk')
      : say('doctor.filesExposed', { files: files.exposed.map(({ path, mode }) => `${path} (${mode})`) }),
    fix: files.ok ? null : files.exposed.map(({ path, want }) => `chmod ${want} ${path}`).join(' && '),
  };
}
