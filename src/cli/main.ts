import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { Command, CommanderError, Option } from 'commander';
import { terminalActor } from '../app/actor.ts';
import type { Logger } from '../base/logger.ts';
import { text } from '../texts/ui.ts';
import { accountsCommand } from './commands/accounts.ts';
import { callbackCommand } from './commands/callback.ts';
import { campaignsCommand } from './commands/campaigns.ts';
import { creditsCommand } from './commands/credits.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eventsCommand } from './commands/events.ts';
import { followersCommand } from './commands/followers.ts';
import { messagesCommand } from './commands/messages.ts';
import { pushCommand } from './commands/push.ts';
import { quotaCommand } from './commands/quota.ts';
import { rateCommand } from './commands/rate.ts';
import { schedulesCommand } from './commands/schedules.ts';
import { sendCommand } from './commands/send.ts';
import { serveCommand, workerCommand } from './commands/serve.ts';
import { simulateCommand } from './commands/simulate.ts';
import { suppressCommand } from './commands/suppress.ts';
import { templatesCommand } from './commands/templates.ts';
import { webhooksCommand } from './commands/webhooks.ts';
import { type Config, isStartedByNpm, loadConfig } from './config.ts';
import type { CliContext } from './context.ts';
import { userName } from './input/approval.ts';
import { endWithinMs, type Interrupt, interruptible } from './interrupt.ts';
import { describeError } from './output/describe-error.ts';
import { createLogger } from './output/log.ts';
import { printable, withoutValues } from './output/printable.ts';
import { onChannelClosed, onNpmGone, partFlag } from './parent.ts';

/** After its end a process has so long to close what is open, ms. */
const leftOpenMs = 3_000;

const version: string = readVersion();

/** Runs one command line and sets the process's exit code: 0 done, 1 failed, 2 wrong usage. */
export async function main(args: string[]): Promise<void> {
  let lang: 'en' | 'zh' = 'en';
  const isNode = args.includes('serve') || args.includes('worker');
  const isPart = args.includes(partFlag);
  const interrupt = interruptible({
    // Whoever started it waits for it, and its own time is as short.
    withinMs: isPart ? endWithinMs - 1_000 : endWithinMs,
    // A node has said so at once.
    onSlow: (seconds) => isNode || say(text(lang, 'interrupt.slow', { seconds })),
    onLate: (seconds) => say(text(lang, 'interrupt.late', { seconds })),
  });
  if (isPart) onChannelClosed(() => interrupt.abort('the process that started this one is gone'));
  const stopLooking =
    !isPart && isStartedByNpm() ? onNpmGone(() => interrupt.abort('npm, which started this, is gone')) : null;
  let isReaderGone = false;
  // Output that has nowhere to go (`… | head`, a full disk) is like ctrl-C: what is in flight is finished, and the
  // database is stopped.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    isReaderGone ||= error.code === 'EPIPE';
    interrupt.abort(`standard output cannot be written (${error.code})`);
  });
  // Notices that nobody can read must not stop a campaign.
  process.stderr.on('error', () => {});
  let context: CliContext | null = null;
  try {
    const flags = globalFlags(args);
    const { config, sources, file } = loadConfig(flags);
    lang = config.lang;
    context = createContext(config, interrupt, args);
    const program = createProgram(context, { sources, file });
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed its message already; help and version are not failures.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const described = describeError(error, interrupt.signal, context?.lang);
    if (!isReaderGone) process.stderr.write(`${printable(described.line)}\n`);
    if (args.includes('--json')) process.stdout.write(`${JSON.stringify({ error: described.json })}\n`);
    process.exitCode = described.exitCode;
  } finally {
    interrupt.dispose();
    stopLooking?.();
    endLeftOpen(interrupt, context?.logger ?? null);
  }
}

/**
 * The command is over. What it forgot to close must not keep the process alive, doing nothing; nor what does not answer,
 * when it was interrupted.
 */
function endLeftOpen(interrupt: Interrupt, logger: Logger | null): void {
  const { aborted } = interrupt.signal;
  const timer = setInterval(
    () => {
      if (process.stdout.writableLength > 0 || process.stderr.writableLength > 0) return; // a slow reader
      const open = process.getActiveResourcesInfo();
      if (!aborted) logger?.warn({ open }, 'something was still open at the end');
      // exit waits for the threads that these are at work in, an unanswered question to a name server, say.
      if (open.some((one) => /^(?:FSReq|GetAddrInfo|GetNameInfo)/.test(one))) interrupt.endNow();
      process.exit();
    },
    aborted ? leftOpenMs / 10 : leftOpenMs,
  );
  timer.unref();
}

function say(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

function createProgram(
  context: CliContext,
  loaded: { sources: ReturnType<typeof loadConfig>['sources']; file: string | null },
): Command {
  const program = new Command('hongyan')
    .description('Self-hosted push service for WeChat. Nobody messaged twice, nobody forgotten.')
    .version(version)
    .addOption(
      new Option('--data-dir <directory>', 'where database, key and config live (default ~/.hongyan)'),
    )
    .addOption(new Option('--lang <lang>', 'language of reports').choices(['en', 'zh']))
    .addOption(new Option('--log-level <level>', 'level of the log on standard error'));
  const commands = [
    accountsCommand(context),
    followersCommand(context),
    templatesCommand(context),
    pushCommand(context, version),
    campaignsCommand(context, version),
    sendCommand(context, version),
    messagesCommand(context),
    schedulesCommand(context),
    suppressCommand(context),
    creditsCommand(context),
    rateCommand(context),
    quotaCommand(context),
    webhooksCommand(context),
    callbackCommand(context),
    eventsCommand(context),
    serveCommand(context, version),
    workerCommand(context, version),
    simulateCommand(context),
    doctorCommand(context, loaded),
    demoCommand(context, version),
  ];
  for (const command of commands) program.addCommand(command);
  return inherit(program);
}

/** Subcommands do not inherit these settings when they are added ready-made. */
function inherit(command: Command): Command {
  command
    .exitOverride()
    .showHelpAfterError('(add --help for the options and an example)')
    .configureOutput({ outputError: (message, write) => write(printable(withoutValues(message))) });
  for (const child of command.commands) inherit(child);
  return command;
}

/** The configuration is needed before commander runs, so the three global flags are read beforehand. */
function globalFlags(args: string[]): Partial<Config> {
  const value = (name: string): string | undefined => {
    const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
    if (at === -1) return undefined;
    const found = args[at] ?? '';
    return found.includes('=') ? found.slice(name.length + 1) : args[at + 1];
  };
  const flags: Record<string, string | undefined> = {
    dataDir: value('--data-dir'),
    lang: args.indexOf('--lang') < firstCommandAt(args) ? value('--lang') : undefined,
    logLevel: value('--log-level'),
  };
  return Object.fromEntries(Object.entries(flags).filter(([, one]) => one !== undefined)) as Partial<Config>; // loadConfig validates them
}

/** `push --lang zh_CN` is the message's language; `hongyan --lang zh push` is the report's. */
function firstCommandAt(args: string[]): number {
  const at = args.findIndex(
    (arg, i) => !arg.startsWith('-') && !['--data-dir', '--lang', '--log-level'].includes(args[i - 1] ?? ''),
  );
  return at === -1 ? args.length : at;
}

function createContext(config: Config, interrupt: Interrupt, args: string[]): CliContext {
  const json = args.includes('--json');
  return {
    config,
    logger: createLogger(config, args),
    actor: terminalActor(userName(), hostname(), config.lang),
    signal: interrupt.signal,
    msLeft: interrupt.msLeft,
    isTty: process.stdout.isTTY === true && !json,
    lang: config.lang,
    out: (line) => process.stdout.write(`${printable(line)}\n`),
    err: (line) => process.stderr.write(`${printable(line)}\n`),
    setExit: (code) => {
      process.exitCode = Math.max(Number(process.exitCode ?? 0), code);
    },
  };
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const parsed: { version: string } = JSON.parse(text);
  return parsed.version;
}
