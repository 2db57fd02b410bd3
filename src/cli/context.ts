import type { Writable } from 'node:stream';
import type { Actor } from '../app/actor.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from './config.ts';

/** What every command gets from the composition root; the only way to print, to be interrupted and to set the exit code. */
export interface CliContext {
  /** Whoever runs the command. */
  actor: Actor;
  config: Config;
  logger: Logger;
  /** Aborted by the first ctrl-C, SIGTERM or hangup; the second one ends the process at once. */
  signal: AbortSignal;
  /** For how long the process may still work once it was interrupted, ms; Infinity before. */
  msLeft(): number;
  /** Once interrupted it may work for so much longer, ms. */
  allowMore(ms: number): void;
  /** True when standard output is a terminal and neither --json nor NO_COLOR-like plainness was asked for. */
  isTty: boolean;
  /** Language of what people read: report labels, explanations, prompts. */
  lang: 'en' | 'zh';
  /** Standard output itself, for what is written in pieces: an export. */
  stdout: Writable & { isTTY?: boolean };
  /** One line to standard output. */
  out(line: string): void;
  /** One line to standard error: progress, notices, errors. */
  err(line: string): void;
  /** 0 done, 1 failed, 2 wrong usage; the highest one set wins. */
  setExit(code: 0 | 1 | 2): void;
}
