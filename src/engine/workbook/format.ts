import { format as formatNumber, isDateFormat } from 'numfmt';
import { type Fault, fault, shortened } from '../formats/record.ts';
import { chineseNumber, inChineseDigits } from './chinese-number.ts';

/** A number as the General format shows it in a wide cell: at most 15 significant digits, never an exponent. */
export function renderGeneral(value: number): string {
  const text = Number(value.toPrecision(15)).toString();
  if (!text.includes('e')) return text === '-0' ? '0' : text;
  const [mantissa = '', exponent = '0'] = text.split('e');
  const negative = mantissa.startsWith('-');
  const [integer = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = integer + fraction;
  const point = integer.length + Number(exponent);
  const plain = point <= 0 ? `0.${'0'.repeat(-point)}${digits}` : digits.padEnd(point, '0');
  return negative ? `-${plain}` : plain;
}

/** How the cells of a style show their values. */
export interface CellFormat {
  /** The number as the sheet shows it, or why it cannot be had. */
  number(value: number, date1904: boolean): { text: string } | { fault: Fault };
  text(value: string): string;
}

/** Longest format: Excel itself takes 255 characters. */
const maxFormatLength = 255;

/** Given back by the library for what Excel fills with `####`. No format can write it. */
const overflow = '\uffff';
const general = 'General';

/** The pieces of a format: a text, an escaped character, a bracket, a blank of a width, a fill, or anything else. */
const pieces = /"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]?|[^"\\_*[;]+|;|./gsu;

// The colours of Chinese Excel; English ones are known to the library.
const chineseColour = /^\[(?:黑色|蓝色|青色|蓝绿色|绿色|洋红色?|红色|白色|黄色|颜色\s?\d{1,2})\]$/;

interface Section {
  code: string;
  /** 1 is 一二三, 2 is 壹贰叁. */
  chineseNumbers: 0 | 1 | 2;
  unsupported: boolean;
  isGeneral: boolean;
}

/** The calendars of a locale such as `30804` or `1010409` that are the Gregorian one, in plain digits. */
function isPlainLocale(tag: string): boolean {
  if (!/^[0-9a-f]{5,8}$/i.test(tag)) return true;
  const [digits, calendar] = [tag.slice(0, -6), tag.slice(-6, -4)].map((part) =>
    Number.parseInt(part || '0', 16),
  );
  return digits! <= 1 && calendar! <= 2;
}

/** Stands for the year of the Republic. */
const minguo = '"\ue010"';

/** Reads a section, leaving out what only aligns it in its column: `_` and `*` with the character behind them. */
function readSection(source: string[]): Section {
  const tag = source
    .map((piece) => /^\[\$[^\]]*-([^\]-]*)\]$/.exec(piece)?.[1])
    .find((found) => found !== undefined);
  const dbNum = source
    .map((piece) => /^\[DBNum(\d+)\]$/i.exec(piece)?.[1])
    .find((found) => found !== undefined);
  const chineseNumbers = dbNum === '1' ? 1 : dbNum === '2' ? 2 : 0;
  const isTaiwan = /^(?:0?404|zh-tw)$/i.test(tag ?? '');
  let code = '';
  let letters = '';
  for (const piece of source) {
    const first = piece[0];
    if (piece.length > 1 && (first === '_' || first === '*')) continue;
    if (first === '"' || first === '\\')
      code += chineseNumbers === 0 ? piece : piece.replace(/\d/g, setAside);
    else if (first === '[') code += chineseColour.test(piece) || /^\[DBNum/i.test(piece) ? '' : piece;
    else {
      // "G/通用格式" is the name of General in files of Chinese programs.
      let plain = piece.replaceAll(/G\/通用格式/gi, general).replaceAll('上午/下午', 'AM/PM');
      if (isTaiwan) plain = plain.replaceAll(/e+(?![+-])/gi, minguo);
      letters += plain.replaceAll(/general/gi, '').replaceAll(minguo, '');
      code += plain;
    }
  }
  // Eras and other calendars, other digits.
  const isForeign =
    /g|b/i.test(letters) || (/e(?![+-])/i.test(letters) && /^(?:0?41[12]|ja|ko)/i.test(tag ?? ''));
  const isOtherDigits =
    (dbNum !== undefined && chineseNumbers === 0) || source.some((piece) => /^\[NatNum/i.test(piece));
  const unsupported = isForeign || isOtherDigits || !isPlainLocale(tag ?? '');
  // The Chinese weekday and half of the day without a word about the language, as people type them.
  const isChinese = /aaa/i.test(letters) || source.some((piece) => piece.includes('上午/下午'));
  if (isChinese && tag === undefined) code = `[$-804]${code}`;
  if (dbNum !== undefined && letters === '' && /^(?:\[[^\]]*\])*$/.test(code)) code += general;
  return { code, chineseNumbers, unsupported, isGeneral: letters === '' && /general/i.test(code) };
}

/** The sections of a format, each as its pieces. */
function sectionsOf(code: string): string[][] {
  const sections: string[][] = [[]];
  for (const [piece] of code.matchAll(pieces)) {
    if (piece === ';') sections.push([]);
    else sections.at(-1)!.push(piece);
  }
  return sections;
}

const plain: CellFormat = {
  number: (value) => ({ text: renderGeneral(value) }),
  text: (value) => value,
};

function unsupported(code: string): CellFormat {
  const unlike = fault('format-unsupported', { format: shortened(code) });
  return { number: () => ({ fault: unlike }), text: (value) => value };
}

// Digits inside of literals are no number: they are set aside while those of the number become Chinese.
const setAside = (digit: string): string => String.fromCharCode(0xe000 + Number(digit));
const putBack = (text: string): string =>
  text.replace(/[\ue000-\ue009]/g, (mark) => String(mark.charCodeAt(0) - 0xe000));

/** The digits of a shown number or date in Chinese. */
function chinese(shown: string, section: Section, isDate: boolean): string {
  const style = section.chineseNumbers;
  if (style === 0) return shown;
  if (section.isGeneral) return shown.replace(/\d+(?:\.\d+)?/, (number) => chineseNumber(number, style));
  if (!isDate) return inChineseDigits(shown, style);
  // A month or a day is read as a number, a year and a padded number digit by digit.
  return shown.replace(/\d+/g, (digits) =>
    digits.length > 2 || (digits.length === 2 && digits.startsWith('0'))
      ? inChineseDigits(digits, style)
      : chineseNumber(digits, style, true),
  );
}

/** Years of the Republic, which begin with 1912. */
const minguoBefore = 1911;

/**
 * Understands a format code as a Chinese Excel does; numfmt does the work. Ours are `[DBNum1]` and `[DBNum2]`, 上午/下午, the
 * years of the Republic, the names that Chinese programs write, and General, which never becomes an exponent here: an
 * order number of 12 digits is no 1.38E+11.
 *
 * Blanks that only align a cell in its column (`_`, `*`) are left out. A format that cannot be shown as Excel does is a
 * problem of each number, never another text.
 */
export function cellFormat(code: string): CellFormat {
  if (/^(?:general|@|G\/通用格式|)$/i.test(code.trim())) return plain;
  if (code.length > maxFormatLength) return unsupported(code);
  // The date and the time as Windows shows them, whatever stands behind.
  if (/\[\$-(?:F800|x-sysdate)\]/i.test(code)) return cellFormat('yyyy"年"m"月"d"日"');
  if (/\[\$-(?:F400|x-systime)\]/i.test(code)) return cellFormat('h:mm:ss');
  const sections = sectionsOf(code).map(readSection);
  if (sections.some((section) => section.unsupported)) return unsupported(code);
  const isChinese = sections.some(({ chineseNumbers }) => chineseNumbers > 0);
  if (isChinese && /\[[<>=]|,|\/[?#\d]/.test(sections.map((section) => section.code).join(';')))
    return unsupported(code);
  const pattern = sections.map((section) => section.code).join(';');
  const options = { overflow, dateErrorThrows: false, dateErrorNumber: false, dateSpanLarge: false };
  let isDate: boolean;
  try {
    isDate = isDateFormat(pattern);
    formatNumber(pattern, 1, options);
  } catch {
    return unsupported(code);
  }
  const hasText = sections.length > 3 || sections.some((section) => section.code.includes('@'));
  const counts = !/\[(?:h+|m+|s+)\]/i.test(pattern);
  const hasGeneral = pattern.includes(general);
  return {
    number(value, date1904) {
      // The other date system begins 1,462 days later; elapsed hours are the same in both.
      const serial = date1904 && isDate && counts ? value + 1462 : value;
      // The library gives General eleven characters, as in a narrow cell.
      let used = hasGeneral && Number.isInteger(value) ? pattern.replaceAll(general, '0') : pattern;
      if (used.includes(minguo)) {
        const year = Number(formatNumber('yyyy', serial, options)) - minguoBefore;
        if (!(year > 0)) return { fault: fault('format-unsupported/republic', {}) };
        used = used.replaceAll(minguo, `"${year}"`);
      }
      const shown = formatNumber(used, serial, options);
      if (shown.includes(overflow))
        return {
          fault: isDate
            ? fault('date-out-of-range', {})
            : fault('date-out-of-range/format', { format: shortened(code) }),
        };
      if (!isChinese) return { text: shown };
      const at = value < 0 && sections.length > 1 ? 1 : value === 0 && sections.length > 2 ? 2 : 0;
      return { text: putBack(chinese(shown, sections[at]!, isDate)) };
    },
    text: (value) => (hasText ? formatNumber(pattern, value, options) : value),
  };
}
