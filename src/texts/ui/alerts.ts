import type { Words } from '../catalogue.ts';

export const alertsTexts = {
  'alerts.added': {
    en: 'Added the alert channel {id} ({host}). Try it: hongyan alerts test {id}',
    zh: '已添加告警渠道 {id}（{host}）。测试：hongyan alerts test {id}',
  },
  'alerts.none': {
    en: 'No alert channels. Add one with: hongyan alerts add wecom --url-file FILE',
    zh: '还没有告警渠道。添加：hongyan alerts add wecom --url-file 文件',
  },
  'alerts.head': {
    en: 'id|name|kind|host|accounts|state|waiting|last error',
    zh: '编号|名称|类型|主机|账号|状态|待发送|最近错误',
  },
  'alerts.all': { en: 'all', zh: '全部' },
  'alerts.wecom': { en: 'WeCom robot', zh: '企业微信机器人' },
  'alerts.dingtalk': { en: 'DingTalk robot', zh: '钉钉机器人' },
  'alerts.feishu': { en: 'Feishu robot', zh: '飞书机器人' },
  'alerts.email': { en: 'e-mail', zh: '邮件' },
  'alerts.webhook': { en: 'webhook', zh: 'Webhook 地址' },
  'alerts.active': { en: 'active', zh: '正常' },
  'alerts.paused': { en: 'paused', zh: '已暂停' },
  'alerts.failing': { en: 'failing', zh: '无法送达' },
  'alerts.shown': {
    en: 'Alert channel {id}: {name}, {kind}, {host}, accounts: {accounts}, {state}',
    zh: '告警渠道 {id}：{name}，{kind}，{host}，账号：{accounts}，{state}',
  },
  'alerts.fares': {
    en: 'last told {told}, last failed {failed} ({error}); {waiting} waiting, {givenUp} given up',
    zh: '最近送达 {told}，最近失败 {failed}（{error}）；待发送 {waiting}，已放弃 {givenUp}',
  },
  'alerts.tested': { en: '{host} took the test.', zh: '{host} 已收下测试。' },
  'alerts.nowPaused': {
    en: 'The alert channel {id} is paused; what it is to be told waits.',
    zh: '告警渠道 {id} 已暂停，待发送的内容会保留。',
  },
  'alerts.nowActive': {
    en: 'The alert channel {id} is used again; what waited is sent.',
    zh: '告警渠道 {id} 已恢复，保留的内容将发出。',
  },
  'alerts.alreadyPaused': {
    en: 'The alert channel {id} was paused already.',
    zh: '告警渠道 {id} 已是暂停状态。',
  },
  'alerts.alreadyActive': {
    en: 'The alert channel {id} was active already.',
    zh: '告警渠道 {id} 未暂停，无需恢复。',
  },
  'alerts.removed': { en: 'Removed the alert channel {id}.', zh: '已删除告警渠道 {id}。' },
  'alerts.removeAsk': {
    en: 'Remove the alert channel {id} ({host}), which is still to be told {waiting} things?',
    zh: '删除告警渠道 {id}（{host}）？还有 {waiting} 条待发送。',
  },
  'alerts.noIncidents': { en: 'Nothing needs a person.', zh: '没有需要人工处理的事。' },
  'alerts.incidentsHead': { en: 'id|since|until|what|why', zh: '编号|开始|结束|事件|原因' },
  'alerts.open': { en: 'open', zh: '未结束' },
  'alerts.neverLooked': {
    en: 'Nobody has looked yet: a running serve or worker does.',
    zh: '尚未检查过：由运行中的 serve 或 worker 检查。',
  },
} as const satisfies Record<string, Words>;
