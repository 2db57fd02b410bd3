import { type ReactNode, useDeferredValue, useRef } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { type Account, accountName } from '../parts/account.tsx';
import { type AnswerOf, useRead } from '../parts/api.ts';
import { IconButton } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { sampleOf, type Template } from '../parts/message/field-rule.ts';
import { PhoneCard } from '../parts/message/phone-card.tsx';
import { Loading, Notice } from '../parts/notice.tsx';
import type { Person } from './audience-rows.ts';
import { type Draft, messageOf, variablesOf } from './draft.ts';
import css from './new-campaign.module.css';

type Card = AnswerOf<'POST /v1/accounts/{appid}/templates/{templateId}/preview'>['card'];

/** The message as one person of the audience reads it; with WeChat's sample values while nothing is written. */
export function Preview({
  account,
  template,
  draft,
  channel,
  people,
  at,
  onAt,
}: {
  account: Account;
  template: Template | undefined;
  draft: Draft;
  channel: string;
  /** The first ones of the audience, one of whom is looked at. */
  people: readonly Person[];
  at: number;
  onAt(at: number): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const looked = useDeferredValue(draft);
  const person = people[at];
  const preview = useRead(
    'POST /v1/accounts/{appid}/templates/{templateId}/preview',
    {
      params: { appid: account.appid, templateId: looked.templateId },
      body: { data: {}, ...messageOf(looked, channel), variables: variablesOf(looked, person?.values) },
    },
    { isOn: looked.templateId !== '' && channel !== '' },
  );
  // The next key asks again: what was shown stays until that is answered.
  const last = useRef<{ templateId: string; card: Card } | null>(null);
  if (preview.data !== undefined) last.current = { templateId: looked.templateId, card: preview.data.card };
  const card = last.current?.templateId === looked.templateId ? last.current.card : undefined;
  const isSample = template?.fields.every(({ key }) => (draft.values[key] ?? '').trim() === '');
  const samples = template?.example.split('\n') ?? [];
  return (
    <aside className={css.phone} aria-label={say('preview')}>
      <div className={css.head}>
        <h2>{say('preview')}</h2>
        {people.length > 1 && isSample === false && (
          <span>
            <IconButton
              icon="chevronLeft"
              label={say('previous')}
              isDisabled={at === 0}
              onPress={() => onAt(at - 1)}
            />
            <IconButton
              icon="chevronRight"
              label={say('nextPerson')}
              isDisabled={at + 1 >= people.length}
              onPress={() => onAt(at + 1)}
            />
          </span>
        )}
      </div>
      <Failure error={preview.error} />
      {template === undefined ? (
        <Notice>{say('previewWait')}</Notice>
      ) : isSample ? (
        <>
          <p className={css.small}>{say('previewSample')}</p>
          <PhoneCard
            source={accountName(account)}
            card={{
              title: template.title,
              lines: template.fields.map(({ label }, index) => ({
                label,
                value: sampleOf(samples[index] ?? ''),
              })),
              opens: null,
            }}
          />
        </>
      ) : card === undefined ? (
        preview.error === null && <Loading rows={4} />
      ) : (
        <>
          {person !== undefined && (
            <p className={css.small} aria-live="polite">
              {say('person', { n: at + 1, of: people.length, openid: `…${person.openid.slice(-6)}` })}
            </p>
          )}
          <PhoneCard source={accountName(account)} card={card} />
        </>
      )}
    </aside>
  );
}
