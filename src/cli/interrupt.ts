import { failure, type HongyanError } from '../base/errors.ts';

/** From the first ctrl-C, SIGTERM or closed terminal until the process is ended, whatever it is doing, ms. */
export const endWithinMs = 10_000;
/** Two signals within so short a time are one, ms: npm passes a terminal's ctrl-C on, which reaches us anyway. */
export const echoMs = 50;
/** A command that takes longer than this to end says so, ms. */
const slowAfterMs = 1_000;

export interface Interrupt {
  /** Aborted when the process is to end. */
  signal: AbortSignal;
  /** For how long it may still work, ms; Infinity before it is interrupted. */
  msLeft(): number;
  /** Once interrupted it may work for so much longer, ms; for one that is interrupted already it is too late. */
  allowMore(ms: number): void;
  /** Asks it to end; harmless to repeat. */
  abort(why: HongyanError): void;
  /** Ends the process at once, as a signal would. */
  endNow(): void;
  /** The command is over: the next signal ends the process as usual. */
  dispose(): void;
}

export interface InterruptOptions {
  /** Default 10 s. */
  withinMs?: number;
  /** It does not end at once. */
  onSlow(seconds: number): void;
  /** Its time is over, and the process is ended. */
  onLate(seconds: number): void;
}

/**
 * The first ctrl-C, SIGTERM or hangup (a closed terminal) asks politely; the second one, or the end of the time, ends
 * the process at once.
 */
export function interruptible(options: InterruptOptions): Interrupt {
  let withinMs = options.withinMs ?? endWithinMs;
  const controller = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let endsAt = Number.POSITIVE_INFINITY;
  let askedAt = Number.POSITIVE_INFINITY;

  function interrupt(why: HongyanError, name: NodeJS.Signals): void {
    if (controller.signal.aborted) return;
    askedAt = performance.now();
    endsAt = askedAt + withinMs;
    const seconds = withinMs / 1000;
    timers.push(
      setTimeout(() => options.onSlow(seconds), slowAfterMs).unref(),
      setTimeout(() => {
        options.onLate(seconds);
        endNow(name);
      }, withinMs).unref(),
    );
    controller.abort(why);
  }

  const onSignal = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) interrupt(failure('INTERRUPTED/signal', { name }), name);
    else if (performance.now() - askedAt > echoMs) endNow(name);
  };

  /** Not process.exit, which waits for threads: one that opens a pipe or asks a dead name server would hold it up. */
  function endNow(name: NodeJS.Signals): void {
    if (process.stdin.isTTY) process.stdin.setRawMode(false);
    // What hid the cursor cannot show it any more.
    if (process.stderr.isTTY) process.stderr.write('\u001b[?25h');
    dispose();
    process.kill(process.pid, name);
  }

  function dispose(): void {
    for (const timer of timers) clearTimeout(timer);
    for (const name of signals) process.off(name, onSignal);
  }

  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    msLeft: () => Math.max(0, endsAt - performance.now()),
    allowMore: (ms) => {
      withinMs += ms;
    },
    abort: (why) => interrupt(why, 'SIGTERM'),
    endNow: () => endNow('SIGTERM'),
    dispose,
  };
}

const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
