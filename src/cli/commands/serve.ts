import { Command } from 'commander';
import { startEngine } from '../../engine/engine.ts';
import type { CliContext } from '../context.ts';
import { withSession } from '../open.ts';
import { text } from '../text.ts';

export function serveCommand(context: CliContext, version: string): Command {
  return new Command('serve')
    .description('plan and deliver campaigns until it is stopped')
    .addHelpText('after', '\nExample:\n  $ hongyan serve')
    .action(() =>
      withSession(context.config, context.logger, async (session) => {
        const engine = await startEngine({ ...session, logger: context.logger, role: 'serve', version });
        context.out(text(context.lang, 'serve.started', { version, node: engine.nodeId.slice(0, 8) }));
        await aborted(context.signal);
        context.err(text(context.lang, 'serve.stopping'));
        await engine.stop();
        context.err(text(context.lang, 'serve.stopped'));
      }),
    );
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
