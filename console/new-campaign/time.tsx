import type { ReactNode } from 'react';
import { Link } from 'react-aria-components';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import type { Account } from '../parts/account.tsx';
import { Checkbox, Choice, Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Notice } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { useZone } from '../parts/time.tsx';
import { type Draft, isRate } from './draft.ts';
import css from './new-campaign.module.css';

/** When it begins and until when it may, with the hours in which nothing is sent. */
export function TimeOf({
  account: { quietHours, ratePerS },
  draft,
  onChange,
}: {
  account: Account;
  draft: Draft;
  onChange(change: Partial<Draft>): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const zone = useZone();
  return (
    <Section title={say('time')}>
      <Choice
        label={say('when')}
        value={draft.when}
        onChange={(when) => onChange({ when })}
        options={(['now', 'later'] as const).map((id) => ({ id, name: say(`when.${id}`) }))}
        hint={<Link href="/schedules">{say('repeats')}</Link>}
      />
      <div className={css.fields}>
        {draft.when === 'later' && (
          <Field
            label={say('startAt')}
            type="datetime-local"
            value={draft.startAt}
            onChange={(startAt) => onChange({ startAt })}
            hint={zone}
          />
        )}
        <Field
          label={say('validUntil')}
          type="datetime-local"
          value={draft.validUntil}
          onChange={(validUntil) => onChange({ validUntil })}
          hint={`${say('validHint')} ${zone}`}
        />
        <Field
          label={say('rate')}
          value={draft.rate}
          onChange={(rate) => onChange({ rate })}
          hint={say('rateHint', { rate: ratePerS })}
          error={draft.rate.trim() === '' || isRate(draft.rate) ? undefined : say('rateInvalid')}
          inputMode="numeric"
        />
      </div>
      {quietHours !== null && <Notice>{say('quiet', { ...quietHours, zone })}</Notice>}
      <Checkbox isSelected={draft.again} onChange={(again) => onChange({ again })}>
        {say('again')}
      </Checkbox>
    </Section>
  );
}
