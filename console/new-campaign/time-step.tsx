import { type ReactNode, useState } from 'react';
import { together } from '../../src/texts/catalogue.ts';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import type { Account } from '../parts/account.tsx';
import { MomentField } from '../parts/date/date-field.tsx';
import { Checkbox, Choice, Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Notice } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { isQuiet } from '../parts/schedule/quiet.ts';
import { cronOf, type When, whenOf } from '../parts/schedule/when.ts';
import { WhenFields } from '../parts/schedule/when-fields.tsx';
import { useMay } from '../parts/session.ts';
import { formatTime, useZone } from '../parts/time.tsx';
import { type Draft, isRate, lastingAudience } from './draft.ts';
import css from './new-campaign.module.css';
import { minutesOf, repeatsVariables } from './steps.ts';

const firstCron = '0 9 * * *';

/** When it begins and until when it may, or how often; with the hours in which nothing is sent. */
export function TimeStep({
  account,
  draft,
  onChange,
}: {
  account: Account;
  draft: Draft;
  onChange(change: Partial<Draft>): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const sayPart = useWords(partsWords);
  const may = useMay();
  const zone = useZone();
  const { quietHours, ratePerS } = account;
  const canRepeat = lastingAudience(draft) && !repeatsVariables(draft);
  const choose = (when: Draft['when']): void =>
    onChange({ when, ...(when === 'cron' && draft.cron === '' ? { cron: firstCron } : {}) });
  const begins =
    draft.when === 'later' ? draft.startAt.slice(11, 16) : formatTime(new Date(), zone, 'minute').slice(11);
  const waits = quietHours !== null && begins !== '' && isQuiet(begins, quietHours);
  return (
    <Section>
      <Choice
        label={say('when')}
        isLabelHidden
        value={draft.when}
        onChange={choose}
        options={[
          { id: 'now', name: say('when.now') },
          { id: 'later', name: say('when.later') },
          ...(may('campaign.send')
            ? [
                {
                  id: 'cron' as const,
                  name: say('when.cron'),
                  about: say(canRepeat ? 'when.cronAbout' : 'missing.repeat'),
                  isDisabled: !canRepeat && draft.when !== 'cron',
                },
              ]
            : []),
        ]}
      />
      {draft.when === 'cron' ? (
        <Repeats account={account} draft={draft} onChange={onChange} />
      ) : (
        <>
          <div className={css.fields}>
            {draft.when === 'later' && (
              <MomentField
                label={say('startAt')}
                value={draft.startAt}
                onChange={(startAt) => onChange({ startAt })}
                hint={sayPart('zone', { zone })}
              />
            )}
            <MomentField
              label={say('validUntil')}
              value={draft.validUntil}
              onChange={(validUntil) => onChange({ validUntil })}
              hint={together(say('validHint'), sayPart('zone', { zone }))}
            />
          </div>
          {quietHours !== null && (
            <Notice tone={waits ? 'warn' : 'info'}>{say(waits ? 'quietStart' : 'quiet', quietHours)}</Notice>
          )}
        </>
      )}
      <Field
        label={say('rate')}
        value={draft.rate}
        onChange={(rate) => onChange({ rate })}
        hint={say('rateHint', { rate: ratePerS })}
        error={draft.rate.trim() === '' || isRate(draft.rate) ? undefined : say('rateInvalid')}
        inputMode="numeric"
      />
    </Section>
  );
}

function Repeats({
  account: { appid, quietHours },
  draft,
  onChange,
}: {
  account: Account;
  draft: Draft;
  onChange(change: Partial<Draft>): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const [when, setWhen] = useState<When>(() => whenOf(draft.cron));
  const change = (next: When): void => {
    setWhen(next);
    onChange({ cron: cronOf(next) });
  };
  return (
    <>
      <WhenFields appid={appid} value={when} onChange={change} quietHours={quietHours} />
      <Field
        label={say('valid')}
        value={draft.validMinutes}
        onChange={(validMinutes) => onChange({ validMinutes })}
        hint={say('validMinutesHint')}
        error={minutesOf(draft) === null ? say('missing.minutes') : undefined}
        inputMode="numeric"
      />
      <Checkbox isSelected={draft.sync} onChange={(sync) => onChange({ sync })}>
        {say('sync')}
      </Checkbox>
    </>
  );
}
