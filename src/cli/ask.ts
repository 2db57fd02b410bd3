import { HongyanError } from '../base/errors.ts';
import type { CliContext } from './context.ts';
import { text } from './text.ts';

/** Whether a person can be asked: standard input and error are a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks yes or no; ctrl-C, escape and the end of the process are no. Throws `USAGE` when there is nobody to ask. */
export async function askYesNo(context: CliContext, message: string): Promise<boolean> {
  if (!canAsk()) throw new HongyanError('USAGE', text(context.lang, 'ask.needYes'));
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({
    message,
    initialValue: false,
    output: process.stderr,
    signal: context.signal,
  });
  return !isCancel(answer) && answer;
}

/** Asks for a secret without echo. Throws `USAGE` when there is nobody to ask, or no answer. */
export async function askSecret(context: CliContext, message: string): Promise<string> {
  if (!canAsk()) {
    throw new HongyanError(
      'USAGE',
      'there is nobody to ask for the AppSecret: give it with --secret-file FILE',
    );
  }
  const { isCancel, password } = await import('@clack/prompts');
  const answer = await password({ message, output: process.stderr, signal: context.signal });
  if (isCancel(answer) || answer.trim() === '')
    throw new HongyanError('USAGE', text(context.lang, 'ask.cancelled'));
  return answer.trim();
}
