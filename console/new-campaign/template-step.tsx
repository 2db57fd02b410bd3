import { type ReactNode, useState } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { Choice, SearchField } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import type { Template } from '../parts/message/field-rule.ts';
import { Empty } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import type { Draft } from './draft.ts';
import css from './new-campaign.module.css';

/** More than so many are looked for by name. */
const fewTemplates = 8;

export function TemplateStep({
  templates,
  draft: { templateId, values },
  onChange,
}: {
  templates: readonly Template[];
  draft: Draft;
  onChange(change: Partial<Draft>): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const found = templates.filter((one) =>
    [one.title, one.templateId].some((name) => name.toLowerCase().includes(wanted)),
  );
  /** Fields of the same name and rule keep what was typed for them. */
  const choose = (id: string): void => {
    const before = templates.find((one) => one.templateId === templateId)?.fields ?? [];
    const after = templates.find((one) => one.templateId === id)?.fields ?? [];
    const kept = after.filter(({ key, label }) =>
      before.some((one) => one.key === key && one.label === label),
    );
    onChange({
      templateId: id,
      values: Object.fromEntries(kept.map(({ key }) => [key, values[key] ?? ''])),
    });
  };
  return (
    <Section>
      {templates.length > fewTemplates && (
        <div className={css.find}>
          <SearchField
            label={say('findTemplate')}
            value={text}
            onChange={setText}
            onClear={() => setText('')}
          />
        </div>
      )}
      {found.length === 0 ? (
        <Empty title={say('noSuchTemplate')} />
      ) : (
        <Choice<string>
          label={say('template')}
          isLabelHidden
          value={templateId}
          onChange={choose}
          options={found.map((one) => ({
            id: one.templateId,
            name: one.title,
            about: one.fields.map(({ label }) => label).join(say('comma')),
          }))}
        />
      )}
    </Section>
  );
}
