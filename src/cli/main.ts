import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { CommanderError } from 'commander';
import { terminalActor } from '../app/actor.ts';
import { failure } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { text } from '../texts/ui.ts';
import type { Config } from './config.ts';
import type { CliContext } from './context.ts';
import { isStartedByNpm, languageOf } from './environment.ts';
import { takeGlobalOptions } from './global-options.ts';
import { userName } from './input/approval.ts';
import { endWithinMs, type Interrupt, interruptible } from './interrupt.ts';
import { describeError } from './output/describe-error.ts';
import { printable } from './output/printable.ts';
import { onChannelClosed, onNpmGone, partFlag } from './parent.ts';
import { createProgram } from './program.ts';

/** After its end a process has so long to close what is open, ms. */
const leftOpenMs = 3_000;

const version: string = readVersion();

/** Runs one command line and sets the process's exit code: 0 done, 1 failed, 2 wrong usage. */
export async function main(args: string[]): Promise<void> {
  let lang = languageOf(args);
  const isNode = args.includes('serve') || args.includes('worker');
  const isPart = args.includes(partFlag);
  const interrupt = interruptible({
    // Whoever started it waits for it, and its own time is as short.
    withinMs: isPart ? endWithinMs - 1_000 : endWithinMs,
    // A node has said so at once.
    onSlow: (seconds) => isNode || say(text(lang, 'interrupt.slow', { seconds })),
    onLate: (seconds) => say(text(lang, 'interrupt.late', { seconds })),
  });
  if (isPart) onChannelClosed(() => interrupt.abort(failure('INTERRUPTED/parent', {})));
  const stopLooking =
    !isPart && isStartedByNpm() ? onNpmGone(() => interrupt.abort(failure('INTERRUPTED/npm', {}))) : null;
  let isReaderGone = false;
  let isOutputLost = false;
  // Output that has nowhere to go (`… | head`, a full disk) is like ctrl-C: what is in flight is finished, and the
  // database is stopped.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    const why = failure('INTERRUPTED/output', { code: error.code ?? '?' });
    // It may come when the command is over: what was to be read is not there all the same.
    process.exitCode = Math.max(1, Number(process.exitCode ?? 0));
    if (error.code === 'EPIPE') isReaderGone = true;
    else if (!isOutputLost) say(describeError(why, new AbortController().signal, lang).line);
    isOutputLost = true;
    interrupt.abort(why);
  });
  // Notices that nobody can read must not stop a campaign.
  process.stderr.on('error', () => {});
  let context: CliContext | null = null;
  try {
    const { flags, rest } = takeGlobalOptions(args);
    if (callsNothing(rest)) {
      // Quick, and there whatever is wrong with the configuration.
      await (await createProgram({ context: { lang }, version }, rest)).parseAsync(rest, { from: 'user' });
      return;
    }
    const { loadConfig } = await import('./config.ts');
    const { config, sources, file } = loadConfig(flags);
    lang = config.lang;
    context = await createContext(config, interrupt, args);
    const program = await createProgram({ context, loaded: { sources, file }, version }, rest);
    await program.parseAsync(rest, { from: 'user' });
  } catch (error) {
    // What was asked for is printed: help, the version.
    if (error instanceof CommanderError) return;
    const described = describeError(error, interrupt.signal, lang);
    if (!isReaderGone) process.stderr.write(`${printable(described.line)}\n`);
    if (args.includes('--json')) process.stdout.write(`${JSON.stringify({ error: described.json })}\n`);
    process.exitCode = Math.max(described.exitCode, Number(process.exitCode ?? 0));
  } finally {
    interrupt.dispose();
    stopLooking?.();
    endLeftOpen(interrupt, context?.logger ?? null);
  }
}

/** Only the program's own help or version is asked for. */
function callsNothing(args: readonly string[]): boolean {
  const [first = '--help'] = args;
  return ['--help', '-h', '--version', '-V'].includes(first) || (first === 'help' && args.length === 1);
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

async function createContext(config: Config, interrupt: Interrupt, args: string[]): Promise<CliContext> {
  const { createLogger } = await import('./output/log.ts');
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
