/** How often, as people say it; a cron expression that says more is shown as it is. */
export type Often = 'daily' | 'weekly' | 'monthly' | 'custom';

export interface When {
  often: Often;
  /** `HH:MM` */
  time: string;
  /** 0–6, Sunday is 0. */
  weekday: string;
  /** 1–31 */
  monthday: string;
  cron: string;
}

export function whenOf(cron: string): When {
  const [, minute = '', hour = '', monthday = '', month = '', weekday = ''] =
    /^(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) (\*) (\*|[0-6])$/.exec(cron.trim()) ?? [];
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  const when = { time, weekday: '1', monthday: '1', cron };
  if (month !== '*') return { ...when, often: 'custom', time: '09:00' };
  if (monthday === '*')
    return weekday === '*' ? { ...when, often: 'daily' } : { ...when, often: 'weekly', weekday };
  return weekday === '*' ? { ...when, often: 'monthly', monthday } : { ...when, often: 'custom' };
}

/** Empty while something is missing. */
export function cronOf({ often, time, weekday, monthday, cron }: When): string {
  if (often === 'custom') return cron.trim();
  const [, hour, minute] = /^(\d{2}):(\d{2})$/.exec(time) ?? [];
  if (hour === undefined || minute === undefined) return '';
  const start = `${Number(minute)} ${Number(hour)}`;
  switch (often) {
    case 'daily':
      return `${start} * * *`;
    case 'weekly':
      return `${start} * * ${weekday}`;
    case 'monthly':
      return `${start} ${monthday} * *`;
  }
}
