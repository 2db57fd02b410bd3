import { Command } from 'commander';
import { listTemplates, showTemplate, syncTemplates } from '../../../app/accounts/templates.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { withSession } from '../../open.ts';
import { table } from '../../output/table.ts';

export function templatesCommand(context: CliContext): Command {
  const command = new Command('templates');
  const { lang } = context;

  command
    .command('sync')
    .argument('<appid>')
    .option('--json')
    .action((appid: string, { json }: { json?: boolean }) =>
      withSession(context, async (app) => {
        const result = await syncTemplates(app, context.actor, { appid });
        if (json) return context.out(JSON.stringify({ appid, ...result }));
        for (const { family, errcode, errmsg } of result.refused)
          context.err(
            text(lang, 'templates.refused', {
              family: text(lang, `family.${family}`),
              errcode: String(errcode),
              errmsg,
            }),
          );
        context.out(text(lang, 'templates.synced', { stored: result.stored, gone: result.gone }));
      }),
    );

  command
    .command('list')
    .argument('<appid>')
    .option('--json')
    .action((appid: string, { json }: { json?: boolean }) =>
      withSession(context, async (app) => {
        const { data } = await listTemplates(app, context.actor, { appid });
        if (json) return context.out(JSON.stringify(data));
        if (data.length === 0) return context.out(text(lang, 'templates.none', { appid }));
        for (const line of table(
          [
            ...[text(lang, 'head.template'), text(lang, 'head.title')],
            ...[text(lang, 'head.type'), text(lang, 'head.fields')],
          ],
          data.map((one) => [
            one.templateId,
            one.title,
            text(lang, `template.${one.of}`),
            one.goneAt === null
              ? one.fields.map((field) => field.key).join(' ')
              : text(lang, 'templates.gone'),
          ]),
        )) {
          context.out(line);
        }
      }),
    );

  command
    .command('show')
    .argument('<appid>')
    .argument('<template_id>')
    .option('--json')
    .action((appid: string, templateId: string, { json }: { json?: boolean }) =>
      withSession(context, async (app) => {
        const template = await showTemplate(app, context.actor, { appid, templateId });
        if (json) return context.out(JSON.stringify(template));
        const { title, of, content, fields, channel } = template;
        context.out(text(lang, 'templates.title', { title, type: text(lang, `template.${of}`) }));
        context.out(content.trimEnd());
        context.out('');
        for (const line of table(
          [
            ...[text(lang, 'head.key'), text(lang, 'head.label')],
            ...[text(lang, 'head.class'), text(lang, 'head.values')],
          ],
          fields.map((field) => [
            ...[field.key, field.label, field.class ?? '-'],
            field.enumValues?.join(' ') ?? '',
          ]),
        )) {
          context.out(line);
        }
        const push = ['npx', 'hongyan', 'push', '--account', appid, '--channel', channel];
        const data = fields.flatMap((field) => ['--data', `${field.key}='…'`]);
        context.out('');
        context.out([...push, '--template', templateId, ...data, '--to', 'all', '--dry-run'].join(' '));
      }),
    );
  return command;
}
