import { type ReactNode, useDeferredValue } from 'react';
import { schedulesWords } from '../../../src/texts/console/schedules.ts';
import { useRead } from '../api.ts';
import { ClockField } from '../date/date-field.tsx';
import { Failure } from '../failure.tsx';
import { Field } from '../field.tsx';
import { useWords } from '../language.tsx';
import { Select } from '../select.tsx';
import { formatTime } from '../time.tsx';
import { isQuiet, type QuietHours } from './quiet.ts';
import { cronOf, type Often, type When } from './when.ts';
import css from './when-fields.module.css';

const oftens = ['daily', 'weekly', 'monthly', 'custom'] as const satisfies Often[];
const weekdays = ['1', '2', '3', '4', '5', '6', '0'] as const;

/** How often and when, and below it the next times, as the server reads them on the account's clocks. */
export function WhenFields({
  appid,
  value: when,
  onChange,
  quietHours = null,
}: {
  appid: string;
  value: When;
  onChange(when: When): void;
  /** Hours of the account in which nothing is sent: runs in them are said to wait. */
  quietHours?: QuietHours | null;
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
          <ClockField label={say('clock')} value={when.time} onChange={(time) => set({ time })} isRequired />
        )}
      </div>
      <Failure error={times.error} />
      {times.data !== undefined &&
        (times.data.runs.length === 0 ? (
          <p className={css.small}>{say('neverRuns')}</p>
        ) : (
          <div>
            <h3 className={css.title}>{say('runs', { zone: times.data.timeZone })}</h3>
            <ol className={css.runs}>
              {times.data.runs.map((run) => {
                const shown = formatTime(new Date(run), times.data.timeZone, 'minute');
                return (
                  <li key={run}>
                    {shown}
                    {quietHours !== null && isQuiet(shown.slice(11), quietHours) && (
                      <span className={css.small}> {say('quietRun', { to: quietHours.to })}</span>
                    )}
                  </li>
                );
              })}
            </ol>
          </div>
        ))}
    </>
  );
}
