import { defineWords } from './define.ts';

/** What is looked at before a number is typed: each with what to do about it. */
export const checksWords = defineWords({
  title: { en: 'Checks', zh: '检查结果' },
  people: { en: '{count} people', zh: '{count} 人' },
  planned: { en: 'Will be messaged', zh: '将收到消息' },
  plannedOf: { en: 'of {audience} in the audience', zh: '人群共 {audience} 人' },
  'planned.none': {
    en: 'Nobody would be messaged: choose other people, or mend what is said below.',
    zh: '没有人会收到：请更换人群，或按下面的原因处理。',
  },
  reachable: { en: 'With a subscription left', zh: '已知有订阅次数' },
  'reachable.do': { en: 'They can be reached.', zh: '可以触达。' },
  unknown: { en: 'Subscriptions unknown', zh: '订阅次数未知' },
  'unknown.do': {
    en: 'They are sent to; whoever has none is refused by WeChat (43101). Import what you know, or let them subscribe first.',
    zh: '照常发送，没有次数的会被微信拒绝（43101）。可先导入订阅记录，或引导用户订阅。',
  },
  'unknown.none': { en: 'Known of everybody.', zh: '全部已知。' },
  noCredit: { en: 'No subscription left', zh: '没有订阅次数' },
  'noCredit.do': {
    en: 'Left out until they subscribe again.',
    zh: '不发送，需引导用户再次订阅。',
  },
  'noCredit.sent': {
    en: 'They are sent to all the same, as you asked; WeChat refuses most.',
    zh: '已选择照常发送，多数会被微信拒绝。',
  },
  invalid: { en: 'Faulty', zh: '数据有误' },
  'invalid.do': {
    en: 'Left out. Download the rows, mend them and upload them again.',
    zh: '不发送。下载这些行，改好后重新上传。',
  },
  duplicate: { en: 'Duplicates', zh: '重复' },
  'duplicate.do': { en: 'Each person gets it once.', zh: '每人只发一次，无需处理。' },
  suppressed: { en: 'On the suppression list', zh: '在禁发名单中' },
  'suppressed.do': {
    en: 'Left out. Take somebody off on the page of the person, if they asked for it.',
    zh: '不发送。如用户要求恢复，可在用户页移出名单。',
  },
  fatigue: { en: 'At the fatigue cap', zh: '达到频次上限' },
  'fatigue.do': {
    en: 'Left out: they got as many as the account allows. The cap is in the rules of the account.',
    zh: '不发送：近期收到的推送已达账号上限，上限在账号规则中设置。',
  },
  unfollowed: { en: 'No longer following', zh: '已取消关注' },
  'unfollowed.do': { en: 'Left out: WeChat would refuse them (43004).', zh: '不发送：微信会拒绝（43004）。' },
  excluded: { en: 'Excluded by you', zh: '按你的设置排除' },
  'excluded.do': { en: 'Left out, as you chose under Audience.', zh: '不发送，见“人群”中的排除条件。' },
  erased: { en: 'Erased people', zh: '已删除个人信息' },
  'erased.do': { en: 'Left out for good, as they wished.', zh: '按用户要求不再发送。' },
  download: { en: 'Download', zh: '下载' },
  quota: { en: 'Quota left today', zh: '今日剩余额度' },
  'quota.enough': { en: 'Enough for this campaign.', zh: '够用。' },
  'quota.short': {
    en: 'Too small by {short}: the rest goes on by itself after {time}.',
    zh: '还差 {short}，其余在 {time} 额度恢复后自动继续。',
  },
  'quota.default': {
    en: 'By WeChat’s documents, not by its own word: set the real limit in the rules of the account.',
    zh: '按微信文档的默认值估算，可在账号页填写实际额度。',
  },
  held: { en: 'Held for review the last time', zh: '上次推送转审核的比例' },
  'held.none': {
    en: 'Nothing to compare with: no campaign of 50 or more was sent yet.',
    zh: '暂无参考：还没有发过 50 人以上的推送。',
  },
  'held.same': {
    en: '{held} of the first {of} of campaign #{id}, of this template.',
    zh: '本模板的推送 #{id}，首批 {of} 条中有 {held} 条。',
  },
  'held.other': {
    en: '{held} of the first {of} of campaign #{id}, of another template.',
    zh: '其他模板的推送 #{id}，首批 {of} 条中有 {held} 条。',
  },
  'held.high': {
    en: 'Look at the content again before so many get it: WeChat holds it for 30 minutes, and may block it.',
    zh: '微信可能再次审核（约 30 分钟）甚至拦截，发送前请再检查内容。',
  },
  duration: { en: 'Time at the rate', zh: '预计用时' },
  'duration.about': { en: 'At {rate} a second.', zh: '按 {rate} 条/秒。' },
  quiet: { en: 'Quiet hours', zh: '免打扰' },
  'quiet.do': {
    en: 'Nothing is sent then; it goes on by itself.',
    zh: '期间不发送，结束后自动继续。',
  },
  canary: { en: 'First 1,000', zh: '首批' },
  'canary.do': {
    en: 'Go first; the rest follows when few of them block it and WeChat holds none (its review takes up to 30 minutes).',
    zh: '先发 1,000 条；确认拒收不多、微信没有转审核（审核约需 30 分钟）后再发其余。',
  },
  approval: { en: 'Approval', zh: '审批' },
  'approval.do': {
    en: 'More than {limit} people: after you somebody else must approve it.',
    zh: '超过 {limit} 人，确认后还须由另一人审批。',
  },
  needed: { en: 'needed', zh: '需要' },
  seconds: { en: 'about {n} s', zh: '约 {n} 秒' },
  minutes: { en: 'about {n} min', zh: '约 {n} 分钟' },
  hours: { en: 'about {n} h', zh: '约 {n} 小时' },
  'level.good': { en: 'In order', zh: '正常' },
  'level.note': { en: 'To know', zh: '提示' },
  'level.warn': { en: 'Look at it', zh: '请留意' },
  'level.bad': { en: 'Must be mended', zh: '必须处理' },
});

/** The number is typed. */
export const confirmWords = defineWords({
  type: { en: 'Type the number of people to confirm: {planned}', zh: '输入人数以确认：{planned}' },
  typeHint: { en: 'Nobody is sent to before.', zh: '确认之前不会发给任何人。' },
  wrong: { en: 'That is not the number: {planned}', zh: '与计划人数 {planned} 不一致' },
  send: { en: 'Send to {planned} people', zh: '向 {planned} 人发送' },
  maySend: { en: 'Somebody who may send confirms it.', zh: '需由有发送权限的人确认。' },
  changed: { en: 'The plan is no longer what you looked at', zh: '计划已有变化' },
  changedNumber: {
    en: 'At the checks it was {before} people, now it is {now}. Look at it again before you type the number.',
    zh: '检查时是 {before} 人，现在是 {now} 人。请核对后再输入人数。',
  },
  lookAgain: { en: 'Look again', zh: '重新核对' },
});
