import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { HongyanError } from '../base/errors.ts';
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
import { type Config, loadConfig } from './config.ts';
import type { CliContext } from './context.ts';
import { describeError } from './describe-error.ts';
import { createLogger } from './log.ts';
import { printable, withoutValues } from './printable.ts';

const version: string = readVersion();

/** Runs one command line and sets the process's exit code: 0 done, 1 failed, 2 wrong usage. */
export async function main(args: string[]): Promise<void> {
  const interrupt = interruptible();
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
    context = createContext(config, interrupt.signal, args);
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
  }
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

function createContext(config: Config, signal: AbortSignal, args: string[]): CliContext {
  const json = args.includes('--json');
  return {
    config,
    logger: createLogger(config, args),
    signal,
    isTty: process.stdout.isTTY === true && !json,
    lang: config.lang,
    out: (line) => process.stdout.write(`${printable(line)}\n`),
    err: (line) => process.stderr.write(`${printable(line)}\n`),
    setExit: (code) => {
      process.exitCode = Math.max(Number(process.exitCode ?? 0), code);
    },
  };
}

/** The first ctrl-C or SIGTERM asks politely, the second one ends the process. */
function interruptible(): { signal: AbortSignal; abort(why: string): void; dispose(): void } {
  const controller = new AbortController();
  const abort = (why: string): void => controller.abort(new HongyanError('INTERRUPTED', why));
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    abort(`stopped by ${name}`);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    abort,
    dispose() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const parsed: { version: string } = JSON.parse(text);
  return parsed.version;
}
