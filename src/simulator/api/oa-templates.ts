import { industry, industryList } from '../templates/industries.ts';
import { oaLibrary } from '../templates/template-library.ts';
import { fail, okAnswer } from './answers.ts';
import { type Route, text } from './route.ts';

const monthMs = 30 * 86_400_000;
const maxTemplates = 25;

const oaRoute = { auth: 'token', kinds: ['service', 'sandbox'] } as const;

/** Management of template messages (模板消息). */
export const oaTemplateRoutes: Route[] = [
  {
    ...oaRoute,
    path: '/cgi-bin/template/api_set_industry',
    method: 'POST',
    body: 'json',
    handle: ({ account, body, nowMs }) => {
      const first = String(body.industry_id1);
      const second = String(body.industry_id2);
      if (!Object.hasOwn(industryList, first) || !Object.hasOwn(industryList, second)) return fail(40097);
      const { changedAtMs } = account.industry;
      if (changedAtMs !== 0 && nowMs - changedAtMs < monthMs) return fail(43100);
      account.industry = { first, second, changedAtMs: nowMs };
      return okAnswer;
    },
  },
  {
    ...oaRoute,
    path: '/cgi-bin/template/get_industry',
    method: 'GET',
    body: 'none',
    handle: ({ account }) =>
      JSON.stringify({
        primary_industry: industry(account.industry.first),
        secondary_industry: industry(account.industry.second),
      }),
  },
  {
    ...oaRoute,
    path: '/cgi-bin/template/api_add_template',
    method: 'POST',
    body: 'json',
    handle: ({ account, body }) => {
      const short = text(body.template_id_short) ?? '';
      const found = Object.hasOwn(oaLibrary, short) ? oaLibrary[short] : undefined;
      if (found === undefined) return fail(40037);
      const own = [...account.templates.values()].filter(({ family }) => family === 'oa');
      if (own.length >= maxTemplates) return fail(45026);
      let { fields } = found;
      if (/^\d+$/.test(short)) {
        // Category templates: the keywords are chosen, and their order is the order of the lines.
        const names = body.keyword_name_list;
        if (!Array.isArray(names) || names.length < 2 || names.length > 5) return fail(40246);
        const chosen = names.map((name) => found.fields.find(({ label }) => label === name));
        if (chosen.includes(undefined)) return fail(40246);
        fields = chosen.filter((field) => field !== undefined);
      }
      const name = `added ${short} ${fields.map(({ key }) => key).join(',')}`;
      const template = account.addTemplate(name, { ...found, fields });
      return `{"errcode":0,"errmsg":"ok","template_id":"${template.id}"}`;
    },
  },
  {
    ...oaRoute,
    path: '/cgi-bin/template/get_all_private_template',
    method: 'GET',
    body: 'none',
    handle: ({ account }) => {
      const list = [...account.templates.values()].filter(({ family }) => family === 'oa');
      return JSON.stringify({
        template_list: list.map(({ id, title, content, example, definition }) => ({
          template_id: id,
          title,
          primary_industry: definition.primaryIndustry ?? '',
          deputy_industry: definition.deputyIndustry ?? '',
          content,
          example,
        })),
      });
    },
  },
  {
    ...oaRoute,
    path: '/cgi-bin/template/del_private_template',
    method: 'POST',
    body: 'json',
    handle: ({ account, body }) => {
      const id = text(body.template_id) ?? '';
      if (account.templates.get(id)?.family !== 'oa') return fail(40037);
      account.templates.delete(id);
      return okAnswer;
    },
  },
];
