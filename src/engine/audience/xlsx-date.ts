/** One piece of a date format. */
export type DateToken =
  | { kind: 'literal'; text: string }
  | { kind: 'year' | 'month' | 'day' | 'weekday' | 'hour' | 'minute' | 'second'; width: number }
  | { kind: 'elapsed'; unit: 'h' | 'm' | 's'; width: number }
  | { kind: 'fraction'; width: number }
  | { kind: 'half'; am: string; pm: string };

export interface DateFormat {
  tokens: DateToken[];
  /** Month and weekday names in Chinese. */
  chinese: boolean;
  /** Numbers in Chinese: 〇一二 (`[DBNum1]`). */
  chineseNumbers: boolean;
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const digits = '〇一二三四五六七八九';

function chineseNumber(value: number): string {
  if (value < 10) return digits[value]!;
  const tens = Math.floor(value / 10);
  const ones = value % 10;
  return `${tens > 1 ? digits[tens] : ''}十${ones > 0 ? digits[ones] : ''}`;
}

/** Splits a format section (conditions and colours removed) into tokens; undefined when it is no date format. */
export function parseDateFormat(section: string, locale: string): DateFormat | undefined {
  const tokens: DateToken[] = [];
  const literal = (text: string): void => {
    const last = tokens.at(-1);
    if (last?.kind === 'literal') last.text += text;
    else if (text !== '') tokens.push({ kind: 'literal', text });
  };
  const pattern =
    /"([^"]*)"|\\(.)|_(.)|\*(.)|\[(h+|m+|s+)\]|\[DBNum(\d)\]|(AM\/PM|A\/P|上午\/下午)|(y+|e+|m+|d+|a{3,4}|h+|s+)|\.(0+)|(.)/giu;
  let isDate = false;
  let chineseNumbers = false;
  for (const match of section.matchAll(pattern)) {
    const [, quoted, escaped, padding, , elapsed, dbNum, half, field, fraction, other] = match;
    if (quoted !== undefined) literal(quoted);
    else if (escaped !== undefined) literal(escaped);
    else if (padding !== undefined) literal(' ');
    else if (elapsed !== undefined) {
      isDate = true;
      // The pattern allows only these three letters.
      const unit = elapsed[0]!.toLowerCase() as 'h' | 'm' | 's';
      tokens.push({ kind: 'elapsed', unit, width: elapsed.length });
    } else if (dbNum !== undefined) chineseNumbers = dbNum === '1';
    else if (half !== undefined) {
      isDate = true;
      const [am, pm] = half.split('/');
      tokens.push({ kind: 'half', am: am!, pm: pm! });
    } else if (field !== undefined) {
      isDate = true;
      tokens.push(fieldToken(field));
    } else if (fraction !== undefined) tokens.push({ kind: 'fraction', width: Math.min(3, fraction.length) });
    else if (other !== undefined) literal(other);
  }
  if (!isDate) return undefined;
  resolveMinutes(tokens);
  return { tokens, chineseNumbers, chinese: /804|zh/i.test(locale) || chineseNumbers };
}

function fieldToken(field: string): DateToken {
  const width = field.length;
  switch (field[0]!.toLowerCase()) {
    case 'y':
      return { kind: 'year', width };
    case 'e':
      return { kind: 'year', width: 4 };
    case 'm':
      return { kind: 'month', width };
    case 'd':
      return width > 2 ? { kind: 'weekday', width } : { kind: 'day', width };
    case 'a':
      // aaa and aaaa are the Chinese weekday, short and long.
      return { kind: 'weekday', width: width + 10 };
    case 'h':
      return { kind: 'hour', width };
    default:
      return { kind: 'second', width };
  }
}

/** `m` after hours or before seconds is minutes. */
function resolveMinutes(tokens: DateToken[]): void {
  const fields = tokens.filter((token) => token.kind !== 'literal' && token.kind !== 'half');
  fields.forEach((token, index) => {
    if (token.kind !== 'month' || token.width > 2) return;
    const before = fields[index - 1];
    const after = fields[index + 1];
    const afterHours = before?.kind === 'hour' || (before?.kind === 'elapsed' && before.unit === 'h');
    const beforeSeconds = after?.kind === 'second' || (after?.kind === 'elapsed' && after.unit === 's');
    // The union has one shape for all these kinds.
    if (afterHours || beforeSeconds) Object.assign(token, { kind: 'minute' });
  });
}

interface CalendarDay {
  year: number;
  month: number;
  day: number;
  weekday: number;
}

/** Excel's calendar day; its 1900 system has the 29th of February 1900 (day 60) and a day 0. */
function calendarDay(days: number, date1904: boolean): CalendarDay {
  if (!date1904 && days === 0) return { year: 1900, month: 1, day: 0, weekday: 6 };
  if (!date1904 && days === 60) return { year: 1900, month: 2, day: 29, weekday: 3 };
  const epoch = date1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30);
  const date = new Date(epoch + days * 86_400_000);
  const weekday = date1904 ? date.getUTCDay() : (days + 6) % 7;
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday };
}

/** The last day that Excel knows, the 31st of December 9999, in the 1900 system. */
const lastDay = 2_958_465;

/** Writes a serial number as the format shows it; undefined when Excel would show ##### (negative, after 9999). */
export function renderDate(serial: number, format: DateFormat, date1904: boolean): string | undefined {
  const { tokens } = format;
  const fraction = tokens.find((token) => token.kind === 'fraction');
  const scale = 10 ** (fraction?.width ?? 0);
  const total = Math.round(serial * 86_400 * scale);
  if (!Number.isFinite(serial) || serial < 0) return undefined;
  const days = Math.floor(total / (86_400 * scale));
  if (days > lastDay - (date1904 ? 1462 : 0)) return undefined;
  const day = calendarDay(days, date1904);
  const allSeconds = Math.floor(total / scale);
  const seconds = allSeconds % 86_400;
  const hour = Math.floor(seconds / 3600);
  const twelve = tokens.some((token) => token.kind === 'half');
  const number = (value: number, width: number): string =>
    format.chineseNumbers ? chineseNumber(value) : String(value).padStart(Math.min(width, 2), '0');
  const show = (token: DateToken): string => {
    switch (token.kind) {
      case 'literal':
        return token.text;
      case 'year': {
        const year = token.width > 2 ? String(day.year) : String(day.year % 100).padStart(2, '0');
        return format.chineseNumbers ? year.replace(/\d/g, (digit) => digits[Number(digit)]!) : year;
      }
      case 'month':
        return token.width > 2 ? monthName(day.month, token.width, format) : number(day.month, token.width);
      case 'day':
        return number(day.day, token.width);
      case 'weekday':
        return weekdayName(day.weekday, token.width, format);
      case 'hour':
        return number(twelve ? hour % 12 || 12 : hour, token.width);
      case 'minute':
        return number(Math.floor(seconds / 60) % 60, token.width);
      case 'second':
        return number(seconds % 60, token.width);
      case 'elapsed': {
        const unit = { h: 3600, m: 60, s: 1 }[token.unit];
        return String(Math.floor(allSeconds / unit)).padStart(token.width, '0');
      }
      case 'fraction':
        return `.${String(total % scale).padStart(token.width, '0')}`;
      case 'half':
        return hour < 12 ? token.am : token.pm;
    }
  };
  return tokens.map(show).join('');
}

function monthName(month: number, width: number, { chinese }: DateFormat): string {
  if (chinese) return `${chineseNumber(month)}月`;
  const name = months[month - 1]!;
  if (width === 5) return name[0]!;
  return width === 3 ? name.slice(0, 3) : name;
}

function weekdayName(weekday: number, width: number, { chinese }: DateFormat): string {
  const han = '日一二三四五六'[weekday]!;
  if (width === 13) return han;
  if (width === 14) return `星期${han}`;
  if (chinese) return width === 3 ? `周${han}` : `星期${han}`;
  const name = weekdays[weekday]!;
  return width === 3 ? name.slice(0, 3) : name;
}
