import { defineWords } from './define.ts';

export const schedulesWords = defineWords({
  title: { en: 'Schedules', zh: '定时任务' },
  about: {
    en: 'Campaigns that are repeated by the clock; nobody is asked each time.',
    zh: '按时间周期自动推送，不再逐次确认。',
  },
  empty: { en: 'No schedule yet', zh: '还没有定时任务' },
  emptyHint: {
    en: 'Make one on the command line: hongyan push --cron "0 9 * * 1" …',
    zh: '用命令行创建：hongyan push --cron "0 9 * * 1" …',
  },
  name: { en: 'Schedule', zh: '任务' },
  cron: { en: 'When', zh: '周期' },
  to: { en: 'To', zh: '人群' },
  'to.all': { en: 'All followers', zh: '全部关注者' },
  'to.tag': { en: 'Tag {tag}', zh: '标签 {tag}' },
  next: { en: 'Next run', zh: '下次执行' },
  last: { en: 'Last run', zh: '最近一次' },
  state: { en: 'State', zh: '状态' },
  active: { en: 'Runs', zh: '正常' },
  paused: { en: 'Paused', zh: '已暂停' },
  missed: { en: 'Missed {time}', zh: '错过 {time}' },
  pause: { en: 'Pause', zh: '暂停' },
  resume: { en: 'Use again', zh: '恢复' },
  remove: { en: 'Remove', zh: '删除' },
  removeTitle: { en: 'Remove schedule {id}?', zh: '删除定时任务 {id}？' },
  removeHint: { en: 'Campaigns that it started go on.', zh: '已启动的推送会继续进行。' },
  more: { en: 'More about schedule {id}', zh: '定时任务 {id} 的更多操作' },
});
