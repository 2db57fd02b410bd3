import type { Command } from 'commander';
import { countPrunable, pruneMessages } from '../../../app/messages/prune.ts';
import type { CliContext } from '../../context.ts';
import { addPrune } from '../prune.ts';

/** `messages prune`: removes single messages that ended long ago, and their keys with them. */
export function addMessagePrune(command: Command, context: CliContext): void {
  addPrune(command, context, {
    words: { would: 'messages.pruneWould', ask: 'messages.pruneAsk', done: 'messages.pruned' },
    async find(session, scope) {
      const { messages } = await countPrunable(session, context.actor, scope);
      return { values: { messages }, json: { messages }, isAny: messages > 0 };
    },
    async prune(session, scope) {
      const { messages } = await pruneMessages(session, context.actor, scope);
      return { values: { messages }, json: { messages } };
    },
  });
}
