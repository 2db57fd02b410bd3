import { type FormEvent, type ReactNode, useState } from 'react';
import { accountWords } from '../../src/texts/console/accounts.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import type { Account } from '../parts/account.tsx';
import { useChange } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { fieldProblem } from '../parts/call.ts';
import { ClockField } from '../parts/date/date-field.tsx';
import { Failure } from '../parts/failure.tsx';
import { Choice, Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { toast } from '../parts/toast.tsx';
import css from './accounts.module.css';

type Text = ReturnType<typeof textOf>;

/** As it is typed. */
function textOf(account: Account) {
  return {
    name: account.name,
    timeZone: account.timeZone,
    ratePerS: String(account.ratePerS),
    messageSharePercent: String(account.messageSharePercent),
    quietFrom: account.quietHours?.from ?? '',
    quietTo: account.quietHours?.to ?? '',
    fatigueLimit: String(account.fatigue?.limit ?? ''),
    fatigueDays: String(account.fatigue?.days ?? ''),
    approvalAbove: String(account.approvalAbove ?? ''),
    canaryBlockedPercent: String(account.canaryBlockedPercent ?? ''),
    canaryHeldPercent: String(account.canaryHeldPercent ?? ''),
    retrySystemBusy: String(account.retrySystemBusy),
    keepDays: String(account.keepDays ?? ''),
    keepEventDays: String(account.keepEventDays ?? ''),
    keepAuditDays: String(account.keepAuditDays ?? ''),
    popupReject: account.popupReject,
    testOpenids: account.testOpenids.join('\n'),
  };
}

/** Numbers are kept as they are typed; an empty one is none. */
const number = (text: string): number | null => (text.trim() === '' ? null : Number(text));
const isWhole = (text: string): boolean => /^\d*$/.test(text.trim());

function rulesOf(text: Text) {
  const [limit, days] = [number(text.fatigueLimit), number(text.fatigueDays)];
  return {
    name: text.name.trim(),
    timeZone: text.timeZone.trim(),
    ratePerS: Number(text.ratePerS),
    messageSharePercent: Number(text.messageSharePercent),
    quietHours: text.quietFrom === '' ? null : { from: text.quietFrom, to: text.quietTo },
    fatigue: limit === null || days === null ? null : { limit, days },
    approvalAbove: number(text.approvalAbove),
    canaryBlockedPercent: number(text.canaryBlockedPercent),
    canaryHeldPercent: number(text.canaryHeldPercent),
    retrySystemBusy: Number(text.retrySystemBusy),
    keepDays: number(text.keepDays),
    keepEventDays: number(text.keepEventDays),
    keepAuditDays: number(text.keepAuditDays),
    popupReject: text.popupReject,
    testOpenids: text.testOpenids.split(/\s+/).filter((one) => one !== ''),
  };
}

/** Only what is not as it was: what somebody else changed meanwhile stays theirs. */
function changesOf(before: Text, after: Text): Partial<ReturnType<typeof rulesOf>> {
  const [was, is] = [rulesOf(before), rulesOf(after)];
  const isChanged = (name: string): boolean =>
    JSON.stringify(was[name as keyof typeof was]) !== JSON.stringify(is[name as keyof typeof is]);
  return Object.fromEntries(Object.entries(is).filter(([name]) => isChanged(name)));
}

/** Rate, quiet hours, fatigue, approval, zone, test list: what every campaign of the account keeps to. */
export function Rules({ account }: { account: Account }): ReactNode {
  const say = useWords(accountWords);
  const sayPart = useWords(partsWords);
  const may = useMay();
  const [before, setBefore] = useState(() => textOf(account));
  const [text, setText] = useState(before);
  const save = useChange('PATCH /v1/accounts/{appid}', {
    rereads: ['GET /v1/accounts', 'GET /v1/accounts/{appid}'],
    onDone: (saved) => {
      setBefore(textOf(saved));
      toast(say('saved'));
    },
  });
  const isDisabled = !may('account.manage');
  const errors = faults(text, say);
  const changes = changesOf(before, text);
  const field = (name: Exclude<keyof Text, 'popupReject'>) => ({
    label: say(`rule.${name}`),
    hint: say(`rule.${name}.hint`),
    value: text[name],
    onChange: (value: string) => setText({ ...text, [name]: value }),
    error: errors[name] ?? fieldProblem(save.error, named[name] ?? name),
    isDisabled,
  });
  const numeric = { inputMode: 'numeric' } as const;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate({ params: { appid: account.appid }, body: changes });
  };
  return (
    <Section title={say('rules.title')} about={say('rules.about')}>
      <form className={css.rules} onSubmit={submit}>
        <Group title={say('group.basic')}>
          <Field {...field('name')} />
          <Field {...field('timeZone')} />
        </Group>
        <Group title={say('group.rate')}>
          <Field {...field('ratePerS')} {...numeric} />
          <Field {...field('messageSharePercent')} {...numeric} />
        </Group>
        <Group title={say('group.quiet')}>
          <ClockField {...field('quietFrom')} />
          <ClockField {...field('quietTo')} />
        </Group>
        <Group title={say('group.fatigue')}>
          <Field {...field('fatigueLimit')} {...numeric} />
          <Field {...field('fatigueDays')} {...numeric} />
        </Group>
        <Group title={say('group.approval')}>
          <Field {...field('approvalAbove')} {...numeric} />
        </Group>
        <Group title={say('group.canary')}>
          <Field {...field('canaryBlockedPercent')} {...numeric} />
          <Field {...field('canaryHeldPercent')} {...numeric} />
        </Group>
        <Group title={say('group.other')}>
          <Field {...field('retrySystemBusy')} {...numeric} />
          <Choice
            label={say('rule.popupReject')}
            value={text.popupReject}
            onChange={(popupReject) => setText({ ...text, popupReject })}
            options={(['ignored', 'wipes'] as const).map((id) => ({
              ...{ id, isDisabled, name: say(`rule.popupReject.${id}`) },
            }))}
          />
        </Group>
        <Group title={say('group.keep')}>
          <Field {...field('keepDays')} {...numeric} />
          <Field {...field('keepEventDays')} {...numeric} />
          <Field {...field('keepAuditDays')} {...numeric} />
        </Group>
        <Group title={say('group.tests')}>
          <Field {...field('testOpenids')} rows={3} mono />
        </Group>
        {!isDisabled && (
          <div className={css.save}>
            <Failure error={save.error} />
            <Button
              type="submit"
              isPending={save.isPending}
              isDisabled={Object.keys(errors).length > 0 || Object.keys(changes).length === 0}
            >
              {sayPart('save')}
            </Button>
          </div>
        )}
      </form>
    </Section>
  );
}

/** What the server calls a field that is two here. */
const named: Partial<Record<keyof Text, string>> = {
  quietFrom: 'quietHours',
  fatigueLimit: 'fatigue',
};

/** What can be said before the server is asked. */
function faults(
  text: Text,
  say: (key: 'wholeNumber' | 'both') => string,
): Partial<Record<keyof Text, string>> {
  const found: Partial<Record<keyof Text, string>> = {};
  const half = (one: 'quietFrom' | 'fatigueLimit', other: 'quietTo' | 'fatigueDays'): void => {
    if ((text[one].trim() === '') !== (text[other].trim() === '')) found[one] = say('both');
  };
  half('quietFrom', 'quietTo');
  half('fatigueLimit', 'fatigueDays');
  const whole = [
    ...(['ratePerS', 'messageSharePercent', 'fatigueLimit', 'fatigueDays', 'approvalAbove'] as const),
    ...(['canaryBlockedPercent', 'canaryHeldPercent', 'retrySystemBusy'] as const),
    ...(['keepDays', 'keepEventDays', 'keepAuditDays'] as const),
  ];
  for (const name of whole) if (!isWhole(text[name])) found[name] = say('wholeNumber');
  for (const name of ['ratePerS', 'messageSharePercent', 'retrySystemBusy'] as const)
    if (text[name].trim() === '') found[name] = say('wholeNumber');
  return found;
}

function Group({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <fieldset className={css.group}>
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}
