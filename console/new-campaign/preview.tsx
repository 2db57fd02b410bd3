import { type ReactNode, useDeferredValue } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { type Account, accountName } from '../parts/account.tsx';
import { useRead } from '../parts/api.ts';
import { IconButton } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { PhoneCard } from '../parts/message/phone-card.tsx';
import { Notice } from '../parts/notice.tsx';
import { type Draft, messageOf, variablesOf } from './draft.ts';
import css from './new-campaign.module.css';

/** The message as one person of the audience reads it. */
export function Preview({
  account,
  draft,
  channel,
  rows,
  at,
  onAt,
}: {
  account: Account;
  draft: Draft;
  channel: string;
  /** The first rows of the audience, one of which is looked at. */
  rows: readonly { values: Record<string, string> }[];
  at: number;
  onAt(at: number): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const looked = useDeferredValue(draft);
  const row = rows[at];
  const preview = useRead(
    'POST /v1/accounts/{appid}/templates/{templateId}/preview',
    {
      params: { appid: account.appid, templateId: looked.templateId },
      body: { data: {}, ...messageOf(looked, channel), variables: variablesOf(looked, row?.values) },
    },
    { isOn: looked.templateId !== '' && channel !== '' },
  );
  return (
    <aside className={css.phone}>
      <div className={css.head}>
        <h2>{say('preview')}</h2>
        {rows.length > 1 && (
          <span>
            <IconButton
              icon="chevronLeft"
              label={say('previous')}
              isDisabled={at === 0}
              onPress={() => onAt(at - 1)}
            />
            <IconButton
              icon="chevronRight"
              label={say('next')}
              isDisabled={at + 1 >= rows.length}
              onPress={() => onAt(at + 1)}
            />
          </span>
        )}
      </div>
      <Failure error={preview.error} />
      {preview.data === undefined ? (
        <Notice>{say('previewWait')}</Notice>
      ) : (
        <PhoneCard source={accountName(account)} card={preview.data.card} />
      )}
    </aside>
  );
}
