import { Option } from 'commander';

/** To which accounts a person or key is limited. */
export function accountsOption(): Option {
  return new Option('--accounts <appids>');
}

/** Null: every account. */
export function appidsOf(list: string | undefined): string[] | null {
  if (list === undefined || list === 'all') return null;
  return list.split(/[,\s]+/).filter((appid) => appid !== '');
}
