import { type Command, CommanderError } from 'commander';
import { contextFrom, flushTraces, withSpan } from '../base/tracing.ts';
import { traceOfCaller } from './environment.ts';

/** Commands that last until they are stopped: what they do has spans of its own. */
const lasting: ReadonlySet<string> = new Set(['serve', 'worker', 'simulate', 'mcp', 'demo']);

/**
 * Carries out a command in a span that begins a trace, or goes on with the one in `TRACEPARENT`. Its name is the command's; of the
 * arguments it has none. What is recorded is handed to the exporter before this resolves.
 */
export async function tracedCommand(
  program: Command,
  args: readonly string[],
  env: NodeJS.ProcessEnv | undefined,
): Promise<void> {
  const [name = ''] = args.filter((arg) => !arg.startsWith('-'));
  const run = async (): Promise<void> => void (await program.parseAsync(args, { from: 'user' }));
  try {
    if (lasting.has(name)) return await run();
    const parent = contextFrom(traceOfCaller(env));
    await withSpan('hongyan', { kind: 'internal', parent }, async (span) => {
      program.hook('preAction', (_, command) => void span?.updateName(nameOf(command)));
      await run().catch((error: unknown) => {
        // What was asked for is printed.
        if (!(error instanceof CommanderError)) throw error;
      });
    });
  } finally {
    await flushTraces();
  }
}

function nameOf(command: Command): string {
  const { parent } = command;
  return parent === null ? command.name() : `${nameOf(parent)} ${command.name()}`;
}
