import type { PhoneAccount } from '../../src/simulator/index.ts';
import type { phoneWords } from '../../src/texts/console/phone.ts';
import type { Say } from '../parts/language.tsx';

const families = [...'林陈周吴郑王冯沈韩杨朱秦许何吕施张孔曹严'];
const given = [
  '小满',
  '清和',
  '知夏',
  '一鸣',
  '书言',
  '云舟',
  '若溪',
  '子衿',
  '晓白',
  '安然',
  '北辰',
  '语桐',
  '长风',
];

/** WeChat no longer tells accounts what people are called; people themselves need a name to be told apart. */
export function nameOf(index: number): string {
  return `${families[index % families.length]}${given[Math.floor(index / families.length) % given.length]}`;
}

/** Accounts of the simulator have no names either: their kind, and the end of the appid where several are alike. */
export function accountName(
  account: PhoneAccount,
  all: readonly PhoneAccount[],
  say: Say<typeof phoneWords>,
): string {
  const name = say(`name.${account.kind}`);
  const isAlone = all.filter(({ kind }) => kind === account.kind).length === 1;
  return isAlone ? name : `${name} ${account.appid.slice(-4)}`;
}
