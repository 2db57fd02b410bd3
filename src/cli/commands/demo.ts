import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { request } from 'undici';
import { failure } from '../../base/errors.ts';
import { Undo } from '../../base/undo.ts';
import { syncTemplates } from '../../engine/content/templates.ts';
import type { AccountSummary } from '../../simulator/control/simulated-account.ts';
import { saveAccount } from '../../store/accounts/accounts.ts';
import { setQuotaRules } from '../../store/accounts/quotas.ts';
import { listTemplates } from '../../store/accounts/templates.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { openSession } from '../open.ts';
import { reportJson, reportLines } from '../output/report-lines.ts';
import { partFlag } from '../parent.ts';
import { runPush } from '../push/push-flow.ts';
import { runSync } from '../push/run-sync.ts';

interface SimulatedWechat {
  url: string;
  appid: string;
  secret: string;
  close(): Promise<void>;
}

export function demoCommand(context: CliContext, version: string): Command {
  return new Command('demo')
    .addOption(new Option('--followers <n>').default('20000'))
    .option('--json')
    .action(async (options: { followers: string; json?: boolean }) => {
      if (!/^[1-9]\d{0,7}$/.test(options.followers)) {
        throw failure('USAGE/option-number', {
          option: '--followers',
          min: 1,
          max: '99999999',
          value: options.followers,
        });
      }
      await demo(context, version, Number(options.followers), options.json ?? false);
    });
}

async function demo(context: CliContext, version: string, followers: number, json: boolean): Promise<void> {
  const note = (line: string): void => {
    if (!json) context.out(line);
  };
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-demo-'));
  // Its parts are private; run by root, the database's own user must get through to its part.
  await chmod(directory, 0o711);
  const begun = new Undo();
  begun.add(() => rm(directory, { recursive: true, force: true }));
  try {
    const wechat = await startSimulatedWechat(followers);
    begun.add(() => wechat.close());
    note(text(context.lang, 'demo.simulator', { followers, url: wechat.url }));
    const session = await openSession(context, { inDirectory: directory });
    begun.add(() => session.close());
    note(text(context.lang, 'demo.database', { dir: directory }));
    note(text(context.lang, 'demo.steps'));

    const { appid } = wechat;
    await saveAccount(session.store.pool, session.store.sealer, {
      appid,
      kind: 'sandbox',
      name: 'demo',
      tokenSource: 'secret',
      secret: wechat.secret,
      baseUrl: wechat.url,
      proxy: null,
      ratePerS: 1_000_000,
    });
    await setQuotaRules(session.store.pool, appid, { reset: null, reservePercent: 0 });
    await (await session.clients.get(appid)).token.get();
    await runSync(context, session, appid, {
      details: false,
      json: false,
      quiet: json,
      acceptLoss: false,
    });
    await syncTemplates(session, appid);
    const template = (await listTemplates(session.store.pool, appid)).find((one) =>
      ['keyword1', 'keyword2', 'keyword3'].every((key) => one.fields.some((field) => field.key === key)),
    );
    if (template === undefined) throw failure('DEMO_BROKEN/template', {});

    const report = await runPush(context, session, version, {
      appid,
      channel: 'oa-template',
      message: {
        parts: {
          templateId: template.templateId,
          data: {
            keyword1: '标题',
            keyword2: '内容',
            keyword3: new Date().toISOString().slice(0, 16).replace('T', ' '),
          },
        },
      },
      to: 'all',
      readOptions: {},
      dedupe: undefined,
      onInvalid: 'skip',
      sync: false,
      testTo: undefined,
      key: undefined,
      again: false,
      dryRun: false,
      yes: true,
      wait: true,
      json,
      // With what the simulator saw.
      reportsItself: true,
      role: 'demo',
    });
    if (report === null) {
      if (context.signal.aborted) note(text(context.lang, 'demo.stopped'));
      return;
    }
    if (!json) for (const line of reportLines(report, context.lang)) context.out(line);
    if (report.campaign.state !== 'done') {
      // Its database goes with it: a command to go on would be about a campaign of the real one.
      note(text(context.lang, 'demo.stopped'));
      if (json) context.out(JSON.stringify(reportJson(report)));
      return;
    }
    const seen = await whatArrived(wechat);
    note(text(context.lang, 'demo.verified', seen));
    if (json)
      context.out(
        JSON.stringify({ ...reportJson(report), received: seen.received, receivedTwice: seen.twice }),
      );
    if (seen.twice > 0 || seen.openids !== report.accepted) {
      throw failure('DEMO_BROKEN/counts', { seen: seen.openids, reported: report.accepted });
    }
  } finally {
    await begun.all();
  }
}

/** The simulator in a process of its own, as a user would run it. */
async function startSimulatedWechat(followers: number): Promise<SimulatedWechat> {
  const main = fileURLToPath(new URL('../../../bin/hongyan.js', import.meta.url));
  const child = spawn(
    process.execPath,
    [
      main,
      'simulate',
      '--json',
      '--port',
      '0',
      '--kind',
      'sandbox',
      '--followers',
      String(followers),
      '--latency',
      '5',
      '--jitter',
      '5',
      partFlag,
    ],
    // A group of its own: ctrl-C is ours to handle, and the simulator must outlive the last answers. It ends with the
    // channel to us, however we end.
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], detached: true },
  );
  const line = await firstLine(child);
  const simulator: { url: string; accounts: { appid: string; secret: string }[] } = JSON.parse(line);
  const account = simulator.accounts[0];
  if (account === undefined) throw failure('DEMO_BROKEN/account', {});
  return {
    url: simulator.url,
    ...account,
    async close() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode !== null || child.signalCode !== null) return;
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('the simulator has no output'));
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(failure('DEMO_BROKEN/ended', { code: String(code) })));
  });
}

/** What the simulator says that people received: the other side's count, not ours. */
async function whatArrived(
  wechat: SimulatedWechat,
): Promise<{ received: number; openids: number; twice: number }> {
  const answer = await request(`${wechat.url}/_simulator/accounts/${wechat.appid}`);
  const summary = (await answer.body.json()) as AccountSummary; // our own simulator
  const openids = summary.channels.reduce((sum, channel) => sum + channel.recipients, 0);
  return { received: summary.accepted, openids, twice: summary.duplicates };
}
