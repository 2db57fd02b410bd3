import { folded, heading, htmlPage, links, paragraph, tableOfCodes } from '../base/html-page.ts';
import { isBytes, type Route, splitKey } from '../contract/route.ts';
import { routes } from '../contract/routes.ts';
import { apiWords } from '../texts/api.ts';
import { type ErrorEntry, type Lang, together } from '../texts/catalogue.ts';
import { errorSections } from '../texts/errors.ts';
import { openApi } from './openapi.ts';

/** Every route, with its parameters, shapes and answers. */
export function routesPage(version: string, lang: Lang): string {
  const api = openApi(version, lang);
  const parts = Object.entries<Route>(routes).flatMap(([key, row]) => {
    const { method, path } = splitKey(key);
    const of = at(at(at(api, 'paths'), path), method.toLowerCase());
    return [
      heading(`\`${key}\``, row.name),
      paragraph(together(row.summary[lang], whoMay(row, lang))),
      folded(apiWords.parameters[lang], at(of, 'parameters')),
      isBytes(row.body) ? '' : folded(apiWords.body[lang], at(at(of, 'requestBody'), 'content')),
      folded(apiWords.answers[lang], at(of, 'responses')),
    ];
  });
  return htmlPage(langTag(lang), apiWords.title[lang], [
    links([
      ['/v1/openapi.json', 'openapi.json'],
      ['/docs/errors', apiWords.errors[lang]],
    ]),
    paragraph(apiWords.about[lang]),
    ...parts,
    heading(apiWords.shapes[lang]),
    folded(apiWords.shapes[lang], at(at(api, 'components'), 'schemas')),
  ]);
}

/** Every code, with an anchor: what `type` of a problem points at. */
export function errorsPage(lang: Lang): string {
  const head = [apiWords.code[lang], apiWords.what[lang], apiWords.remedy[lang]];
  const parts = errorSections.flatMap(([title, table]) => [
    heading(title),
    tableOfCodes(
      head,
      Object.entries<ErrorEntry>(table).map(([code, { about, remedy }]) => [code, about[lang], remedy[lang]]),
    ),
  ]);
  return htmlPage(langTag(lang), apiWords.errors[lang], parts);
}

function whoMay({ permission }: Route, lang: Lang): string {
  if (permission === 'public') return apiWords.anybody[lang];
  return permission === 'known' ? apiWords.known[lang] : `${apiWords.permission[lang]} \`${permission}\``;
}

function langTag(lang: Lang): string {
  return lang === 'zh' ? 'zh-CN' : 'en';
}

function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
