import { failure } from '../../base/errors.ts';
import type { Template } from '../../store/accounts/templates.ts';
import type { OnInvalid } from '../../store/campaigns/campaigns.ts';
import {
  checkField,
  type FieldContext,
  type FieldProblem,
  type FieldWarning,
  truncateField,
  warnField,
} from '../../wechat/fields/fields.ts';
import { dataTexts, type MessageBody } from './compiled-message.ts';
import { compileText } from './variables.ts';

/** Checks the rendered data of one recipient: null when WeChat will take it, as far as its rules are known. */
export type DataCheck = (data: [key: string, value: string][]) => FieldProblem | null;

/**
 * Compares the message's keys with the template's fields.
 * Throws `DATA_KEY_MISSING`, `DATA_KEY_UNKNOWN`.
 */
export function checkKeys(body: MessageBody, template: Template): void {
  const given = dataTexts(body).map(([key]) => key);
  const wanted = template.fields.map((field) => field.key);
  const fields = template.fields.map(
    (field) => `${field.key}${field.label === '' ? '' : ` (${field.label})`}`,
  );
  const missing = wanted.filter(
    (key) => !given.includes(key) && !(template.kind === 'free' && isOptional(key)),
  );
  if (missing.length > 0) {
    throw failure('DATA_KEY_MISSING', { missing, title: template.title, fields }, { details: { missing } });
  }
  const unknown = given.filter((key) => !wanted.includes(key));
  if (unknown.length > 0) {
    throw failure('DATA_KEY_UNKNOWN', { unknown, title: template.title, fields }, { details: { unknown } });
  }
}

/** WeChat removed these two lines from all old templates on 2023-05-04; messages need not carry them. */
export function isOptional(key: string): boolean {
  return key === 'first' || key === 'remark';
}

/** The check that finds nothing: of free templates, which have no rules that refuse, and of unknown ones. */
export const noCheck: DataCheck = () => null;

/** The check of one recipient's data against the template's field classes. */
export function dataCheck(template: Template | null): DataCheck {
  if (template === null || template.kind === 'free') return noCheck;
  const contexts = fieldContexts(template);
  return (data) => {
    for (const [key, value] of data) {
      const problem = checkField(key, value, contexts.get(key));
      if (problem !== null) return problem;
    }
    return null;
  };
}

/**
 * Checks the fields without variables once, before anything is planned: one that breaks its rule is refused for
 * everybody. Throws `FIELD_INVALID`, unless `onInvalid` is `truncate` and the field is a `thing`.
 */
export function checkCommonFields(
  body: MessageBody,
  template: Template | null,
  onInvalid: OnInvalid,
): FieldWarning[] {
  if (template === null) return [];
  const contexts = fieldContexts(template);
  const warnings: FieldWarning[] = [];
  for (const [key, text] of dataTexts(body)) {
    if (compileText(text).names.length > 0) continue;
    const value = compileText(text).render({});
    const warning = warnField(key, value, contexts.get(key));
    if (warning !== null) warnings.push(warning);
    if (template.kind === 'free') continue;
    const problem = checkField(key, value, contexts.get(key));
    if (
      problem === null ||
      (onInvalid === 'truncate' && problem.rule === 'too-long' && truncateField(key, value) !== null)
    )
      continue;
    const { rule, length, maxLength } = problem;
    throw failure(
      'FIELD_INVALID',
      { problem: problem.message },
      { details: { key, rule, length, maxLength } },
    );
  }
  return warnings;
}

export function fieldContexts(template: Template): Map<string, FieldContext> {
  return new Map(
    template.fields.map((field) => [
      field.key,
      {
        family: template.family === 'template' ? 'oa' : 'mp',
        ...(field.enumValues === undefined ? {} : { enumValues: field.enumValues }),
      },
    ]),
  );
}
