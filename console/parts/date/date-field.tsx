import {
  type CalendarDate,
  type CalendarDateTime,
  parseDate,
  parseDateTime,
  parseTime,
  type Time,
  Time as TimeOfDay,
  toCalendarDateTime,
  today,
} from '@internationalized/date';
import type { ReactNode } from 'react';
import {
  TimeField as AriaTimeField,
  Button,
  Calendar,
  CalendarCell,
  CalendarGrid,
  DateInput,
  DatePicker,
  DateSegment,
  Dialog,
  FieldError,
  Group,
  Heading,
  I18nProvider,
  Label,
  Popover,
  Text,
} from 'react-aria-components';
import { partsWords } from '../../../src/texts/console/parts.ts';
import fieldCss from '../field.module.css';
import { Icon } from '../icon.tsx';
import { useLanguage, useWords } from '../language.tsx';
import { useZone } from '../time.tsx';
import css from './date-field.module.css';

export interface DateFieldProps {
  label: string;
  /** On the clocks of the account's zone; empty: none. */
  value: string;
  onChange(value: string): void;
  hint?: ReactNode;
  error?: string | undefined;
  isRequired?: boolean;
  isDisabled?: boolean;
}

/** What a browser's own field would show in the browser's language, in that of the page; written as `Time` shows it. */
function Localized({ children }: { children: ReactNode }): ReactNode {
  const { lang } = useLanguage();
  // English as Canada writes dates: year, month, day.
  return <I18nProvider locale={lang === 'zh' ? 'zh-CN' : 'en-CA'}>{children}</I18nProvider>;
}

/** A day, `2026-03-08`. */
export function DayField(props: DateFieldProps): ReactNode {
  return (
    <Localized>
      <Picked {...props} read={parseDate} at={today(useZone())} />
    </Localized>
  );
}

/** A day and a time of it, `2026-03-08T09:12`. */
export function MomentField(props: DateFieldProps): ReactNode {
  const morning = toCalendarDateTime(today(useZone()), new TimeOfDay(9));
  return (
    <Localized>
      <Picked {...props} read={parseDateTime} at={morning} />
    </Localized>
  );
}

/** A time of day, `09:12`. */
export function ClockField({ value, onChange, isDisabled = false, ...props }: DateFieldProps): ReactNode {
  return (
    <Localized>
      <AriaTimeField
        className={fieldCss.field ?? ''}
        value={readable<Time>(parseTime, value)}
        onChange={(next) => onChange(next === null ? '' : next.toString().slice(0, 5))}
        hourCycle={24}
        shouldForceLeadingZeros
        {...{ isDisabled, isRequired: props.isRequired ?? false, isInvalid: props.error !== undefined }}
        validationBehavior="aria"
      >
        <Label className={fieldCss.label ?? ''}>{props.label}</Label>
        <div className={css.box}>
          <Segments />
          {!isDisabled && props.isRequired !== true && value !== '' && (
            <Clear of={props.label} onClear={() => onChange('')} />
          )}
        </div>
        <Below {...props} />
      </AriaTimeField>
    </Localized>
  );
}

function Picked<T extends CalendarDate | CalendarDateTime>({
  value,
  onChange,
  read,
  at,
  isDisabled = false,
  ...props
}: DateFieldProps & { read(text: string): T; at: T }): ReactNode {
  const say = useWords(partsWords);
  const zone = useZone();
  return (
    <DatePicker<T>
      className={fieldCss.field ?? ''}
      value={readable(read, value)}
      // A day, or a day and a time without its seconds.
      onChange={(next) => onChange(next === null ? '' : next.toString().slice(0, 16))}
      placeholderValue={at}
      hourCycle={24}
      shouldForceLeadingZeros
      {...{ isDisabled, isRequired: props.isRequired ?? false, isInvalid: props.error !== undefined }}
      validationBehavior="aria"
    >
      <Label className={fieldCss.label ?? ''}>{props.label}</Label>
      <Group className={css.box ?? ''}>
        <Segments />
        {!isDisabled && props.isRequired !== true && value !== '' && (
          <Clear of={props.label} onClear={() => onChange('')} />
        )}
        <Button className={css.button ?? ''}>
          <Icon name="calendar" />
        </Button>
      </Group>
      <Below {...props} />
      <Popover className={css.popover ?? ''} offset={4}>
        <Dialog className={css.dialog ?? ''} aria-label={say('chooseDay')}>
          <Calendar firstDayOfWeek="mon">
            <header className={css.month}>
              <Button slot="previous" className={css.button ?? ''}>
                <Icon name="chevronLeft" />
              </Button>
              <Heading className={css.monthName ?? ''} />
              <Button slot="next" className={css.button ?? ''}>
                <Icon name="chevronRight" />
              </Button>
            </header>
            <CalendarGrid weekdayStyle="narrow" className={css.days ?? ''}>
              {(date) => (
                <CalendarCell
                  date={date}
                  className={`${css.day} ${date.compare(today(zone)) === 0 ? css.today : ''}`}
                />
              )}
            </CalendarGrid>
          </Calendar>
        </Dialog>
      </Popover>
    </DatePicker>
  );
}

/** Year, month and so on, each typed by itself; the signs between them as `Time` writes them. */
function Segments(): ReactNode {
  return (
    <DateInput className={css.segments ?? ''}>
      {(segment) => (
        <DateSegment segment={segment} className={css.segment ?? ''}>
          {({ text, type }) =>
            type === 'literal' ? text.replace(/[/年月]/, '-').replace(/[,日] ?/, ' ') : text
          }
        </DateSegment>
      )}
    </DateInput>
  );
}

function Clear({ of, onClear }: { of: string; onClear(): void }): ReactNode {
  const say = useWords(partsWords);
  return (
    // Not one of the buttons that the field around it knows.
    <Button
      slot={null}
      className={css.button ?? ''}
      aria-label={say('clearField', { name: of })}
      onPress={onClear}
    >
      <Icon name="close" />
    </Button>
  );
}

function Below({ hint, error }: Pick<DateFieldProps, 'hint' | 'error'>): ReactNode {
  return (
    <>
      {error === undefined && hint !== undefined && (
        <Text slot="description" className={fieldCss.hint ?? ''}>
          {hint}
        </Text>
      )}
      <FieldError className={fieldCss.error ?? ''}>{error}</FieldError>
    </>
  );
}

/** Null for none, and for what is none: an address may say anything. */
function readable<T>(read: (text: string) => T, text: string): T | null {
  try {
    return text === '' ? null : read(text);
  } catch {
    return null;
  }
}
