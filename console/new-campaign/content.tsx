import { type ReactNode, useDeferredValue } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import type { Account } from '../parts/account.tsx';
import { useRead } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { type Template, useFieldRule } from '../parts/message/field-rule.ts';
import { Section } from '../parts/page.tsx';
import { type Draft, messageOf, variablesIn, variablesOf, withFallback } from './draft.ts';
import css from './new-campaign.module.css';

/** Field by field: its rule before it is broken, its count as WeChat counts, and what is wrong now. */
export function Content({
  account,
  template,
  draft,
  isAsked,
  onChange,
}: {
  account: Account;
  template: Template;
  draft: Draft;
  /** Somebody wants to go on: what is empty is wrong from now on. */
  isAsked: boolean;
  onChange(change: Partial<Draft>): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const rule = useFieldRule();
  const looked = useDeferredValue(draft);
  const { appid } = account;
  const checked = useRead('POST /v1/accounts/{appid}/templates/{templateId}/preview', {
    params: { appid, templateId: template.templateId },
    body: { data: {}, ...messageOf(looked, template.channel), variables: variablesOf(looked, undefined) },
  });
  const upload = useRead(
    'GET /v1/audiences/{id}',
    { params: { id: draft.uploadId ?? 0 } },
    { isOn: draft.audience === 'upload' && draft.uploadId !== null },
  );
  const columns = draft.audience === 'upload' ? (upload.data?.columns ?? []) : [];
  const alike = template.fields.filter(
    ({ key, label }) =>
      (draft.values[key] ?? '') === '' && columns.some((name) => name === label || name === key),
  );
  const set = (key: string, value: string): void => onChange({ values: { ...draft.values, [key]: value } });
  const fillAlike = (): void => {
    const filled = alike.map(({ key, label }) => [key, `{{${columns.includes(label) ? label : key}}}`]);
    onChange({ values: { ...draft.values, ...Object.fromEntries(filled) } });
  };
  return (
    <Section
      title={say('content')}
      about={say('contentHint', { example: '{{name}}' })}
      actions={alike.length > 0 && <Button onPress={fillAlike}>{say('fillAlike')}</Button>}
    >
      {template.fields.map((field) => {
        const value = draft.values[field.key] ?? '';
        const problem = checked.data?.fields.find(({ key }) => key === field.key)?.problem;
        // A value with variables is checked person by person, in the plan.
        const isWrong = value !== '' && !value.includes('{{') && problem != null;
        const isMissing = isAsked && value.trim() === '';
        return (
          <div key={field.key} className={css.field}>
            <Field
              label={field.label}
              value={value}
              onChange={(text) => set(field.key, text)}
              hint={`${rule(field)} · ${say('chars', { n: [...value].length })}`}
              error={isMissing ? say('missing') : isWrong ? problem.message : undefined}
            />
            {columns.length > 0 && (
              <div className={css.variables}>
                {columns.map((name) => (
                  <Button
                    key={name}
                    kind="quiet"
                    aria-label={say('variable', { name })}
                    onPress={() => set(field.key, `${value}{{${name}}}`)}
                  >
                    {`{{${name}}}`}
                  </Button>
                ))}
              </div>
            )}
            {variablesIn(value).map(({ name, fallback }) => (
              <div key={name} className={css.fallback}>
                <Field
                  label={say('fallback', { name })}
                  value={fallback ?? ''}
                  onChange={(text) => set(field.key, withFallback(value, name, text))}
                  hint={fallback === null ? say('fallbackHint') : undefined}
                />
              </div>
            ))}
          </div>
        );
      })}
      <Field
        label={say('opens')}
        value={draft.opens}
        onChange={(opens) => onChange({ opens })}
        hint={say('opensHint')}
        mono
      />
    </Section>
  );
}
