import { type ReactNode, useDeferredValue } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import type { Account } from '../parts/account.tsx';
import { useRead } from '../parts/api.ts';
import { UploadList } from '../parts/audience/upload-list.tsx';
import { Button } from '../parts/button.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { type Template, useFieldRule } from '../parts/message/field-rule.ts';
import { Section } from '../parts/page.tsx';
import type { Person } from './audience-rows.ts';
import { type Draft, messageOf, variablesOf } from './draft.ts';
import css from './new-campaign.module.css';
import { Variables } from './variables.tsx';

interface Wrong {
  key: string;
  message: string;
}

/** Fields that WeChat would refuse as they are, by the server's word. A value with variables is checked person by person, in the plan. */
export function useWrongFields({ appid }: Account, template: Template | undefined, draft: Draft): Wrong[] {
  const looked = useDeferredValue(draft);
  const checked = useRead(
    'POST /v1/accounts/{appid}/templates/{templateId}/preview',
    {
      params: { appid, templateId: template?.templateId ?? '' },
      body: {
        ...{ data: {}, variables: variablesOf(looked, undefined) },
        ...messageOf(looked, template?.channel ?? ''),
      },
    },
    { isOn: template !== undefined },
  );
  return (checked.data?.fields ?? []).flatMap(({ key, problem }) => {
    const value = draft.values[key] ?? '';
    if (problem === null || value === '' || value.includes('{{')) return [];
    return [{ key, message: problem.message }];
  });
}

/** Field by field: its rule before it is broken, its count as WeChat counts, and what is wrong now. */
export function ContentStep({
  account,
  template,
  draft,
  isAsked,
  wrong,
  columns,
  person,
  onChange,
}: {
  account: Account;
  template: Template;
  draft: Draft;
  /** Somebody wants to go on: what is empty is wrong from now on. */
  isAsked: boolean;
  wrong: readonly Wrong[];
  columns: readonly string[] | null;
  person: Person | undefined;
  onChange(change: Partial<Draft>): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const rule = useFieldRule();
  const names = columns ?? [];
  const alike = template.fields.filter(
    ({ key, label }) =>
      (draft.values[key] ?? '') === '' && names.some((name) => name === label || name === key),
  );
  const set = (key: string, value: string): void => onChange({ values: { ...draft.values, [key]: value } });
  const fillAlike = (): void => {
    const filled = alike.map(({ key, label }) => [key, `{{${names.includes(label) ? label : key}}}`]);
    onChange({ values: { ...draft.values, ...Object.fromEntries(filled) } });
  };
  return (
    <>
      <Section
        title={template.title}
        actions={alike.length > 0 && <Button onPress={fillAlike}>{say('fillAlike')}</Button>}
      >
        {template.fields.map((field) => {
          const value = draft.values[field.key] ?? '';
          const isMissing = isAsked && value.trim() === '';
          return (
            <div key={field.key} className={css.field}>
              <Field
                label={field.label}
                value={value}
                onChange={(text) => set(field.key, text)}
                hint={`${rule(field)} · ${say('chars', { n: [...value].length })}`}
                error={isMissing ? say('fillIn') : wrong.find(({ key }) => key === field.key)?.message}
              />
              {names.length > 0 && (
                <div className={css.variables}>
                  {names.map((name) => (
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
      <Section title={say('perPerson')} about={say('perPersonAbout')}>
        <UploadList
          appid={account.appid}
          id={draft.audience === 'upload' ? draft.uploadId : null}
          onRead={({ id: uploadId }) => onChange({ audience: 'upload', uploadId })}
        />
      </Section>
      <Variables draft={draft} columns={columns} person={person} onChange={onChange} />
    </>
  );
}
