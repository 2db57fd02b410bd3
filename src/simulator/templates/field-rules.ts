import type { UncertainSwitches } from '../options.ts';

/** Tells whether a value (never empty, except for `const`) satisfies its parameter class. */
export type FieldRule = (value: string) => boolean;

const yearFirst = String.raw`\d{4}年\d{1,2}月(?:\d{1,2}日)?|\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?`;
const monthFirst = String.raw`\d{1,2}月\d{1,2}日|\d{1,2}[-/.]\d{1,2}`;
const date = `(?:${yearFirst}|${monthFirst})`;
const time = String.raw`(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?`;

const timeValue = new RegExp(`^(?:${date} ?)?${time}(?:~(?:${date} ?)?${time})?$`);
const dateValue = new RegExp(`^${date}(?: ?${time})?(?:~${date}(?: ?${time})?)?$`);
const bareDate = new RegExp(`^${date}$`);
const han = /\p{Script=Han}/u;
const hanOnly = /^\p{Script=Han}+$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not occur
const controlCharacter = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const car = /^[\p{Script=Han}A-Za-z0-9][A-Za-z0-9]*[\p{Script=Han}A-Za-z0-9]?$/u;

/** The parameter classes of typed templates; `enum` and `const` need the template's own values. */
const fieldClasses = new Set([
  'thing',
  'number',
  'letter',
  'symbol',
  'character_string',
  'time',
  'date',
  'amount',
  'phone_number',
  'car_number',
  'name',
  'phrase',
  'enum',
  'enum_string',
  'const',
  'short_thing',
]);

/** The class of a key like `thing1`, or undefined for a free key like `keyword1` or `first`. */
export function fieldClass(key: string): string | undefined {
  const name = /^([a-z_]+?)\d+$/.exec(key)?.[1];
  return name !== undefined && fieldClasses.has(name) ? name : undefined;
}

export function fieldRule(name: string, values: readonly string[], switches: UncertainSwitches): FieldRule {
  const { lengthUnit } = switches;
  const length = (value: string): number => (lengthUnit === 'utf16' ? value.length : [...value].length);
  const check = ((): FieldRule => {
    switch (name) {
      case 'thing':
        return (value) => length(value) <= 20;
      case 'short_thing':
        return (value) => length(value) <= switches.shortThingMax;
      case 'number':
        return (value) => value.length <= 32 && /^[+-]?\d+(?:\.\d+)?$/.test(value);
      case 'letter':
        return (value) => /^[A-Za-z]{1,32}$/.test(value);
      case 'symbol':
        return (value) => length(value) <= 5 && !/[\p{L}\p{N}]/u.test(value);
      case 'character_string':
        return (value) => /^[\x20-\x7e]{1,32}$/.test(value);
      case 'time':
        return (value) => timeValue.test(value) || bareDate.test(value);
      case 'date':
        return (value) => dateValue.test(value);
      case 'amount': {
        const amount = new RegExp(`^[¥￥$€£]?\\d{1,${switches.amountMaxDigits}}(?:\\.\\d+)?元?$`);
        return (value) => amount.test(value);
      }
      case 'phone_number':
        return (value) => /^[0-9+\-() ]{1,17}$/.test(value);
      case 'car_number':
        return (value) => length(value) <= 8 && car.test(value);
      case 'name':
        return (value) => length(value) <= (han.test(value) ? 10 : 20);
      case 'phrase':
        return (value) => length(value) <= 5 && hanOnly.test(value);
      case 'const':
        return (value) => value === '' || (length(value) <= 20 && values.includes(value));
      default:
        return (value) => values.includes(value);
    }
  })();
  return (value) => !controlCharacter.test(value) && check(value);
}
