import { defineWords } from './define.ts';

export const overviewWords = defineWords({
  title: { en: 'Overview', zh: '概览' },
  about: { en: 'What needs somebody, and what runs.', zh: '需要处理的事，和正在进行的推送。' },
  start: { en: 'Add your first account', zh: '从添加账号开始' },
  startHint: {
    en: 'Then set up its callback, sync its templates and send yourself a test. To try everything without an account, run "hongyan simulate" and add the account that it prints.',
    zh: '接着设置消息推送、同步模板，给自己发一条测试。没有账号也能试用：运行 hongyan simulate，添加它打印的账号。',
  },
  startDo: { en: 'Add account', zh: '添加账号' },
  needs: { en: 'Needs somebody', zh: '需要处理' },
  nothing: { en: 'Nothing needs you now.', zh: '目前没有需要处理的事。' },
  running: { en: 'Running', zh: '正在进行' },
  nothingRuns: { en: 'No campaign runs.', zh: '没有正在进行的推送。' },
  latest: { en: 'Latest campaigns', zh: '最近的推送' },
  'need.confirm': {
    en: 'Campaign #{id} waits for confirmation: {count} people',
    zh: '推送 #{id} 待确认：{count} 人',
  },
  'need.approve': {
    en: 'Campaign #{id} waits for approval: {count} people',
    zh: '推送 #{id} 待审批：{count} 人',
  },
  'need.resume': { en: 'Campaign #{id} is paused', zh: '推送 #{id} 已暂停' },
  'need.cancel': { en: 'Campaign #{id} cannot go on', zh: '推送 #{id} 无法继续' },
  'need.account': { en: '{name} is paused', zh: '账号“{name}”已暂停' },
  'need.refused': { en: 'WeChat refuses {name}: {reason}', zh: '微信拒绝了账号“{name}”：{reason}' },
  look: { en: 'Look', zh: '查看' },
  since: { en: 'since {time}', zh: '始于 {time}' },
});
