import { invalidSetting } from '../../app/accounts/invalid.ts';

/** A whole number as an option gives it. What `Number` reads beside digits (an empty text, 1e3, 0x10) nobody means. */
export function settingNumber(setting: Parameters<typeof invalidSetting>[0], value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw invalidSetting(setting, value);
  return Number(value);
}

/** The same, or `off`. */
export function settingNumberOrOff(
  setting: Parameters<typeof invalidSetting>[0],
  value: string,
): number | null {
  return value === 'off' ? null : settingNumber(setting, value);
}
