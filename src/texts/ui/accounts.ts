import type { Words } from '../catalogue.ts';

export const accountsTexts = {
  'account.added': { en: 'Added the account {appid} ({kind}).', zh: '已添加账号 {appid}（{kind}）。' },
  'account.changed': { en: 'Changed the account {appid} ({kind}).', zh: '已修改账号 {appid}（{kind}）。' },
  'account.none': {
    en: 'No accounts yet. Add one with: hongyan accounts add --appid APPID --kind KIND',
    zh: '还没有账号。添加：hongyan accounts add --appid APPID --kind KIND',
  },
  'account.checkOk': {
    en: 'WeChat accepts the credentials of {appid} from this machine.',
    zh: '微信接受 {appid} 从本机发出的凭证。',
  },
  'account.removed': {
    en: 'Removed the account {appid} and everything of it.',
    zh: '已删除账号 {appid} 及其全部数据。',
  },
  'account.removeAsk': {
    en: 'Remove {appid} with {contacts} contacts and {campaigns} campaigns? This cannot be undone.',
    zh: '删除 {appid} 以及 {contacts} 个用户、{campaigns} 个推送任务？无法恢复。',
  },
  'account.askSecret': { en: 'AppSecret of {appid} (not shown)', zh: '{appid} 的 AppSecret（输入不显示）' },
  'followers.progress': { en: 'followers', zh: '关注者' },
  'followers.details': { en: 'details', zh: '详细信息' },
  'followers.resumed': { en: 'Going on with the sync that was interrupted.', zh: '继续上次中断的同步。' },
  'followers.done': {
    en: '{seen} followers: {added} new, {gone} left. {calls} of {limit} daily user/get calls.',
    zh: '{seen} 个关注者：新增 {added}，取消关注 {gone}。用去每天 {limit} 次 user/get 中的 {calls} 次。',
  },
  'followers.detailed': {
    en: 'Details of {detailed} followers stored.',
    zh: '已保存 {detailed} 个关注者的详细信息。',
  },
  'followers.missing': {
    en: 'WeChat counts {missing} more than its list has, so nobody was marked as gone this time.',
    zh: '微信给出的总人数比列表多 {missing} 人，因此本次没有把任何人标记为已取消关注。',
  },
  'followers.invalid': {
    en: 'WeChat calls {n} openids invalid (40003), which have no details; all others have theirs: {openids}',
    zh: '微信认为 {n} 个 openid 无效（40003），没有它们的详细信息；其余均已保存：{openids}',
  },
  'followers.askLoss': {
    en: 'By WeChat’s answers {gone} of the {known} known followers ({percent} %) are none any more. Mark them as gone?',
    zh: '按微信返回的结果，已知的 {known} 个关注者中有 {gone} 个（{percent}%）不再关注。是否将他们标记为已取消关注？',
  },
  'followers.count': {
    en: '{following} follow {appid}, {unfollowed} left, {all} contacts in all; last full sync: {syncedAt}.',
    zh: '{appid} 有 {following} 人关注，{unfollowed} 人已取消，共 {all} 个用户；上次完整同步：{syncedAt}。',
  },
  'followers.countMp': {
    en: '{all} contacts of the Mini Program {appid}: imported or messaged before. WeChat has no list of them.',
    zh: '小程序 {appid} 有 {all} 个用户：来自导入或曾经推送。微信不提供小程序用户列表。',
  },
  'followers.never': { en: 'never', zh: '从未' },
  'templates.synced': {
    en: '{stored} templates stored, {gone} gone.',
    zh: '已保存 {stored} 个模板，{gone} 个已不存在。',
  },
  'templates.refused': {
    en: 'WeChat refused the list of {family} templates: {errcode} {errmsg}',
    zh: '微信拒绝返回 {family} 模板列表：{errcode} {errmsg}',
  },
  'templates.none': {
    en: 'No templates stored. Fetch them with: hongyan templates sync {appid}',
    zh: '还没有模板。获取：hongyan templates sync {appid}',
  },
  'file.sheet': {
    en: 'Read {name}: the sheet "{sheet}", openids in the column "{column}".',
    zh: '已读取 {name}：工作表“{sheet}”，openid 在“{column}”列。',
  },
  'file.text': {
    en: 'Read {name} as {format} in {encoding}, openids in the column "{column}".',
    zh: '已按 {format}（{encoding}）读取 {name}，openid 在“{column}”列。',
  },
  'file.header': {
    en: 'The names of the columns are in row {row}; {skipped} above it left out.',
    zh: '列名在第 {row} 行；其上的 {skipped} 行已略过。',
  },
  'file.hidden': {
    en: '{rows} rows of the sheet are hidden or filtered out, and are in the list all the same; --visible-only leaves them out.',
    zh: '工作表中有 {rows} 行被隐藏或筛选掉，仍在名单内；加 --visible-only 可排除。',
  },
  'file.hiddenOut': {
    en: '{rows} rows of the sheet that are hidden or filtered out are left out.',
    zh: '已排除工作表中被隐藏或筛选掉的 {rows} 行。',
  },
  'file.format': {
    en: 'The column "{column}" cannot be read: {problem}.',
    zh: '“{column}”列无法读取：{problem}。',
  },
  'rate.is': { en: '{appid} sends at most {rate} messages/s.', zh: '{appid} 每秒最多发送 {rate} 条。' },
  'rate.changed': {
    en: '{appid} now sends at most {rate} messages/s (before: {before}).',
    zh: '{appid} 现在每秒最多发送 {rate} 条（之前：{before}）。',
  },
  'quota.rules': {
    en: 'The day is assumed to end at {reset}; {reserve} % of a known limit are kept from campaigns. clear_quota: {clears} of 10 left this month, by our own count.',
    zh: '假定当日额度在 {reset} 重置；已知额度的 {reserve}% 不给推送任务使用。clear_quota：按本系统计数本月还可用 {clears} / 10 次。',
  },
  'quota.clearAsk': {
    en: 'Set all daily counters of {appid} to zero? {left} of this month’s 10 are left, by our own count; calls in WeChat’s console count too.',
    zh: '将 {appid} 的全部每日计数清零？按本系统计数本月 10 次中还剩 {left} 次；在微信后台的清零也计入。',
  },
  'quota.cleared': {
    en: 'WeChat has set the counters of {appid} to zero; {left} are left this month, by our own count.',
    zh: '微信已将 {appid} 的计数清零；按本系统计数本月还剩 {left} 次。',
  },
  'account.resumed': { en: 'The account {appid} is used again.', zh: '账号 {appid} 已恢复使用。' },
  'account.notPaused': { en: 'The account {appid} is not paused.', zh: '账号 {appid} 没有暂停。' },
  'suppress.added': {
    en: '{added} openids put on the suppression list of {appid}.',
    zh: '已将 {added} 个 openid 加入 {appid} 的禁发名单。',
  },
  'suppress.removed': {
    en: '{removed} openids taken off the suppression list of {appid}.',
    zh: '已将 {removed} 个 openid 移出 {appid} 的禁发名单。',
  },
} as const satisfies Record<string, Words>;
