import { defineErrors } from '../catalogue.ts';

export const schedulesErrors = defineErrors({
  CRON_INVALID: {
    about: { en: 'A cron expression that is none.', zh: 'cron 表达式无效。' },
    remedy: { en: 'Five fields, such as `0 9 * * 1`.', zh: '五个字段，如 `0 9 * * 1`。' },
    texts: {
      default: {
        en: '"{cron}" is not a cron expression of five fields, such as "0 9 * * 1"',
        zh: '“{cron}”不是五个字段的 cron 表达式，如 "0 9 * * 1"',
      },
    },
  },
  SCHEDULE_CHANGED: {
    about: { en: 'Somebody else changed the schedule in the meantime.', zh: '定时任务在此期间被别人改过。' },
    remedy: { en: 'Look at it again, and repeat the change.', zh: '重新查看后再改。' },
    status: 409,
    texts: {
      default: {
        en: 'the schedule {id} was changed by somebody else in the meantime',
        zh: '定时任务 {id} 在此期间被别人改过',
        do: { en: 'look at it again, and repeat the change', zh: '请重新查看后再改' },
      },
    },
  },
  SCHEDULE_NOT_FOUND: {
    about: { en: 'There is no schedule of that number.', zh: '没有这个定时任务。' },
    remedy: { en: '`hongyan schedules list`.', zh: '`hongyan schedules list`.' },
    texts: {
      default: {
        en: 'there is no schedule {id}',
        zh: '没有定时任务 {id}',
        do: { cli: { en: 'see: hongyan schedules list', zh: '查看：hongyan schedules list' } },
      },
    },
  },
});
