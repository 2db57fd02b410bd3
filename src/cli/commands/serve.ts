import { Command } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { startEngine } from '../../engine/engine.ts';
import { webhookAllowList } from '../config.ts';
import type { CliContext } from '../context.ts';
import { withSession } from '../open.ts';
import { startSenders } from '../senders.ts';
import { text } from '../text.ts';

interface ServeFlags {
  senders: string;
}

/** `hongyan serve`: a node that plans, keeps schedules and delivers. */
export function serveCommand(context: CliContext, version: string): Command {
  return nodeCommand(
    context,
    version,
    'serve',
    'plan, keep schedules and deliver campaigns until it is stopped',
  );
}

/** `hongyan worker`: one more node on the same database; it will not listen on HTTP where `serve` does. */
export function workerCommand(context: CliContext, version: string): Command {
  return nodeCommand(context, version, 'worker', 'one more node on the same HONGYAN_DATABASE_URL');
}

function nodeCommand(
  context: CliContext,
  version: string,
  name: 'serve' | 'worker',
  description: string,
): Command {
  return new Command(name)
    .description(description)
    .option('--senders <n>', 'processes that deliver on this machine, about one per core', '1')
    .addHelpText('after', `\nExample:\n  $ hongyan ${name} --senders 4`)
    .action((flags: ServeFlags) => {
      if (!/^[1-9]\d?$/.test(flags.senders))
        throw new HongyanError('USAGE', `--senders takes a number from 1 to 99, not "${flags.senders}"`);
      return withSession(context.config, context.logger, async (session) => {
        // This process is the first sender.
        const others = startSenders(context, Number(flags.senders) - 1);
        const engine = await startEngine({
          ...session,
          logger: context.logger,
          role: 'serve',
          version,
          webhookAllow: webhookAllowList(context.config),
        });
        context.out(text(context.lang, 'serve.started', { version, node: engine.nodeId.slice(0, 8) }));
        await aborted(context.signal);
        context.err(text(context.lang, 'serve.stopping'));
        await Promise.all([engine.stop(), others.stop()]);
        context.err(text(context.lang, 'serve.stopped'));
      });
    });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
