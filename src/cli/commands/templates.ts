import { Command } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { syncTemplates } from '../../engine/content/templates.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { findTemplate, listTemplates } from '../../store/accounts/templates.ts';
import { text } from '../../texts/ui.ts';
import { explainTemplateId } from '../../wechat/fields/template-content.ts';
import type { CliContext } from '../context.ts';
import { withSession } from '../open.ts';
import { table } from '../output/table.ts';

export function templatesCommand(context: CliContext): Command {
  const command = new Command('templates').description('the message templates of an account');

  command
    .command('sync')
    .description('fetch the templates from WeChat (a few calls a day are allowed)')
    .argument('<appid>')
    .addHelpText('after', '\nExample:\n  $ hongyan templates sync wx0123456789abcdef')
    .action((appid: string) =>
      withSession(context, async (session) => {
        const result = await syncTemplates(session, appid);
        for (const one of result.refused) context.err(text(context.lang, 'templates.refused', one));
        context.out(text(context.lang, 'templates.synced', { stored: result.stored, gone: result.gone }));
      }),
    );

  command
    .command('list')
    .description('the stored templates')
    .argument('<appid>')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan templates list wx0123456789abcdef')
    .action((appid: string, options: { json?: boolean }) =>
      withSession(context, async ({ store }) => {
        await getAccount(store.pool, appid);
        const templates = await listTemplates(store.pool, appid);
        if (options.json) return context.out(JSON.stringify(templates));
        if (templates.length === 0) return context.out(text(context.lang, 'templates.none', { appid }));
        for (const line of table(
          ['template_id', 'title', 'type', 'fields'],
          templates.map((one) => [
            one.templateId,
            one.title,
            typeOf(one),
            one.goneAt === null ? one.fields.map((field) => field.key).join(' ') : 'gone',
          ]),
        )) {
          context.out(line);
        }
      }),
    );

  command
    .command('show')
    .description('one template: its text, its fields and a command that sends it')
    .argument('<appid>')
    .argument('<template_id>')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan templates show wx0123456789abcdef TEMPLATE_ID')
    .action((appid: string, templateId: string, options: { json?: boolean }) =>
      withSession(context, async ({ store }) => {
        const account = await getAccount(store.pool, appid);
        const template = await findTemplate(store.pool, appid, templateId);
        if (template === null) {
          const problem = explainTemplateId(templateId);
          throw new HongyanError(
            'TEMPLATE_NOT_FOUND',
            problem?.message[context.lang] ??
              `the template ${templateId} is not stored; fetch the list with: hongyan templates sync ${appid}`,
          );
        }
        if (options.json) return context.out(JSON.stringify(template));
        context.out(`${template.title}  (${typeOf(template)})`);
        context.out(template.content.trimEnd());
        context.out('');
        for (const line of table(
          ['key', 'label', 'class', 'values'],
          template.fields.map((field) => [
            field.key,
            field.label,
            field.class ?? '-',
            field.enumValues?.join(' ') ?? '',
          ]),
        )) {
          context.out(line);
        }
        const data = template.fields.map((field) => `--data ${field.key}='…'`).join(' ');
        const subscribe = account.kind === 'miniprogram' ? 'mp-subscribe' : 'oa-subscribe';
        const channel = template.family === 'template' ? 'oa-template' : subscribe;
        context.out(
          `\nnpx hongyan push --account ${appid} --channel ${channel} --template ${template.templateId} ${data} --to all --dry-run`,
        );
      }),
    );
  return command;
}

function typeOf(template: { family: string; kind: string; type: number | null }): string {
  if (template.family === 'template') return template.kind === 'typed' ? 'category' : 'industry';
  return template.type === 3 ? 'long-term' : 'one-time';
}
