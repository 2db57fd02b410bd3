import { failure } from '../../base/errors.ts';
import type { Template } from '../../store/accounts/templates.ts';
import { fieldWords } from '../../texts/field-words.ts';
import { type Bilingual, checkField, warnField } from '../../wechat/fields/fields.ts';
import { wireData } from '../../wechat/fields/template-data.ts';
import { type Card, cardOf } from './card.ts';
import { fieldContexts, isOptional } from './check-message.ts';
import { compileText } from './variables.ts';

/** What is known of one field before anybody is sent to. */
export interface FieldVerdict {
  key: string;
  label: string;
  class: string | null;
  /** Rendered; null where the message has none. */
  value: string | null;
  /** Why WeChat would refuse it. `missing`: no value; `unknown`: the template has no such field. */
  problem: { rule: string; message: Bilingual; length: number | null; maxLength: number | null } | null;
  /** What WeChat takes and may show otherwise. */
  warning: Bilingual | null;
}

export interface TemplatePreview {
  card: Card;
  fields: FieldVerdict[];
  /** Whether WeChat would take every field, as far as its rules are known. */
  ok: boolean;
}

/**
 * A message of a template as whoever gets it reads it, and each of its fields checked.
 *
 * @param body the wire body or a part of it: `data`, `url`, `miniprogram`, `page`
 * @param variables for `{{name}}` in its texts
 *
 * Throws `MESSAGE_INVALID`, `TEMPLATE_VARIABLE_INVALID`, `TEMPLATE_VARIABLE_MISSING`.
 */
export function previewTemplate(
  template: Template,
  body: Readonly<Record<string, unknown>>,
  variables: Readonly<Record<string, string>>,
): TemplatePreview {
  const values = new Map<string, string>();
  for (const [key, { value }] of Object.entries(wireData(body.data ?? {})))
    values.set(key, compileText(value).render(variables));
  const fields = template.fields.map((field) => verdict(template, field, values.get(field.key) ?? null));
  for (const [key, value] of values) {
    if (template.fields.some((field) => field.key === key)) continue;
    const problem = { rule: 'unknown', message: fieldWords.unknown(key), length: null, maxLength: null };
    fields.push({ key, label: '', class: null, value, problem, warning: null });
  }
  const data = Object.fromEntries([...values].map(([key, value]) => [key, { value }]));
  const rendered = renderTexts({ ...body, data: undefined }, variables);
  return {
    card: cardOf(JSON.stringify({ ...rendered, data }), template),
    fields,
    ok: fields.every(({ problem }) => problem === null),
  };
}

function verdict(template: Template, field: Template['fields'][number], value: string | null): FieldVerdict {
  const { key, label } = field;
  const base = { key, label, class: field.class, value };
  if (value === null) {
    if (template.kind === 'free' && isOptional(key)) return { ...base, problem: null, warning: null };
    const message = fieldWords.missing(key);
    return { ...base, problem: { rule: 'missing', message, length: null, maxLength: null }, warning: null };
  }
  const context = fieldContexts(template).get(key);
  const found = template.kind === 'free' ? null : checkField(key, value, context);
  return {
    ...base,
    problem:
      found === null
        ? null
        : {
            ...{ rule: found.rule, message: found.message },
            ...{ length: found.length ?? null, maxLength: found.maxLength ?? null },
          },
    warning: warnField(key, value, context)?.message ?? null,
  };
}

/** Texts outside `data`: where it leads to. */
function renderTexts(
  body: Readonly<Record<string, unknown>>,
  variables: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const render = (value: unknown): unknown => {
    if (typeof value === 'string') return compileText(value, { escape: 'uri' }).render(variables);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, render(one)]));
  };
  const rendered = render(body);
  if (typeof rendered !== 'object' || rendered === null)
    throw failure('MESSAGE_INVALID/data-shape', { kind: '' });
  return { ...rendered };
}
