import { createContext, type ReactNode, useContext } from 'react';

/** The zone of the account that is looked at; all times of a page are in it. */
const ZoneContext = createContext('Asia/Shanghai');

export function ZoneProvider({ zone, children }: { zone: string; children: ReactNode }): ReactNode {
  return <ZoneContext value={zone}>{children}</ZoneContext>;
}

export function useZone(): string {
  return useContext(ZoneContext);
}

type Precision = 'minute' | 'second' | 'day';

/** An instant in the account's zone; the zone and the second are in its tooltip. */
export function Time({
  at,
  precision = 'minute',
}: {
  at: string | number | Date;
  precision?: Precision;
}): ReactNode {
  const zone = useZone();
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={`${formatTime(date, zone, 'second')} ${zone}`}>
      {formatTime(date, zone, precision)}
    </time>
  );
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Kept: making one takes longer than drawing the row that it is for. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  formats.set(zone, made);
  return made;
}

/** `2026-03-08 09:12`: sorted by eye, the same in both languages, as operators know it from every log. */
export function formatTime(date: Date, zone: string, precision: Precision): string {
  const parts = formatOf(zone).formatToParts(date);
  const of = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((part) => part.type === type)?.value ?? '';
  // Four figures, also of the year 20 while 2026 is being typed.
  const day = `${of('year').padStart(4, '0')}-${of('month')}-${of('day')}`;
  if (precision === 'day') return day;
  const time = `${of('hour')}:${of('minute')}`;
  return `${day} ${precision === 'second' ? `${time}:${of('second')}` : time}`;
}

/** `2026-03-08T09:12` as clocks of the zone show it → the instant, ISO 8601 in UTC. A time that does not exist is the next that does. */
export function fromZoned(local: string, zone: string): string {
  const asUtc = new Date(`${local}Z`).getTime();
  // What the zone's clocks show at that instant of UTC tells the offset; a second look settles a change of offset between.
  let at = asUtc;
  for (let look = 0; look < 2; look++) {
    const shown = new Date(`${formatTime(new Date(at), zone, 'second').replace(' ', 'T')}Z`).getTime();
    at += asUtc - shown;
  }
  return new Date(at).toISOString();
}

/** From the first day's beginning to the last one's end, on the zone's clocks; what is no day, as an address may say, is no limit. */
export function daysBetween(first: string, last: string, zone: string): { from: string; to: string } {
  const isDay = (text: string): boolean =>
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00Z`));
  const after = (day: string): string =>
    new Date(Date.parse(`${day}T00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return {
    from: isDay(first) ? fromZoned(`${first}T00:00`, zone) : '',
    to: isDay(last) ? fromZoned(`${after(last)}T00:00`, zone) : '',
  };
}
