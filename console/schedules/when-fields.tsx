import { type ReactNode, useDeferredValue } from 'react';
import { schedulesWords } from '../../src/texts/console/schedules.ts';
import { useRead } from '../parts/api.ts';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Select } from '../parts/select.tsx';
import { formatTime } from '../parts/time.tsx';
import css from './schedules.module.css';
import { cronOf, type Often, type When } from './when.ts';

const oftens = ['daily', 'weekly', 'monthly', 'custom'] as const satisfies Often[];
const weekdays = ['1', '2', '3', '4', '5', '6', '0'] as const;

/** How often and when, and below it the next times, as the server reads them on the account's clocks. */
export function WhenFields({
  appid,
  value: when,
  onChange,
}: {
  appid: string;
  value: When;
  onChange(when: When): void;
}): ReactNode {
  const say = useWords(schedulesWords);
  const cron = useDeferredValue(cronOf(when));
  const times = useRead(
    'GET /v1/accounts/{appid}/schedule-times',
    { params: { appid }, query: { cron } },
    { isOn: cron !== '' },
  );
  const set = (change: Partial<When>): void => {
    const next = { ...when, ...change };
    // Whoever goes on to cron begins with what they have chosen.
    onChange(change.often === 'custom' ? { ...next, cron: cronOf(when) } : next);
  };
  return (
    <>
      <div className={css.when}>
        <Select<Often>
          label={say('often')}
          value={when.often}
          onChange={(often) => set({ often })}
          options={oftens.map((one) => ({ id: one, name: say(`often.${one}`) }))}
        />
        {when.often === 'weekly' && (
          <Select<string>
            label={say('weekday')}
            value={when.weekday}
            onChange={(weekday) => set({ weekday })}
            options={weekdays.map((one) => ({ id: one, name: say(`weekday.${one}`) }))}
          />
        )}
        {when.often === 'monthly' && (
          <Select<string>
            label={say('monthday')}
            value={when.monthday}
            onChange={(monthday) => set({ monthday })}
            options={Array.from({ length: 31 }, (_, day) => ({
              id: String(day + 1),
              name: say('day', { n: day + 1 }),
            }))}
          />
        )}
        {when.often === 'custom' ? (
          <Field
            label={say('cronField')}
            value={when.cron}
            onChange={(text) => set({ cron: text })}
            hint={say('cronHint')}
            mono
          />
        ) : (
          <Field
            label={say('clock')}
            type="time"
            value={when.time}
            onChange={(time) => set({ time })}
            isRequired
          />
        )}
      </div>
      <Failure error={times.error} />
      {times.data !== undefined && (
        <p className={css.small}>
          {times.data.runs.length === 0
            ? say('neverRuns')
            : say('runs', {
                times: times.data.runs
                  .slice(0, 3)
                  .map((run) => formatTime(new Date(run), times.data.timeZone, 'minute'))
                  .join(say('comma')),
                zone: times.data.timeZone,
              })}
        </p>
      )}
    </>
  );
}
