import { defineWords } from './define.ts';

/** What stands on every page. */
export const partsWords = defineWords({
  more: { en: 'Show more', zh: '加载更多' },
  loading: { en: 'Loading', zh: '正在加载' },
  copy: { en: 'Copy', zh: '复制' },
  copied: { en: 'Copied', zh: '已复制' },
  copyThis: { en: 'Copy {what}', zh: '复制 {what}' },
  cancel: { en: 'Cancel', zh: '取消' },
  close: { en: 'Close', zh: '关闭' },
  save: { en: 'Save', zh: '保存' },
  retry: { en: 'Try again', zh: '重试' },
  'failure.offline': { en: 'The server cannot be reached.', zh: '连接不上服务器。' },
  'failure.offlineHint': {
    en: 'What you typed is still here. Check that "hongyan serve" is running and try again.',
    zh: '已填写的内容都还在。请确认 hongyan serve 正在运行，然后重试。',
  },
  'failure.unexpected': { en: 'Something went wrong in this page.', zh: '页面出错了。' },
  'failure.details': { en: 'Details to copy', zh: '可复制的详情' },
  'outcome.accepted': { en: 'Accepted', zh: '微信已受理' },
  'outcome.delivered': { en: 'Delivered', zh: '已送达' },
  'outcome.rejected': { en: 'Rejected', zh: '被拒绝' },
  'outcome.unknown': { en: 'Unknown', zh: '结果未知' },
  'outcome.held': { en: 'Under review', zh: '审核中' },
  'outcome.unsent': { en: 'Not sent', zh: '未发送' },
  'outcome.blocked': { en: 'Blocked by the user', zh: '用户拒收' },
  'outcome.failed': { en: 'Failed', zh: '发送失败' },
  'outcome.noReceipt': { en: 'No receipt', zh: '暂无回执' },
  'outcome.dryRun': { en: 'Dry run', zh: '试运行' },
  'outcome.waiting': { en: 'Waiting', zh: '等待发送' },
});
