import { categoryList, subscribeLibrary } from '../templates/template-library.ts';
import type { Template } from '../templates/templates.ts';
import { fail } from './answers.ts';
import { queryValue, type Route, text } from './route.ts';

const maxTemplates = 25;
const maxScene = 15;

const newtmplRoute = {
  auth: 'token',
  kinds: ['miniprogram', 'service', 'official'],
  unverified: true,
} as const;

/** Management of subscribe messages (订阅消息) and subscription notifications (订阅通知). */
export const subscribeTemplateRoutes: Route[] = [
  {
    ...newtmplRoute,
    path: '/wxaapi/newtmpl/getcategory',
    method: 'GET',
    body: 'none',
    handle: () => JSON.stringify({ errcode: 0, errmsg: 'ok', data: categoryList }),
  },
  {
    ...newtmplRoute,
    path: '/wxaapi/newtmpl/getpubtemplatetitles',
    method: 'GET',
    body: 'none',
    handle: ({ query }) => {
      const ids = queryValue(query, 'ids');
      if (ids === undefined || ids === '') return fail(200018);
      const categories = ids.split(',');
      const known: string[] = categoryList.map(({ id }) => String(id));
      if (categories.some((id) => !known.includes(id))) return fail(200019);
      const start = Number(queryValue(query, 'start') ?? Number.NaN);
      if (!Number.isInteger(start) || start < 0) return fail(200016);
      const limit = Number(queryValue(query, 'limit') ?? Number.NaN);
      if (!Number.isInteger(limit) || limit < 1 || limit > 30) return fail(200017);
      const found = subscribeLibrary.filter(({ categoryId }) => categories.includes(categoryId));
      const data = found
        .slice(start, start + limit)
        .map(({ tid, title, type, categoryId }) => ({ tid, title, type, categoryId }));
      return JSON.stringify({ errcode: 0, errmsg: 'ok', count: found.length, data });
    },
  },
  {
    ...newtmplRoute,
    path: '/wxaapi/newtmpl/getpubtemplatekeywords',
    method: 'GET',
    body: 'none',
    handle: ({ query }) => {
      const found = subscribeLibrary.find(({ tid }) => String(tid) === queryValue(query, 'tid'));
      if (found === undefined) return fail(200014);
      const data = found.keywords.map(({ kid, name, example, rule }) => ({ kid, name, example, rule }));
      return JSON.stringify({ errcode: 0, errmsg: 'ok', count: data.length, data });
    },
  },
  {
    ...newtmplRoute,
    path: '/wxaapi/newtmpl/addtemplate',
    method: 'POST',
    body: 'json',
    handle: ({ account, body }) => {
      const title = subscribeLibrary.find(({ tid }) => String(tid) === String(body.tid));
      if (title === undefined) return fail(200014);
      const kids = body.kidList;
      if (!Array.isArray(kids) || kids.length < 2 || kids.length > 5) return fail(200020);
      const chosen = kids.map((kid) => title.keywords.find((keyword) => keyword.kid === kid));
      const keywords = chosen.filter((keyword) => keyword !== undefined);
      if (keywords.length < kids.length || new Set(kids).size < kids.length) return fail(200020);
      const scene = text(body.sceneDesc) ?? '';
      if (scene === '' || [...scene].length > maxScene) return fail(200021);
      const own = [...account.templates.values()].filter(({ family }) => family === 'subscribe');
      if (own.length >= maxTemplates) return fail(200012);
      const fields = keywords.map(({ kid, name, example, rule, values }) => ({
        label: name,
        key: `${rule}${kid}`,
        example,
        ...(values === undefined ? {} : { values }),
      }));
      const sameKeys = (template: Template): boolean =>
        template.title === title.title &&
        template.definition.fields
          .map(({ key }) => key)
          .sort()
          .join() ===
          fields
            .map(({ key }) => key)
            .sort()
            .join();
      if (own.some(sameKeys)) return fail(200022);
      const name = `added ${title.tid} ${kids.join(',')}`;
      const template = account.addTemplate(name, {
        family: 'subscribe',
        title: title.title,
        type: title.type,
        fields,
      });
      return `{"errmsg":"ok","errcode":0,"priTmplId":"${template.id}"}`;
    },
  },
  {
    ...newtmplRoute,
    path: '/wxaapi/newtmpl/gettemplate',
    method: 'GET',
    body: 'none',
    handle: ({ account }) => {
      const own = [...account.templates.values()].filter(({ family }) => family === 'subscribe');
      return JSON.stringify({ errcode: 0, errmsg: 'ok', data: own.map(listed) });
    },
  },
  {
    ...newtmplRoute,
    path: '/wxaapi/newtmpl/deltemplate',
    method: 'POST',
    body: 'json',
    handle: ({ account, body }) => {
      const id = text(body.priTmplId) ?? '';
      if (account.templates.get(id)?.family !== 'subscribe') return fail(40037);
      account.templates.delete(id);
      return '{"errmsg":"ok","errcode":0}';
    },
  },
];

function listed({ id, title, content, example, type, definition }: Template): object {
  const enums = definition.fields
    .filter(({ values }) => values !== undefined)
    .map(({ key, values }) => ({ enumValueList: values, keywordCode: `${key}.DATA` }));
  return {
    priTmplId: id,
    title,
    content,
    example,
    ...(enums.length === 0 ? {} : { keywordEnumValueList: enums }),
    type,
  };
}
