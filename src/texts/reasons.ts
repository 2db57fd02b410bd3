import { fill, type Lang, type Words } from './catalogue.ts';

/**
 * Why a message was not accepted, or why a campaign stands still or ended, by the stored reason. What WeChat refused has an
 * errcode instead, whose words are those of src/wechat/errcodes.
 */
export const reasonTexts = {
  reader_gone: {
    en: 'its recipients were not read to their end, and the process that read them is gone',
    zh: '接收人没有读完，读取它的进程已不在',
  },
  never_confirmed: { en: 'nobody confirmed it within a day', zh: '一天内无人确认' },
  start_failed: {
    en: 'the process that made it failed before its start',
    zh: '创建它的进程在开始前失败',
  },
  'blocked-share': {
    en: 'too many of the first thousand refuse the messages of this account (blocked); look at audience and content before going on',
    zh: '首批一千条中用户拒收的比例过高；继续前请检查人群与内容',
  },
  held: {
    en: 'held for review, and no word from WeChat within 30 minutes: it may have been delivered',
    zh: '曾被微信转入审核，30 分钟内没有结论：可能已送达',
  },
  'held-share': {
    en: 'WeChat held many of the first thousand for review and does not say what became of them; see its console before going on',
    zh: '首批一千条中有多条被微信转入审核，且无法得知结果；继续前请到微信后台查看',
  },
  timeout: { en: 'no answer in time: it may have arrived', zh: '超时未收到应答：可能已送出' },
  reset: {
    en: 'the connection broke before the answer: it may have arrived',
    zh: '应答前连接中断：可能已送出',
  },
  gateway: {
    en: "WeChat's gateway answered instead of WeChat: it may have arrived",
    zh: '网关代替微信应答：可能已送出',
  },
  FOLLOWER_LOSS: {
    en: 'FOLLOWER_LOSS, the follower list lost over 5 % at once',
    zh: 'FOLLOWER_LOSS，关注者列表一次减少了 5% 以上',
  },
  unparsable: {
    en: 'what answered was not WeChat: it may have arrived',
    zh: '应答不是微信返回的：可能已送出',
  },
  crash: {
    en: 'the process died before the answer was stored: it may have arrived',
    zh: '结果保存前进程中断：可能已送出',
  },
  connect: { en: 'no connection to WeChat: not sent', zh: '无法连接微信：未发送' },
  busy: { en: "WeChat's gateway was busy (503): not sent", zh: '微信网关繁忙（503）：未发送' },
  token: { en: 'no access token could be had: not sent', zh: '无法取得 access_token：未发送' },
  deadline: { en: 'stopped before it was sent', zh: '发送前已停止' },
  'no-credit': {
    en: 'no subscription or form_id was left when its turn came: not sent',
    zh: '轮到时已无订阅次数或 form_id：未发送',
  },
  'not-started': { en: 'not tried yet', zh: '尚未尝试' },
  interrupted: { en: 'stopped by ctrl-C', zh: '被 Ctrl-C 停止' },
  operator: { en: 'by an operator', zh: '已由人工停止' },
  dry_run: { en: 'it was a dry run', zh: '试运行，不发送' },
  nobody: { en: 'nobody was left to send to', zh: '没有可推送的接收人' },
  scheduled_instead: { en: 'a schedule was made of its draft', zh: '草稿已改为定时任务' },
  planned_again: { en: 'its draft was planned again', zh: '草稿已重新生成计划' },
  not_confirmed: { en: 'it was not confirmed', zh: '未确认' },
  audience_incomplete: { en: 'its recipients could not be read to the end', zh: '接收人未能读完' },
  expired: { en: 'its time was over before it could be sent', zh: '发送前已过有效期' },
  cancelled: { en: 'the campaign was cancelled first', zh: '任务已先被取消' },
  intercepted: {
    en: 'held for review, and blocked by WeChat: not delivered',
    zh: '审核未通过，被微信拦截：未送达',
  },
  restored: {
    en: 'the database was restored or failed over, and may have forgotten who was messaged; whoever may have been is unknown and is not sent to again',
    zh: '数据库曾被恢复或切换，可能丢失了推送记录；可能已收到的人记为结果未知，不会自动重发',
  },
  'maybe-sent': {
    en: 'WeChat answered −1, and may have sent it all the same',
    zh: '微信返回 -1，但可能已送出',
  },
  'handed-back': { en: 'handed back before it was sent', zh: '发送前已交回' },
  minute: {
    en: 'WeChat wants fewer calls per minute: not sent',
    zh: '微信要求降低每分钟调用次数：未发送',
  },
  park: { en: "the day's quota is used up: not sent", zh: '今日额度已用完：未发送' },
  'node-ip': { en: "WeChat refuses this machine's address: not sent", zh: '微信拒绝本机 IP：未发送' },
  'pause-account': { en: 'the account is paused: not sent', zh: '账号已暂停：未发送' },
} as const satisfies Record<string, Words>;

/** Where a campaign stands still, what the reason of a message would say otherwise. */
const campaignTexts = {
  intercepted: {
    en: "WeChat intercepted messages of the first thousand; look at the template and its content in WeChat's console before going on",
    zh: '首批一千条中有消息被微信拦截；继续前请到微信后台检查模板及内容',
  },
  invalid_rows: {
    en: '{rows} rows are not valid, and the campaign was to go to nobody then',
    zh: '有 {rows} 行无效，按设置整批不发',
  },
  share: { en: ' ({part} of {whole})', zh: '（{whole} 条中有 {part} 条）' },
  detail: { en: ': {detail}', zh: '：{detail}' },
} as const satisfies Record<string, Words>;

/** The words of a reason; null for one that this version does not have. */
export function reasonText(reason: string, lang: Lang): string | null {
  if (!Object.hasOwn(reasonTexts, reason)) return null;
  return reasonTexts[reason as keyof typeof reasonTexts][lang]; // looked up just now
}

/**
 * Why a campaign stands still or ended, where that was not an errcode.
 * @param detail `PART/WHOLE` is a share of the first thousand; anything else is shown as it is
 */
export function standstillText(
  { reason, detail, invalid }: { reason: string; detail: string | null; invalid: number },
  lang: Lang,
): string {
  const say = (words: Words, values: Record<string, string | number>): string =>
    fill(words, lang, 'cli', values);
  if (reason === 'invalid_rows') return say(campaignTexts.invalid_rows, { rows: invalid });
  const words =
    reason === 'intercepted' ? campaignTexts.intercepted[lang] : (reasonText(reason, lang) ?? reason);
  if (detail === null || detail === '') return words;
  const [, part, whole] = /^(\d+)\/(\d+)$/.exec(detail) ?? [];
  if (part === undefined) return words + say(campaignTexts.detail, { detail });
  return words + say(campaignTexts.share, { part: Number(part), whole: Number(whole) });
}
