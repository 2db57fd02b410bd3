import { schedulesWords } from '../../../src/texts/console/schedules.ts';
import { useWords } from '../language.tsx';
import { whenOf } from './when.ts';

/** How often a schedule runs, as people say it; a cron expression that says more stays as it is. */
export function useWhenWords(): (cron: string) => string {
  const say = useWords(schedulesWords);
  return (cron) => {
    const { often, time, weekday, monthday } = whenOf(cron);
    switch (often) {
      case 'daily':
        return say('when.daily', { time });
      case 'weekly':
        // 0 to 6, as it was read.
        return say('when.weekly', { day: say(`weekday.${weekday}` as 'weekday.0'), time });
      case 'monthly':
        return say('when.monthly', { day: monthday, time });
      case 'custom':
        return cron;
    }
  };
}
