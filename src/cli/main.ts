import { readFileSync } from 'node:fs';
import { failure } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { text } from '../texts/ui.ts';
import { runCommandLine, type Surroundings } from './command-line.ts';
import { isStartedByNpm, languageOf } from './environment.ts';
import { endWithinMs, type Interrupt, interruptible } from './interrupt.ts';
import { describeError } from './output/describe-error.ts';
import { printable } from './output/printable.ts';
import { onChannelClosed, onNpmGone, partFlag } from './parent.ts';

/** After its end a process has so long to close what is open, ms. */
const leftOpenMs = 3_000;

const version: string = readVersion();

/** Runs one command line and sets the process's exit code: 0 done, 1 failed, 2 wrong usage. */
export async function main(args: string[]): Promise<void> {
  const isNode = args.includes('serve') || args.includes('worker');
  const isPart = args.includes(partFlag);
  const interrupt = interruptible({
    // Whoever started it waits for it, and its own time is as short.
    withinMs: isPart ? endWithinMs - 1_000 : endWithinMs,
    // A node has said so at once.
    onSlow: (seconds) => isNode || say(text(around.lang, 'interrupt.slow', { seconds })),
    onLate: (seconds) => say(text(around.lang, 'interrupt.late', { seconds })),
  });
  if (isPart) onChannelClosed(() => interrupt.abort(failure('INTERRUPTED/parent', {})));
  const stopLooking =
    !isPart && isStartedByNpm() ? onNpmGone(() => interrupt.abort(failure('INTERRUPTED/npm', {}))) : null;
  let isReaderGone = false;
  let isOutputLost = false;
  const setExit = (code: number): void => {
    process.exitCode = Math.max(Number(process.exitCode ?? 0), code);
  };
  const around: Surroundings = {
    ...{ stdout: process.stdout, stderr: process.stderr },
    ...{ interrupt, version, lang: languageOf(args), setExit },
    isReaderGone: () => isReaderGone,
  };
  // Output that has nowhere to go (`… | head`, a full disk) is like ctrl-C: what is in flight is finished, and the
  // database is stopped.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    const why = failure('INTERRUPTED/output', { code: error.code ?? '?' });
    // It may come when the command is over: what was to be read is not there all the same.
    setExit(1);
    if (error.code === 'EPIPE') isReaderGone = true;
    else if (!isOutputLost) say(describeError(why, new AbortController().signal, around.lang).line);
    isOutputLost = true;
    interrupt.abort(why);
  });
  // Notices that nobody can read must not stop a campaign.
  process.stderr.on('error', () => {});
  let logger: Logger | null = null;
  try {
    logger = await runCommandLine(args, around);
  } finally {
    interrupt.dispose();
    stopLooking?.();
    endLeftOpen(interrupt, logger);
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

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const parsed: { version: string } = JSON.parse(text);
  return parsed.version;
}
