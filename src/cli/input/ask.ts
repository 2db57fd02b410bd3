import type { Readable, Writable } from 'node:stream';
import { failure } from '../../base/errors.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';

/** Where a person reads a question and answers it. */
export interface Terminal {
  input: Readable & { isTTY?: boolean };
  output: Writable & { isTTY?: boolean };
}

const standardTerminal = (): Terminal => ({ input: process.stdin, output: process.stderr });

/** Whether a person can be asked: standard input and error are a terminal. */
export function canAsk({ input, output } = standardTerminal()): boolean {
  return input.isTTY === true && output.isTTY === true;
}

/** Asks yes or no; ctrl-C, escape and the end of the process are no. Throws `USAGE` when there is nobody to ask. */
export async function askYesNo(
  context: Pick<CliContext, 'signal' | 'lang'>,
  message: string,
  terminal = standardTerminal(),
): Promise<boolean> {
  if (!canAsk(terminal)) throw failure('USAGE/nobody-to-confirm', {});
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({
    message,
    initialValue: false,
    active: text(context.lang, 'ask.yes'),
    inactive: text(context.lang, 'ask.no'),
    ...terminal,
    signal: context.signal,
  });
  return !isCancel(answer) && answer;
}

/** Asks before something that cannot be taken back. Throws `CANCELLED` unless the answer is yes, and as `askYesNo`. */
export async function requireYes(
  context: Pick<CliContext, 'signal' | 'lang'>,
  message: string,
  terminal = standardTerminal(),
): Promise<void> {
  if (!(await askYesNo(context, message, terminal))) throw failure('CANCELLED', {});
}

/** Asks for a secret without echo. Throws `USAGE` when there is nobody to ask, or no answer. */
export async function askSecret(context: CliContext, message: string, option: string): Promise<string> {
  if (!canAsk()) throw failure('USAGE/nobody-to-ask', { what: message, option });
  const { isCancel, password } = await import('@clack/prompts');
  const answer = await password({ message, output: process.stderr, signal: context.signal });
  if (isCancel(answer) || answer.trim() === '') throw failure('CANCELLED', {});
  return answer.trim();
}
