import type { Words } from './catalogue.ts';

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** "3 hours ago", "3 小时前". */
export function ageOf(at: Date, now = Date.now()): Words {
  const seconds = Math.round((at.getTime() - now) / 1000);
  const say = (locale: string): string => {
    const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
    for (const [unit, size] of units)
      if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
    return format.format(seconds, 'second');
  };
  // The locale writes 3小时前.
  return { en: say('en'), zh: say('zh-CN').replace(/\d+/, '$& ').replace('秒钟', '秒') };
}
