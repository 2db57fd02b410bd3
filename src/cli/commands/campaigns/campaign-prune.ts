import type { Command } from 'commander';
import { findPrunable, pruneCampaigns } from '../../../app/campaigns/prune.ts';
import { count } from '../../../texts/catalogue.ts';
import type { CliContext } from '../../context.ts';
import { addPrune } from '../prune.ts';

/** `campaigns prune`: removes recipients and outcomes of old campaigns; their counts stay. */
export function addCampaignPrune(command: Command, context: CliContext): void {
  addPrune(command, context, {
    words: { would: 'prune.would', ask: 'prune.ask', done: 'prune.done' },
    async find(session, scope) {
      const { ids, recipients } = await findPrunable(session, context.actor, scope);
      return {
        values: { campaigns: ids.length, recipients },
        json: { campaigns: ids, recipients },
        isAny: ids.length > 0,
      };
    },
    async prune(session, scope) {
      const json = await pruneCampaigns(session, context.actor, scope);
      return { json, values: { campaigns: count(json.campaigns), recipients: count(json.recipients) } };
    },
  });
}
