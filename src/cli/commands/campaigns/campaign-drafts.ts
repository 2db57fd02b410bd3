import { Command } from 'commander';
import { listDrafts, planDraft, removeDraft, showDraft } from '../../../app/campaigns/drafts.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { draftId, numberUpTo } from '../../input/numbers.ts';
import { withLastingSession, withSession } from '../../open.ts';
import { table } from '../../output/table.ts';
import { showWarnings } from '../../push/warnings.ts';

interface JsonFlag {
  json?: boolean;
}

/** `campaigns drafts`: what was begun over HTTP or in the console. They are written there. */
export function addCampaignDrafts(parent: Command, context: CliContext): void {
  const { lang, actor } = context;
  const command = new Command('drafts');
  parent.addCommand(command);

  command
    .command('list')
    .option('--account <appid>')
    .option('--limit <n>', '', '20')
    .option('--json')
    .action((options: JsonFlag & { account?: string; limit: string }) =>
      withSession(context, async (session) => {
        const limit = numberUpTo('--limit', 1000, options.limit);
        const { data } = await listDrafts(session, actor, { appid: options.account ?? null, limit });
        if (options.json) return context.out(JSON.stringify(data));
        if (data.length === 0) return context.out(text(lang, 'drafts.none'));
        const head = [
          text(lang, 'column.id'),
          text(lang, 'column.account'),
          text(lang, 'column.name'),
          text(lang, 'column.channel'),
          text(lang, 'column.revision'),
          text(lang, 'column.changedBy'),
        ];
        const rows = data.map(({ id, appid, name, request, revision, changedBy }) => [
          ...[String(id), appid, name === '' ? '-' : name, request.channel ?? '-', String(revision)],
          changedBy,
        ]);
        for (const line of table(head, rows)) context.out(line);
      }),
    );

  command
    .command('show')
    .argument('<id>')
    .action((value: string) =>
      withSession(context, async (session) => {
        context.out(JSON.stringify(await showDraft(session, actor, { id: draftId(value) }), null, 2));
      }),
    );

  command
    .command('plan')
    .argument('<id>')
    .option('--again')
    .option('--json')
    .action((value: string, { again = false, json }: JsonFlag & { again?: boolean }) =>
      withLastingSession(context, async (session) => {
        const id = draftId(value);
        const { revision } = await showDraft(session, actor, { id });
        const { signal } = context;
        const { campaign, warnings } = await planDraft(session, actor, { id, revision, again, signal });
        showWarnings(context, warnings, json ?? false);
        if (json) return context.out(JSON.stringify({ draft: id, campaign: campaign.id }));
        context.out(text(lang, 'drafts.planned', { id: value, campaign: String(campaign.id) }));
      }),
    );

  command
    .command('remove')
    .argument('<id>')
    .option('--json')
    .action((value: string, { json }: JsonFlag) =>
      withSession(context, async (session) => {
        const id = draftId(value);
        await removeDraft(session, actor, { id });
        if (json) context.out(JSON.stringify({ draft: id, removed: true }));
        else context.out(text(lang, 'drafts.removed', { id: value }));
      }),
    );
}
