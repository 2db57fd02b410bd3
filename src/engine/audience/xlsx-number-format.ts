import { parseDateFormat, renderDate } from './xlsx-date.ts';

/** How a cell shows its number. */
export interface NumberFormat {
  isDate: boolean;
  /** The text that the sheet shows; undefined for a date that has no text (negative, after 9999). */
  render(value: number, date1904: boolean): string | undefined;
}

interface NumberPattern {
  prefix: string;
  suffix: string;
  minInteger: number;
  minDecimals: number;
  maxDecimals: number;
  grouped: boolean;
  /** Powers of ten to multiply by: 2 for each `%`, −3 for each comma at the end. */
  shift: number;
}

/** A number's digits and the power of ten of the last one. */
interface Decimal {
  digits: bigint;
  exponent: number;
}

/** Fifteen significant digits, as Excel keeps and shows them: 19.989999999999998 is 19.99. */
function toDecimal(value: number): Decimal {
  const [mantissa, exponent] = Math.abs(value).toExponential(14).split('e');
  const [integer, fraction] = mantissa!.split('.');
  return { digits: BigInt(integer! + fraction!), exponent: Number(exponent) - 14 };
}

function plain({ digits, exponent }: Decimal, minDecimals: number, minInteger: number): [string, string] {
  if (exponent >= 0)
    return [(digits * 10n ** BigInt(exponent)).toString().padStart(minInteger, '0'), '0'.repeat(minDecimals)];
  const text = digits.toString().padStart(-exponent + 1, '0');
  const integer = text.slice(0, exponent).replace(/^0+/, '').padStart(minInteger, '0');
  const fraction = text.slice(exponent).replace(/0+$/, '').padEnd(minDecimals, '0');
  return [integer, fraction];
}

/** A number as the General format would show it in a wide cell: shortest decimal, never an exponent. */
export function renderGeneral(value: number): string {
  const [integer, fraction] = plain(toDecimal(value), 0, 1);
  const text = fraction === '' ? integer : `${integer}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `-${text}` : text;
}

/** Rounds half away from zero, as Excel does, on the decimal digits and not on the binary value. */
function rounded({ digits, exponent }: Decimal, decimals: number): Decimal {
  const drop = -decimals - exponent;
  if (drop <= 0) return { digits, exponent };
  const unit = 10n ** BigInt(drop);
  return { digits: (digits + unit / 2n) / unit, exponent: -decimals };
}

function renderPattern(value: number, pattern: NumberPattern, negative: boolean): string {
  const decimal = toDecimal(value);
  decimal.exponent += pattern.shift;
  const { prefix, suffix, minInteger, minDecimals, maxDecimals, grouped } = pattern;
  const [integer, fraction] = plain(rounded(decimal, maxDecimals), minDecimals, minInteger);
  const shown = grouped ? integer.replace(/\B(?=(\d{3})+$)/g, ',') : integer;
  const number = fraction === '' ? shown : `${shown}.${fraction}`;
  const sign = negative && /[1-9]/.test(number) ? '-' : '';
  return sign + prefix + number + suffix;
}

/** Sections are separated by semicolons outside quotes, escapes and brackets. */
function splitSections(code: string): string[] {
  const sections = [''];
  for (const [piece] of code.matchAll(/"[^"]*"?|\\.|\[[^\]]*\]|./gsu)) {
    if (piece === ';') sections.push('');
    else sections[sections.length - 1] += piece;
  }
  return sections;
}

interface Section {
  code: string;
  locale: string;
  conditional: boolean;
}

/** Takes out colours, conditions and locale; a currency becomes a literal. */
function strip(section: string): Section {
  let locale = '';
  let conditional = false;
  const code = section.replace(/"[^"]*"?|\\.|\[([^\]]*)\]/gsu, (whole, inside: string | undefined) => {
    if (inside === undefined || /^(h+|m+|s+|DBNum\d)$/i.test(inside)) return whole;
    if (inside.startsWith('$')) {
      const dash = inside.lastIndexOf('-');
      locale = dash < 0 ? locale : inside.slice(dash + 1);
      const symbol = inside.slice(1, dash < 0 ? undefined : dash);
      return symbol === '' ? '' : `"${symbol}"`;
    }
    if (/^[<>=]/.test(inside)) conditional = true;
    return '';
  });
  return { code, locale, conditional };
}

/** A pattern of digits with text around it; undefined for what is not that (fractions, exponents, split patterns). */
function parsePattern(code: string): NumberPattern | undefined {
  let prefix = '';
  let suffix = '';
  let digits = '';
  let percents = 0;
  for (const [piece, quoted, escaped, padded, filled] of code.matchAll(/"([^"]*)"?|\\(.)|_(.)|\*(.)|./gsu)) {
    if (/^[0#?.,]$/.test(piece)) {
      if (suffix !== '') return undefined;
      digits += piece;
      continue;
    }
    if (/^(E|\/|@)$/i.test(piece)) return undefined;
    if (piece === '%') percents += 1;
    const text = padded !== undefined || filled !== undefined ? '' : (quoted ?? escaped ?? piece);
    if (digits === '') prefix += text;
    else suffix += text;
  }
  const match = /^([0#?,]*?)(,*)(?:\.([0#?]*))?(,*)$/.exec(digits);
  if (digits === '' || match === null) return undefined;
  const [, integer = '', commasBefore = '', decimals = '', commasAfter = ''] = match;
  return {
    prefix,
    suffix,
    minInteger: integer.replace(/[^0]/g, '').length,
    minDecimals: decimals.replace(/[^0]/g, '').length,
    maxDecimals: decimals.length,
    grouped: integer.includes(','),
    shift: percents * 2 - (commasBefore.length + commasAfter.length) * 3,
  };
}

const general: NumberFormat = { isDate: false, render: renderGeneral };

/**
 * Understands a format code: dates and times, `0`, `0.00`, `#,##0.00`, percentages, currencies, texts around them, and
 * the sections for negative numbers and zero. Anything else (fractions, exponents, conditions, patterns split by text)
 * shows the number as General does: the same number in plainer form.
 */
export function parseNumberFormat(code: string): NumberFormat {
  // "G/通用格式" is the name of General in files of Chinese programs.
  if (/^(general|@|G\/通用格式|)$/i.test(code.trim())) return general;
  const sections = splitSections(code).map(strip);
  if (sections.some(({ conditional }) => conditional)) return general;
  const first = sections[0]!;
  const isNumber = /general|[0#?]E[+-]/i.test(first.code);
  const date = isNumber ? undefined : parseDateFormat(first.code, first.locale);
  if (date !== undefined) {
    return { isDate: true, render: (value, date1904) => renderDate(value, date, date1904) };
  }
  const patterns = sections.slice(0, 3).map(({ code: section }) => parsePattern(section));
  return {
    isDate: false,
    render: (value) => {
      const at = value < 0 && sections.length > 1 ? 1 : value === 0 && sections.length > 2 ? 2 : 0;
      const pattern = patterns[at];
      // A section of its own for negative numbers writes the sign itself.
      return pattern === undefined
        ? renderGeneral(value)
        : renderPattern(value, pattern, value < 0 && at === 0);
    },
  };
}
