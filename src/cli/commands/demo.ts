import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { request } from 'undici';
import { failure } from '../../base/errors.ts';
import { Undo } from '../../base/undo.ts';
import { isBuilt } from '../../base/web-pages.ts';
import { syncTemplates } from '../../engine/content/templates.ts';
import type { ListenAddress } from '../../server/listen.ts';
import type { AccountSummary } from '../../simulator/control/simulated-account.ts';
import { saveAccount } from '../../store/accounts/accounts.ts';
import { setQuotaRules } from '../../store/accounts/quotas.ts';
import { listTemplates } from '../../store/accounts/templates.ts';
import { demo as demoWords } from '../../texts/account-words.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { openSession } from '../open.ts';
import { reportJson, reportLines } from '../output/report-lines.ts';
import { partFlag } from '../parent.ts';
import { runPush } from '../push/push-flow.ts';
import { runSync } from '../push/run-sync.ts';
import { RunningSimulation } from '../simulation.ts';
import { clearDemo, startCleaner } from './demo-cleaner.ts';
import { aborted, freeAddresses, openConsole } from './demo-console.ts';

/** The phone's usual address. */
const phonePort = '8780';

interface DemoOptions {
  followers: string;
  open?: boolean;
  phonePort: string;
  json?: boolean;
  /** Of the demo's own cleaner. */
  clear?: string;
}

export function demoCommand(context: CliContext, version: string): Command {
  return new Command('demo')
    .addOption(new Option('--followers <n>').default('20000'))
    .option('--open')
    .addOption(new Option('--phone-port <port>').default(phonePort))
    .option('--json')
    .addOption(new Option('--clear <directory>').hideHelp())
    .addOption(new Option(partFlag).hideHelp())
    .action(async (options: DemoOptions) => {
      const { followers, clear } = options;
      if (clear !== undefined) {
        // Nothing else keeps the process alive while it waits.
        const staying = setInterval(() => {}, 60_000);
        await aborted(context.signal);
        clearInterval(staying);
        return await clearDemo(clear);
      }
      if (!/^[1-9]\d{0,7}$/.test(followers))
        throw failure('USAGE/option-number', {
          ...{ option: '--followers', min: 1, max: '99999999', value: followers },
        });
      const port = Number(options.phonePort);
      if (!/^\d{1,5}$/.test(options.phonePort) || port > 65_535)
        throw failure('USAGE/option-number', {
          ...{ option: '--phone-port', min: 0, max: '65535', value: options.phonePort },
        });
      // Before anything is started: there would be addresses to open and nothing behind them.
      if (options.open && !(await isBuilt('console.html'))) throw failure('USAGE/not-built', {});
      const listen = options.open ? await freeAddresses(context, port) : null;
      await demo(context, version, {
        followers: Number(followers),
        json: options.json ?? false,
        listen,
        port,
      });
    });
}

interface Demo {
  followers: number;
  json: boolean;
  /** Where the console listens; null without one. */
  listen: ListenAddress | null;
  /** Of the phone. */
  port: number;
}

async function demo(
  context: CliContext,
  version: string,
  { followers, json, listen, port }: Demo,
): Promise<void> {
  const note = (line: string): void => {
    if (!json) context.out(line);
  };
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-demo-'));
  // Its parts are private; run by root, the database's own user must get through to its part.
  await chmod(directory, 0o711);
  const begun = new Undo();
  begun.add(startCleaner(directory));
  begun.add(() => rm(directory, { recursive: true, force: true }));
  try {
    const kind = listen === null ? 'sandbox' : 'service';
    const simulation = new RunningSimulation({
      directory: join(directory, 'simulation'),
      logger: context.logger,
      port: listen === null ? 0 : port,
      account: { kind, followers, unfollowedShare: 0, latencyMs: 5, jitterMs: 5, keepMessages: 20_000 },
    });
    begun.add(() => simulation.close());
    const wechat = await simulation.start();
    note(text(context.lang, 'demo.simulator', { followers, url: wechat.url }));
    const session = await openSession(context, { inDirectory: directory });
    begun.add(() => session.close());
    note(text(context.lang, 'demo.database', { dir: directory }));
    note(text(context.lang, 'demo.steps'));

    const { appid } = wechat;
    await saveAccount(session.store.pool, session.store.sealer, {
      appid,
      kind,
      name: demoWords.name[context.lang],
      tokenSource: 'secret',
      secret: wechat.secret,
      baseUrl: wechat.url,
      proxy: null,
      ratePerS: 1_000_000,
    });
    await setQuotaRules(session.store.pool, appid, { reset: null, reservePercent: 0 });
    await (await session.clients.get(appid)).token.get();
    const console =
      listen === null ? null : await openConsole(context, session, { version, listen, simulation });
    if (console !== null) begun.add(() => console.close());
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
            keyword1: demoWords.title[context.lang],
            keyword2: demoWords.content[context.lang],
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
    const addresses =
      console === null ? null : { console: console.link, phone: `${wechat.url}/?person=0&chat=${appid}` };
    if (json)
      context.out(
        JSON.stringify({
          ...{ ...reportJson(report), received: seen.received, receivedTwice: seen.twice },
          ...addresses,
        }),
      );
    if (seen.twice > 0 || seen.openids !== report.accepted) {
      throw failure('DEMO_BROKEN/counts', { seen: seen.openids, reported: report.accepted });
    }
    if (addresses === null) return;
    note(text(context.lang, 'demo.open', addresses));
    await aborted(context.signal);
    note(text(context.lang, 'demo.closed'));
  } finally {
    await begun.all();
  }
}

/** What the simulator says that people received: the other side's count, not ours. */
async function whatArrived(wechat: {
  url: string;
  appid: string;
}): Promise<{ received: number; openids: number; twice: number }> {
  const answer = await request(`${wechat.url}/_simulator/accounts/${wechat.appid}`);
  const summary = (await answer.body.json()) as AccountSummary; // our own simulator
  const openids = summary.channels.reduce((sum, channel) => sum + channel.recipients, 0);
  return { received: summary.accepted, openids, twice: summary.duplicates };
}
