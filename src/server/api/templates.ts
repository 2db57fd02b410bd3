import {
  listTemplates,
  previewTemplate,
  showTemplate,
  syncTemplates,
  type TemplateView,
} from '../../app/accounts/templates.ts';
import type { templatesRoutes } from '../../contract/templates.ts';
import type { Lang } from '../../texts/catalogue.ts';
import { fieldRules } from '../../wechat/fields/rules.ts';
import { type Handlers, via } from '../register.ts';

export const templatesHandlers: Handlers<typeof templatesRoutes> = {
  'GET /v1/accounts/{appid}/templates': via(
    listTemplates,
    ({ params }) => params,
    ({ data }, { lang }) => ({ data: data.map((one) => answerOf(one, lang)) }),
  ),
  'POST /v1/accounts/{appid}/templates/sync': via(
    syncTemplates,
    ({ params }) => params,
    ({ stored, gone, refused }) => ({ stored, gone, refused }),
  ),
  'GET /v1/accounts/{appid}/templates/{templateId}': via(
    showTemplate,
    ({ params }) => params,
    (template, { lang }) => answerOf(template, lang),
  ),
  'POST /v1/accounts/{appid}/templates/{templateId}/preview': via(
    previewTemplate,
    ({ params, body: { variables, ...body } }) => ({ ...params, body, variables }),
    ({ card, fields, ok }, { lang }) => ({
      ...{ ok, card },
      fields: fields.map(({ problem, warning, ...field }) => ({
        ...field,
        problem: problem === null ? null : { ...problem, message: problem.message[lang] },
        warning: warning?.[lang] ?? null,
      })),
    }),
  ),
};

function answerOf(template: TemplateView, lang: Lang) {
  const { templateId, family, title, content, example, kind, of, channel, fields } = template;
  return {
    ...{ templateId, title, content, example, kind, of, channel },
    fields: fields.map(({ key, label, class: type, enumValues }) => {
      const rule = ruleOf(type);
      return {
        ...{ key, label, class: type, values: enumValues ?? null },
        form: rule?.form[lang] ?? null,
        maxLength: rule?.maxLength('', family === 'template' ? 'oa' : 'mp') ?? null,
      };
    }),
    syncedAt: template.syncedAt.toISOString(),
    goneAt: template.goneAt?.toISOString() ?? null,
  };
}

function ruleOf(type: string | null) {
  return Object.entries(fieldRules).find(([name]) => name === type)?.[1];
}
