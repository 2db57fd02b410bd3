import { SingleBar } from 'cli-progress';
import { count } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';

/** Progress of one step: a bar on a terminal, a line every few seconds elsewhere, nothing with --json. */
export interface Progress {
  /** @param total null while it is not known */
  update(done: number, total: number | null, note?: string): void;
  stop(): void;
}

const lineEveryMs = 5_000;

export function startProgress(
  context: CliContext,
  label: string,
  options: { quiet?: boolean } = {},
): Progress {
  if (options.quiet === true) return { update() {}, stop() {} };
  return context.isTty ? bar(label) : lines(context, label);
}

function bar(label: string): Progress {
  const single = new SingleBar({
    format: `${label} {bar} {percentage}% {shown} {note}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 28,
    hideCursor: true,
    fps: 8,
    clearOnComplete: true,
    stopOnComplete: false,
    stream: process.stderr,
  });
  let started = false;
  return {
    update(done, total, note = '') {
      const shown = total === null ? count(done) : `${count(done)}/${count(total)}`;
      // Without a total the bar stays empty and only the number moves.
      if (!started) single.start(Math.max(1, total ?? 1), 0, { shown, note });
      started = true;
      single.setTotal(Math.max(1, total ?? 1));
      single.update(total === null ? 0 : Math.min(done, total), { shown, note });
    },
    stop() {
      if (started) single.stop();
    },
  };
}

function lines(context: CliContext, label: string): Progress {
  let lastAt = performance.now();
  return {
    update(done, total, note = '') {
      if (performance.now() - lastAt < lineEveryMs) return;
      lastAt = performance.now();
      const shown = total === null ? count(done) : `${count(done)} / ${count(total)}`;
      const about = text(context.lang, 'progress.line', { label, shown });
      context.err(note === '' ? about : `${about} · ${note}`);
    },
    stop() {},
  };
}
