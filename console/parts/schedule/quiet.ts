export interface QuietHours {
  /** `HH:MM` */
  from: string;
  to: string;
}

/** Whether nothing is sent at that time of day (`HH:MM`); hours that end before they begin go over midnight. */
export function isQuiet(clock: string, { from, to }: QuietHours): boolean {
  return from <= to ? clock >= from && clock < to : clock >= from || clock < to;
}
