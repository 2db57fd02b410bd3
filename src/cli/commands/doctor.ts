import { hostname } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { checkInstallation } from '../../app/installation/check.ts';
import { checkMachine } from '../../app/installation/machine.ts';
import { listNodes } from '../../app/installation/nodes.ts';
import { describeFailure, HongyanError } from '../../base/errors.ts';
import { text } from '../../texts/ui.ts';
import type { Config, loadConfig } from '../config.ts';
import type { CliContext } from '../context.ts';
import { askedZone } from '../environment.ts';
import { withSession } from '../open.ts';
import { accountFindings } from '../output/account-findings.ts';
import { describeError } from '../output/describe-error.ts';
import type { Finding, Say } from '../output/finding.ts';
import { installationFindings } from '../output/installation-findings.ts';
import { machineFindings, settingsFindings } from '../output/machine-findings.ts';

export function doctorCommand(
  context: CliContext,
  loaded: { sources: ReturnType<typeof loadConfig>['sources']; file: string | null },
): Command {
  return new Command('doctor').option('--json').action(async (options: { json?: boolean }) => {
    const { config, lang } = context;
    const say: Say = (key, values = {}) => text(lang, key, values);
    const findings: Finding[] = [];
    const note = (found: Finding): void => {
      findings.push(found);
      if (!options.json) print(found, context, say);
    };
    // Before anything is opened: that mends some of it, and may fail for the rest.
    const machine = await checkMachine(factsOf(config, loaded.file));
    for (const found of machineFindings(machine, say)) note(found);
    for (const found of settingsFindings(config, loaded, say)) note(found);
    try {
      await withSession(context, async (app) => {
        const found = await checkInstallation(app, context.actor, {});
        const { nodes } = await listNodes(app, context.actor, {});
        const workers = nodes.map((one) => `${one.role} ${one.host}:${one.pid}`);
        const elsewhere = [...new Set(nodes.map(({ host }) => host))].filter((host) => host !== hostname());
        for (const one of installationFindings(found, say)) note(one);
        const detail = workers.length === 0 ? say('doctor.workersNone') : workers.join(', ');
        note({ check: 'workers', what: say('doctor.workers'), ok: true, detail, fix: null });
        for (const account of found.accounts)
          for (const one of accountFindings(account, { lang, say, elsewhere })) note(one);
      });
    } catch (error) {
      note({ check: 'database', what: say('doctor.database'), ok: false, ...wordsOf(error, context) });
    }
    if (options.json) context.out(JSON.stringify({ ok: findings.every((one) => one.ok), findings }));
    if (findings.some((one) => !one.ok)) context.setExit(1);
  });
}

function print({ what, ok, detail, fix }: Finding, context: CliContext, say: Say): void {
  const state = !ok ? 'doctor.bad' : fix === null ? 'doctor.ok' : 'doctor.note';
  context.out(say(state, { what, detail }));
  if (fix !== null) context.out(say('doctor.fix', { fix }));
}

function wordsOf(error: unknown, context: CliContext): Pick<Finding, 'detail' | 'fix'> {
  if (!(error instanceof HongyanError))
    return { detail: describeError(error, context.signal, context.lang).line, fix: null };
  const { what, hint } = describeFailure(error, context.lang, 'cli');
  return { detail: `${what} (${error.code})`, fix: hint };
}

function factsOf(config: Config, file: string | null): Parameters<typeof checkMachine>[0] {
  const { dataDir, databaseUrl, tlsKey, tlsCert } = config;
  const given = (paths: readonly (string | null | undefined)[]): string[] =>
    paths.filter((path) => path !== null && path !== undefined);
  return {
    dataDir,
    zone: askedZone(),
    isEmbedded: databaseUrl === undefined,
    secrets: given([join(dataDir, 'secret.key'), join(dataDir, 'api.token'), tlsKey]),
    settings: given([file, tlsCert]),
  };
}
