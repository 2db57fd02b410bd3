import { failure, type HongyanError } from '../../base/errors.ts';
import { type AccountSetting, accountSettings } from '../../texts/account-words.ts';

/** The refusal of a value that somebody gave for a setting of an account; the value is shown, so never that of a secret. */
export function invalidSetting(
  setting: Exclude<AccountSetting, 'tokenUrl' | 'proxy'>,
  value: unknown,
): HongyanError {
  const { name, wanted } = accountSettings[setting];
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return failure('ACCOUNT_INVALID/setting', { setting: name, wanted, value: shown });
}

/** A whole number within these bounds, or the refusal. */
export function wholeNumber(
  setting: Exclude<AccountSetting, 'tokenUrl' | 'proxy'>,
  value: number,
  least: number,
  most: number,
): number {
  if (!Number.isInteger(value) || value < least || value > most) throw invalidSetting(setting, value);
  return value;
}
