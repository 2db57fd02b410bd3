import { Command } from 'commander';
import { listTags } from '../../../app/audience/contacts.ts';
import { count } from '../../../texts/catalogue.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { withSession } from '../../open.ts';
import { table } from '../../output/table.ts';

export function tagsCommand(context: CliContext): Command {
  const command = new Command('tags');
  const { lang } = context;

  command
    .command('list')
    .argument('<appid>')
    .option('--json')
    .action((appid: string, { json }: { json?: boolean }) =>
      withSession(context, async (app) => {
        const { data } = await listTags(app, context.actor, { appid });
        if (json) return context.out(JSON.stringify(data));
        if (data.length === 0) return context.out(text(lang, 'tags.none', { appid }));
        for (const line of table(
          [text(lang, 'head.id'), text(lang, 'head.tag'), text(lang, 'head.people')],
          data.map((one) => [String(one.id), one.name, count(one.count)]),
        ))
          context.out(line);
      }),
    );
  return command;
}
