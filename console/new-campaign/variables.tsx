import type { ReactNode } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Notice } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { Select } from '../parts/select.tsx';
import type { Person } from './audience-rows.ts';
import { type Draft, variablesOfAll, withColumn, withFallback, withTexts } from './draft.ts';
import css from './new-campaign.module.css';

/** Each variable of the content: from which column it is taken, what it is for the person who is looked at, and what stands for an empty one. */
export function Variables({
  draft,
  columns,
  person,
  onChange,
}: {
  draft: Draft;
  /** Null while they are read. */
  columns: readonly string[] | null;
  person: Person | undefined;
  onChange(change: Partial<Draft>): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const used = variablesOfAll(draft).filter(({ name }) => name !== 'openid');
  if (used.length === 0) return null;
  if (columns !== null && columns.length === 0) {
    return (
      <Section title={say('variables')}>
        <Notice tone="warn">
          {say('noColumns', { names: used.map(({ name }) => name).join(say('comma')) })}
        </Notice>
      </Section>
    );
  }
  const change = (how: (text: string) => string): void => onChange(withTexts(draft, how));
  return (
    <Section title={say('variables')} about={say('variablesAbout')}>
      {used.map(({ name, fallback }, index) => {
        const isKnown = columns === null || columns.includes(name);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: with another column a variable has another name, and is the same row
          <div key={index} className={css.mapped}>
            <Select<string>
              label={say('columnOf', { name })}
              value={isKnown ? name : ''}
              placeholder={say('chooseColumn')}
              onChange={(column) => change((text) => withColumn(text, name, column))}
              options={(isKnown && columns === null ? [name] : (columns ?? [])).map((id) => ({
                id,
                name: id,
              }))}
              error={isKnown ? undefined : say('chooseColumn')}
            />
            <div className={css.sample}>
              <span>{say('sample')}</span>
              <code>{person?.values[name] || '–'}</code>
            </div>
            <Field
              label={say('fallback', { name })}
              value={fallback ?? ''}
              onChange={(text) => change((whole) => withFallback(whole, name, text))}
              hint={fallback === null ? say('fallbackHint') : undefined}
            />
          </div>
        );
      })}
    </Section>
  );
}
