/** Which digits: 1 is 一二三 (`[DBNum1]`), 2 is 壹贰叁 (`[DBNum2]`). */
export type ChineseDigits = 1 | 2;

const digitsOf = { 1: '〇一二三四五六七八九', 2: '零壹贰叁肆伍陆柒捌玖' };
const unitsOf = { 1: ['', '十', '百', '千'], 2: ['', '拾', '佰', '仟'] };

/** Each digit as its character; everything else stays. */
export function inChineseDigits(text: string, style: ChineseDigits): string {
  return text.replace(/\d/g, (digit) => digitsOf[style][Number(digit)]!);
}

/** Up to four digits with their units; zeros between others are one. */
function group(text: string, style: ChineseDigits): string {
  let out = '';
  let zero = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '0') zero = true;
    else {
      out += zero ? digitsOf[style][0] : '';
      out += digitsOf[style][Number(text[at])]! + unitsOf[style][text.length - 1 - at]!;
      zero = false;
    }
  }
  return out;
}

/** A number without zeros in front: ten thousands and hundred millions are read as numbers of their own. */
function whole(digits: string, style: ChineseDigits): string {
  const [size, unit] = digits.length > 8 ? ([8, '亿'] as const) : ([4, '万'] as const);
  if (digits.length <= 4) return group(digits, style);
  const low = digits.slice(-size);
  const rest = low.replace(/^0+/, '');
  const gap = rest !== '' && rest.length < low.length ? digitsOf[style][0]! : '';
  return `${whole(digits.slice(0, -size), style)}${unit}${gap}${whole(rest, style)}`;
}

/**
 * A plain decimal number of at most 16 digits before the point as it is read: 123.4 is 一百二十三.四.
 *
 * @param short leaves out the 一 before 十 at the start, as dates do: 十二月.
 */
export function chineseNumber(decimal: string, style: ChineseDigits, short = false): string {
  const sign = decimal.startsWith('-') ? '-' : '';
  const [integer = '', fraction] = decimal.slice(sign.length).split('.');
  const digits = integer.replace(/^0+/, '');
  let out = whole(digits, style);
  if (out === '') out = digitsOf[style][0]!;
  if (short && style === 1) out = out.replace(/^一十/, '十');
  return `${sign}${out}${fraction === undefined ? '' : `.${inChineseDigits(fraction, style)}`}`;
}
