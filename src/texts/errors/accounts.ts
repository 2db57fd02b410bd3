import { defineErrors } from '../catalogue.ts';

export const accountsErrors = defineErrors({
  ACCOUNT_NOT_FOUND: {
    about: { en: 'No account of this appid is stored.', zh: '没有这个 appid 的账号。' },
    remedy: {
      en: '`hongyan accounts list`, `hongyan accounts add`.',
      zh: '`hongyan accounts list`, `hongyan accounts add`.',
    },
    texts: {},
  },
  ACCOUNT_INCOMPLETE: {
    about: { en: 'The account has no secret stored.', zh: '账号没有保存密钥。' },
    remedy: { en: 'Add it again: `hongyan accounts add`.', zh: '重新添加账号。' },
    texts: {},
  },
  ACCOUNT_BUSY: {
    about: { en: 'It has campaigns under way and cannot be removed.', zh: '有进行中的推送任务，不能删除。' },
    remedy: { en: '`hongyan campaigns pause ID`, or let them end.', zh: '先暂停任务，或等它结束。' },
    texts: {},
  },
  NO_FOLLOWER_LIST: {
    about: {
      en: 'A Mini Program was asked for its follower list; WeChat has none.',
      zh: '小程序没有用户列表。',
    },
    remedy: {
      en: 'Push to `@file`, openids, or `all` (those already known).',
      zh: '推送给文件、openid，或已知的用户。',
    },
    texts: {},
  },
  NEVER_SYNCED: {
    about: {
      en: '`--to all`, and the followers were never fetched.',
      zh: '`--to all`，但从未同步过关注者。',
    },
    remedy: {
      en: 'Add `--sync`, or `hongyan followers sync APPID`.',
      zh: 'Add `--sync`, or `hongyan followers sync APPID`.',
    },
    texts: {},
  },
  FOLLOWER_LOSS: {
    about: {
      en: "By WeChat's answers over 5 % of the known followers (5 people or more) are none any more. One strange answer never decides about many: nobody was marked as gone, and a push that synced first sent nothing; a scheduled one is `failed`.",
      zh: '按微信返回的结果，已知关注者中超过 5%（且不少于 5 人）不再关注。一次异常的应答不能决定这么多人：没有标记任何人，先同步再推送的任务没有发送，定时任务记为 `failed`。',
    },
    remedy: {
      en: "Compare with WeChat's console. If they are really gone: `hongyan followers sync APPID --accept-loss`, or `push --sync --accept-loss`.",
      zh: '与微信后台核对；若确实如此，加 `--accept-loss`。',
    },
    texts: {},
  },
  SYNC_BUSY: {
    about: {
      en: "Another process syncs the same account's followers.",
      zh: '另一进程正在同步该账号的关注者。',
    },
    remedy: { en: 'Wait for it, or run it again.', zh: '等待，或再次运行。' },
    texts: {},
  },
  TEMPLATE_NOT_FOUND: {
    about: {
      en: 'The account has no such template for this channel; or the id is a library number (TM…, OPENTM…, a tid).',
      zh: '账号下没有该模板；或给的是模板库编号。',
    },
    remedy: {
      en: "`hongyan templates sync APPID`, then `templates list`; a template's own id has 43 characters.",
      zh: '先同步再列出；模板 ID 为 43 个字符。',
    },
    texts: {},
  },
  CHANNEL_UNKNOWN: {
    about: { en: 'No channel of this name.', zh: '没有这个渠道。' },
    remedy: {
      en: 'See [glossary](glossary.md#channels--渠道).',
      zh: 'See [glossary](glossary.md#channels--渠道).',
    },
    texts: {},
  },
  CHANNEL_NOT_FOR_ACCOUNT: {
    about: {
      en: 'This kind of account cannot use the channel; WeChat would answer 48001.',
      zh: '该类账号不能使用此渠道（微信会返回 48001）。',
    },
    remedy: { en: 'The message lists those it can use.', zh: '错误信息列出了可用的渠道。' },
    texts: {},
  },
  CHANNEL_AMBIGUOUS: {
    about: { en: 'A wire name that can mean several channels here.', zh: '该名称在此账号上可指多个渠道。' },
    remedy: { en: "Write Hongyan's name, such as `oa-subscribe`.", zh: '写鸿雁的渠道名。' },
    texts: {},
  },
});
