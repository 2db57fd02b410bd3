import type { Words } from '../catalogue.ts';

export const creditsTexts = {
  'credits.progress': { en: 'credits', zh: '订阅次数' },
  'credits.imported': {
    en: '{rows} rows: {added} balances set, {repeated} imported before, {bad} not usable.',
    zh: '{rows} 行：设定 {added} 项余额，{repeated} 项此前已导入，{bad} 行不可用。',
  },
  'credits.importedFormIds': {
    en: '{rows} rows: {added} form_ids entered, {repeated} known before, {bad} not usable.',
    zh: '{rows} 行：登记 {added} 个 form_id，{repeated} 个此前已有，{bad} 行不可用。',
  },
  'credits.badRow': { en: '  line {line}: {code} – {detail}', zh: '  第 {line} 行：{detail}（{code}）' },
  'credits.badMore': { en: '  … and {more} more', zh: '  …… 另有 {more} 行' },
  'credits.none': {
    en: 'Nothing was heard of the credits of {openid}: unknown, which is not 0.',
    zh: '没有 {openid} 的订阅次数记录：未知，而不是 0。',
  },
  'credits.formId': {
    en: 'form_id {formId}: {left} left, {reserved} reserved, until {until}',
    zh: 'form_id {formId}：剩余 {left}，预留 {reserved}，有效至 {until}',
  },
  'credits.prepayId': {
    en: 'prepay_id {formId}: {left} left, {reserved} reserved, until {until}',
    zh: 'prepay_id {formId}：剩余 {left}，预留 {reserved}，有效至 {until}',
  },
  'credits.line': { en: '{templateId} {title}: {left}', zh: '{templateId} {title}：{left}' },
  'credits.left': {
    en: '{left} left ({balance} known since {since}, {reserved} reserved)',
    zh: '剩余 {left}（余额 {balance}，自 {since} 起已知；预留 {reserved}）',
  },
  'credits.leftLongTerm': { en: 'long-term: {state}', zh: '长期订阅：{state}' },
  'credits.unlimited': { en: 'accepted, without limit', zh: '已同意，不限次数' },
  'credits.refused': { en: 'refused', zh: '已拒绝' },
  'credits.capped': {
    en: '{left} of {perPeriod} left in {days} days',
    zh: '{days} 天内 {perPeriod} 条，剩余 {left}',
  },
  'credits.unknown': { en: 'unknown: nobody told us; it is sent to', zh: '未知：没有任何来源告知；仍会推送' },
  'credits.held': {
    en: 'kept: nobody knows whether it arrived  {holder}',
    zh: '保留：结果未知，可能已送达  {holder}',
  },
  'credits.ofMessage': { en: 'message {id}', zh: '单条消息 {id}' },
  'credits.ofRecipient': { en: 'campaign {campaign}, no. {no}', zh: '推送任务 {campaign} 第 {no} 位' },
  'credit.report': { en: 'accept, reported by the client', zh: '客户端上报的同意' },
  'credit.popup': { en: 'accept in the dialog, by event', zh: '弹窗事件：同意' },
  'credit.popup-reject': { en: 'reject in the dialog, by event', zh: '弹窗事件：拒绝' },
  'credit.import': { en: 'import', zh: '导入' },
  'credit.sent': { en: 'message accepted by WeChat', zh: '微信已受理一条消息' },
  'credit.refused': { en: '43101: WeChat says that there is none', zh: '43101：微信表示已无次数' },
  'credit.change': { en: 'switched off in the settings, by event', zh: '设置中关闭（事件）' },
  'credits.ruleSet': {
    en: '{templateId}: at most {perPeriod} per person in {days} days, if it is a long-term template.',
    zh: '{templateId}：若为长期订阅模板，每人 {days} 天内至多 {perPeriod} 条。',
  },
  'credits.noRules': { en: 'No limits of our own.', zh: '没有自定上限。' },
  'credits.ruleOff': { en: '{templateId}: no limit of our own.', zh: '{templateId}：不设自定上限。' },
} as const satisfies Record<string, Words>;
