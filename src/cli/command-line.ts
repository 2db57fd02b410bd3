import { hostname } from 'node:os';
import type { Writable } from 'node:stream';
import { CommanderError } from 'commander';
import { terminalActor } from '../app/actor.ts';
import type { Logger } from '../base/logger.ts';
import type { Lang } from '../texts/catalogue.ts';
import type { CliContext } from './context.ts';
import { takeGlobalOptions } from './global-options.ts';
import { userName } from './input/approval.ts';
import type { Interrupt } from './interrupt.ts';
import { describeError } from './output/describe-error.ts';
import { printable } from './output/printable.ts';
import { createProgram } from './program.ts';
import { tracedCommand } from './traced-command.ts';

/** What a command line has of the process that it runs in. */
export interface Surroundings {
  /** Default: the process's own. */
  env?: NodeJS.ProcessEnv;
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable;
  interrupt: Pick<Interrupt, 'signal' | 'msLeft' | 'allowMore'>;
  version: string;
  /** Set to the language of the configuration once that is read. */
  lang: Lang;
  /** Nobody reads what is printed any more, and needs no sentence about it. */
  isReaderGone(): boolean;
  /** 0 done, 1 failed, 2 wrong usage; the highest one set wins. */
  setExit(code: number): void;
}

/** Runs one command line, prints what failed, and gives the log that it wrote to; null when it came to none. */
export async function runCommandLine(args: string[], around: Surroundings): Promise<Logger | null> {
  const { interrupt, stdout, stderr, version } = around;
  let context: CliContext | null = null;
  const print = (text: string): void => void stdout.write(text);
  try {
    const { flags, rest } = takeGlobalOptions(args);
    if (callsNothing(rest)) {
      // Quick, and there whatever is wrong with the configuration.
      const { lang } = around;
      const program = await createProgram({ context: { lang }, version }, rest, { print });
      await program.parseAsync(rest, { from: 'user' });
      return null;
    }
    const { loadConfig } = await import('./config.ts');
    const { config, sources, file } = loadConfig(flags, around.env);
    around.lang = config.lang;
    const { createLogger } = await import('./output/log.ts');
    const err = (line: string): void => void stderr.write(`${printable(line)}\n`);
    context = {
      config,
      logger: createLogger(config, args, err),
      actor: terminalActor(userName(), hostname(), config.lang),
      signal: interrupt.signal,
      msLeft: interrupt.msLeft,
      allowMore: interrupt.allowMore,
      isTty: stdout.isTTY === true && !args.includes('--json'),
      lang: config.lang,
      stdout,
      out: (line) => stdout.write(`${printable(line)}\n`),
      err,
      setExit: around.setExit,
    };
    const needed = { context, loaded: { sources, file }, version };
    const program = await createProgram(needed, rest, { print });
    await tracedCommand(program, rest, around.env);
  } catch (error) {
    // What was asked for is printed: help, the version.
    if (error instanceof CommanderError) return context?.logger ?? null;
    const described = describeError(error, interrupt.signal, around.lang);
    if (!around.isReaderGone()) stderr.write(`${printable(described.line)}\n`);
    if (args.includes('--json')) stdout.write(`${JSON.stringify({ error: described.json })}\n`);
    around.setExit(described.exitCode);
  }
  return context?.logger ?? null;
}

/** Only the program's own help or version is asked for. */
function callsNothing(args: readonly string[]): boolean {
  const [first = '--help'] = args;
  return ['--help', '-h', '--version', '-V'].includes(first) || (first === 'help' && args.length === 1);
}
