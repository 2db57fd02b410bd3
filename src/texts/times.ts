/** A time as people read it, in the account's zone: `2026-12-01 09:00:00 +08:00`. */
export function formatTime(at: Date, timeZone: string): string {
  const zone = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(at)
    .find((part) => part.type === 'timeZoneName')?.value;
  const offset = zone?.replace('GMT', '') || '+00:00';
  return `${clockTime(at.getTime(), timeZone)} ${offset}`;
}

/** What the clocks of the zone show. */
export function clockTime(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
}
