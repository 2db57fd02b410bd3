import type { MessageWarning } from '../../app/campaigns/create.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';

/** What a person should know before the message is sent. */
export function showWarnings(context: CliContext, warnings: readonly MessageWarning[], json: boolean): void {
  for (const { message } of warnings) {
    const line = text(context.lang, 'push.warning', { message: message[context.lang] });
    if (json) context.err(line);
    else context.out(line);
  }
}
