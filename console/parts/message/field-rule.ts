import { templatesWords } from '../../../src/texts/console/templates.ts';
import type { AnswerOf } from '../api.ts';
import { useWords } from '../language.tsx';

export type Template = AnswerOf<'GET /v1/accounts/{appid}/templates'>['data'][number];

/** A field's rule in words, said before it is broken. */
export function useFieldRule(): (field: Template['fields'][number]) => string {
  const say = useWords(templatesWords);
  return ({ values, form, maxLength }) =>
    [
      values === null ? null : say('oneOf', { values }),
      form,
      maxLength === null ? null : say('most', { n: maxLength }),
    ]
      .filter((one) => one !== null)
      .join(' · ') || say('anyText');
}

/** A line of a template's example: `商品名称:毛笔` → 毛笔. */
export function sampleOf(line: string): string {
  return line.replace(/^[^:：]*[:：]/, '');
}
