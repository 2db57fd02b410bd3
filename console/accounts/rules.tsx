import { type FormEvent, type ReactNode, useState } from 'react';
import { accountWords } from '../../src/texts/console/accounts.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import type { Account } from '../parts/account.tsx';
import { useChange } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { fieldProblem } from '../parts/call.ts';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { toast } from '../parts/toast.tsx';
import css from './accounts.module.css';

/** Numbers are kept as they are typed; an empty one is none. */
const number = (text: string): number | null => (text.trim() === '' ? null : Number(text));
const isWhole = (text: string): boolean => /^\d*$/.test(text.trim());

/** Rate, quiet hours, fatigue, approval, zone, test list: what every campaign of the account keeps to. */
export function Rules({ account }: { account: Account }): ReactNode {
  const say = useWords(accountWords);
  const sayPart = useWords(partsWords);
  const may = useMay();
  const [text, setText] = useState(() => ({
    name: account.name,
    ratePerS: String(account.ratePerS),
    messageSharePercent: String(account.messageSharePercent),
    quietFrom: account.quietHours?.from ?? '',
    quietTo: account.quietHours?.to ?? '',
    fatigueLimit: String(account.fatigue?.limit ?? ''),
    fatigueDays: String(account.fatigue?.days ?? ''),
    approvalAbove: String(account.approvalAbove ?? ''),
    timeZone: account.timeZone,
    testOpenids: account.testOpenids.join('\n'),
  }));
  const set = (name: keyof typeof text) => (value: string) => setText({ ...text, [name]: value });
  const save = useChange('PATCH /v1/accounts/{appid}', {
    rereads: ['GET /v1/accounts', 'GET /v1/accounts/{appid}'],
    onDone: () => toast(say('saved')),
  });
  const notWhole = (value: string): string | undefined => (isWhole(value) ? undefined : say('wholeNumber'));
  const half = (one: string, other: string): string | undefined =>
    (one.trim() === '') === (other.trim() === '') ? undefined : say('both');
  const errors = {
    ratePerS: notWhole(text.ratePerS) ?? fieldProblem(save.error, 'ratePerS'),
    share: notWhole(text.messageSharePercent) ?? fieldProblem(save.error, 'messageSharePercent'),
    quiet: half(text.quietFrom, text.quietTo),
    fatigueLimit: notWhole(text.fatigueLimit) ?? half(text.fatigueLimit, text.fatigueDays),
    fatigueDays: notWhole(text.fatigueDays),
    approval: notWhole(text.approvalAbove) ?? fieldProblem(save.error, 'approvalAbove'),
    zone: fieldProblem(save.error, 'timeZone'),
    tests: fieldProblem(save.error, 'testOpenids'),
  };
  const isWrong = [errors.quiet, errors.fatigueLimit, errors.fatigueDays].some((one) => one !== undefined);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const [limit, days] = [number(text.fatigueLimit), number(text.fatigueDays)];
    save.mutate({
      params: { appid: account.appid },
      body: {
        name: text.name.trim(),
        ratePerS: Number(text.ratePerS),
        messageSharePercent: Number(text.messageSharePercent),
        quietHours: text.quietFrom === '' ? null : { from: text.quietFrom, to: text.quietTo },
        fatigue: limit === null || days === null ? null : { limit, days },
        approvalAbove: number(text.approvalAbove),
        timeZone: text.timeZone.trim(),
        testOpenids: text.testOpenids.split(/\s+/).filter((one) => one !== ''),
      },
    });
  };
  const isDisabled = !may('account.manage');
  const numeric = { inputMode: 'numeric' as const, isDisabled };
  return (
    <Section title={say('rules.title')} about={say('rules.about')}>
      <form className={css.rules} onSubmit={submit}>
        <Field
          label={say('name')}
          value={text.name}
          onChange={set('name')}
          hint={say('nameHint')}
          isDisabled={isDisabled}
        />
        <Field
          {...numeric}
          label={say('ratePerS')}
          value={text.ratePerS}
          onChange={set('ratePerS')}
          hint={say('ratePerSHint')}
          error={errors.ratePerS}
        />
        <Field
          {...numeric}
          label={say('share')}
          value={text.messageSharePercent}
          onChange={set('messageSharePercent')}
          hint={say('shareHint')}
          error={errors.share}
        />
        <Field
          {...numeric}
          label={say('approval')}
          value={text.approvalAbove}
          onChange={set('approvalAbove')}
          hint={say('approvalHint')}
          error={errors.approval}
        />
        <Field
          label={say('quietFrom')}
          type="time"
          value={text.quietFrom}
          onChange={set('quietFrom')}
          hint={say('quietHint')}
          error={errors.quiet}
          isDisabled={isDisabled}
        />
        <Field
          label={say('quietTo')}
          type="time"
          value={text.quietTo}
          onChange={set('quietTo')}
          isDisabled={isDisabled}
        />
        <Field
          {...numeric}
          label={say('fatigueLimit')}
          value={text.fatigueLimit}
          onChange={set('fatigueLimit')}
          hint={say('fatigueHint')}
          error={errors.fatigueLimit}
        />
        <Field
          {...numeric}
          label={say('fatigueDays')}
          value={text.fatigueDays}
          onChange={set('fatigueDays')}
          error={errors.fatigueDays}
        />
        <Field
          label={say('zone')}
          value={text.timeZone}
          onChange={set('timeZone')}
          hint={say('zoneHint')}
          error={errors.zone}
          isDisabled={isDisabled}
        />
        <Field
          label={say('tests')}
          value={text.testOpenids}
          onChange={set('testOpenids')}
          hint={say('testsHint')}
          error={errors.tests}
          rows={3}
          mono
          isDisabled={isDisabled}
        />
        <div className={css.wide}>
          <Failure error={save.error} />
          {!isDisabled && (
            <Button type="submit" isPending={save.isPending} isDisabled={isWrong}>
              {sayPart('save')}
            </Button>
          )}
        </div>
      </form>
    </Section>
  );
}
