import type { Command } from 'commander';
import type { Actor } from '../../app/actor.ts';
import type { App } from '../../app/app.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { withSession } from '../open.ts';

/** Of something that may be switched off and on again. */
interface Switched {
  /** Whose words they are: `webhooks.nowPaused`. */
  words: 'alerts' | 'webhooks';
  idOf(given: string): number;
  change(
    app: App,
    actor: Actor,
    to: { id: number; state: 'active' | 'paused' },
  ): Promise<{ changed: boolean }>;
}

/** Its `pause` and `resume`. */
export function stateCommands(
  context: CliContext,
  command: Command,
  { words, idOf, change }: Switched,
): void {
  for (const [name, state] of [
    ['pause', 'paused'],
    ['resume', 'active'],
  ] as const)
    command
      .command(name)
      .argument('<id>')
      .option('--json')
      .action((given: string, options: { json?: boolean }) =>
        withSession(context, async (app) => {
          const id = idOf(given);
          const result = await change(app, context.actor, { id, state });
          if (options.json) return context.out(JSON.stringify(result));
          const done = state === 'paused' ? 'Paused' : 'Active';
          const key = `${words}.${result.changed ? 'now' : 'already'}${done}` as const;
          context.out(text(context.lang, key, { id }));
        }),
      );
}
