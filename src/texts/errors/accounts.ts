import { defineErrors } from '../catalogue.ts';

export const accountsErrors = defineErrors({
  ACCOUNT_NOT_FOUND: {
    about: { en: 'No account of this appid is stored.', zh: '没有这个 appid 的账号。' },
    remedy: {
      en: '`hongyan accounts list`, `hongyan accounts add`.',
      zh: '`hongyan accounts list`, `hongyan accounts add`.',
    },
    texts: {
      default: {
        en: 'there is no account {appid}',
        zh: '没有账号 {appid}',
        do: {
          cli: {
            en: 'hongyan accounts list shows those that there are, hongyan accounts add adds one',
            zh: '查看已有账号：hongyan accounts list；添加：hongyan accounts add',
          },
        },
      },
    },
  },
  VERIFY_IMPOSSIBLE: {
    about: {
      en: '`hongyan verify` finds nothing in the account with which it could ask. Nothing was sent.',
      zh: '`hongyan verify` 在该账号中找不到可用于验证的内容，没有发送任何消息。',
    },
    remedy: {
      en: 'Use a service account or sandbox; add a category template with a `thing` field to it.',
      zh: '改用服务号或测试号，并添加一个含 `thing` 字段的类目模板。',
    },
    texts: {
      kind: {
        en: '{appid} has no template messages',
        zh: '{appid} 没有模板消息',
        do: { en: 'take a service account or a sandbox', zh: '请改用服务号或测试号' },
      },
      template: {
        en: 'no template of {appid} has a field thingN, and an example for each of its fields',
        zh: '{appid} 没有合适的模板：需要含 thingN 字段，且每个字段都有示例',
        do: {
          en: "add a category template with one in WeChat's console",
          zh: '请在微信后台添加一个含此字段的类目模板',
        },
      },
    },
  },
  ACCOUNT_INVALID: {
    about: {
      en: 'A value that was given for an account is not one that it can have. Nothing was changed.',
      zh: '给账号设置的值不合规则，没有改动任何内容。',
    },
    remedy: { en: 'The message names the setting and what it takes.', zh: '按提示修改。' },
    texts: {
      appid: {
        en: '"{appid}" is not an AppID',
        zh: '“{appid}”不是 AppID',
        do: {
          en: 'it starts with wx, as shown on the page of the account; gh_… is the original id',
          zh: 'AppID 以 wx 开头，见账号的开发信息；gh_… 是原始 ID',
        },
      },
      secret: {
        en: 'the AppSecret has {length} characters and should be 32 hex digits',
        zh: 'AppSecret 有 {length} 个字符，应为 32 位十六进制',
        do: { en: 'copy it again, or reset it: {place}', zh: '请重新复制或重置：{place}' },
      },
      setting: {
        en: '{setting} takes {wanted}, not "{value}"',
        zh: '{setting} 应为{wanted}，现为“{value}”',
      },
      'test-openids': {
        en: 'the test list holds at most {most} openids, each 20 to 64 letters, digits, - and _',
        zh: '测试名单最多 {most} 个 openid，每个为 20 到 64 位字母、数字、- 或 _',
      },
      'secret-needed': {
        en: 'the secret of {appid} was given for its present kind, address, proxy and token source',
        zh: '{appid} 的密钥与现在的类型、接口地址、代理和 token 来源绑定',
        do: {
          cli: { en: 'give it again: hongyan accounts add', zh: '请重新填写：hongyan accounts add' },
          http: { en: 'give the token along with the change', zh: '请在修改时一并给出 token' },
          console: { en: 'give the secret along with the change', zh: '请在修改时一并填写密钥' },
          code: { en: 'give the token along with the change', zh: '请在修改时一并给出 token' },
        },
      },
      // The value may be a secret, or hold one.
      'secret-setting': { en: '{name} takes {wanted}', zh: '{name} 应为{wanted}' },
      nothing: {
        en: 'nothing to set',
        zh: '没有要设置的内容',
        do: {
          cli: { en: 'give {settings}', zh: '请给出 {settings}' },
        },
      },
    },
  },
  ACCOUNT_EXISTS: {
    about: { en: 'An account of this appid is there already.', zh: '该 appid 的账号已存在。' },
    remedy: { en: 'Change it instead.', zh: '请改为修改该账号。' },
    status: 409,
    texts: {
      default: {
        en: 'there is an account {appid} already',
        zh: '账号 {appid} 已存在',
        do: {
          http: {
            en: 'change it with PATCH /v1/accounts/{appid}',
            zh: '修改请用 PATCH /v1/accounts/{appid}',
          },
        },
      },
    },
  },
  ACCOUNT_KIND_WRONG: {
    about: {
      en: 'The account is of another kind than was said, by what its own APIs answer: a Mini Program has no tags of followers, an Official Account does. Nothing was stored.',
      zh: '账号类型不符：从它自己的接口看是另一类（小程序没有用户标签，公众号有）。没有保存。',
    },
    remedy: {
      en: 'Add it with the right `--kind`; `--no-check` stores it all the same.',
      zh: '改用正确的 `--kind`；确定无误时用 `--no-check` 保存。',
    },
    status: 409,
    texts: {
      default: {
        en: '{appid} is no {kind} account. By what its APIs answer it is {seen}',
        zh: '{appid} 不是{kind}。从接口看是{seen}',
        do: {
          cli: {
            en: 'give the right --kind, or --no-check if you are sure',
            zh: '请改 --kind；确定无误可加 --no-check',
          },
          http: {
            en: 'give the right kind, or check: false if you are sure',
            zh: '请改 kind；确定无误可用 check: false',
          },
          console: { en: 'choose the right kind', zh: '请选择正确的类型' },
          code: {
            en: 'give the right kind, or check: false if you are sure',
            zh: '请改 kind；确定无误可用 check: false',
          },
        },
      },
    },
  },
  ACCOUNT_INCOMPLETE: {
    about: { en: 'The account has no secret stored.', zh: '账号没有保存密钥。' },
    remedy: { en: 'Add it again: `hongyan accounts add`.', zh: '重新添加账号。' },
    texts: {
      default: {
        en: 'the account {appid} has no secret stored',
        zh: '账号 {appid} 没有保存密钥',
        do: {
          cli: { en: 'add it again with: hongyan accounts add', zh: '请重新添加：hongyan accounts add' },
          http: { en: 'store its AppSecret or token URL', zh: '请设置 AppSecret 或 token URL' },
          console: { en: 'store its AppSecret or token URL', zh: '请设置 AppSecret 或 token URL' },
          code: { en: 'store its AppSecret or token URL', zh: '请设置 AppSecret 或 token URL' },
        },
      },
    },
  },
  ACCOUNT_BUSY: {
    about: { en: 'It has campaigns under way and cannot be removed.', zh: '有进行中的推送任务，不能删除。' },
    remedy: { en: '`hongyan campaigns pause ID`, or let them end.', zh: '先暂停任务，或等它结束。' },
    texts: {
      default: {
        en: '{appid} has {running} campaigns under way',
        zh: '{appid} 有 {running} 个任务正在进行',
        do: {
          cli: { en: 'pause them first: hongyan campaigns list', zh: '请先暂停：hongyan campaigns list' },
          http: { en: 'pause or cancel them first', zh: '请先暂停或取消' },
          console: { en: 'pause or cancel them first', zh: '请先暂停或取消' },
          code: { en: 'pause or cancel them first', zh: '请先暂停或取消' },
        },
      },
    },
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
    texts: {
      default: {
        en: "{appid} is a Mini Program, and WeChat has no list of a Mini Program's users; its contacts are those that you import and those that were messaged",
        zh: '{appid} 是小程序，微信不提供小程序的用户列表；它的用户来自导入或曾经推送',
        do: { cli: { en: 'import a list with: push --to @file', zh: '导入名单：push --to @file' } },
      },
    },
  },
  NEVER_SYNCED: {
    about: {
      en: '`--to all`, and the followers were never fetched.',
      zh: '`--to all`，但从未同步过关注者。',
    },
    remedy: {
      en: 'Add `--sync`, or `hongyan followers sync APPID`.',
      zh: '加 `--sync`，或运行 `hongyan followers sync APPID`。',
    },
    texts: {
      default: {
        en: 'the followers of {appid} were never synced',
        zh: '{appid} 的关注者从未同步过',
        do: {
          cli: {
            en: 'add --sync, or run: hongyan followers sync {appid}',
            zh: '请加 --sync，或运行：hongyan followers sync {appid}',
          },
          http: { en: 'sync them first', zh: '请先同步关注者' },
          console: { en: 'sync them first', zh: '请先同步关注者' },
          code: { en: 'sync them first', zh: '请先同步关注者' },
        },
      },
    },
  },
  NO_TAGS: {
    about: { en: 'A Mini Program was asked for its tags; WeChat has none.', zh: '小程序没有用户标签。' },
    remedy: { en: 'Tags are of Official Accounts.', zh: '只有公众号、服务号有用户标签。' },
    texts: {
      default: { en: '{appid} is a Mini Program, which has no tags', zh: '{appid} 是小程序，没有用户标签' },
    },
  },
  CONTACT_NOT_FOUND: {
    about: {
      en: 'The account knows nobody of this openid: they were neither synced nor imported nor messaged.',
      zh: '该账号下没有这个 openid 的用户：没有同步、导入或推送过。',
    },
    remedy: {
      en: 'Compare the openid; each account has its own.',
      zh: '核对 openid；同一个人在不同账号下的 openid 不同。',
    },
    texts: {
      default: { en: '{appid} knows nobody of this openid', zh: '{appid} 下没有这个 openid 的用户' },
    },
  },
  SYNC_NOT_FOUND: {
    about: { en: 'There is no follower sync of this number.', zh: '没有这个编号的关注者同步。' },
    remedy: {
      en: '`GET /v1/accounts/{appid}/follower-syncs`.',
      zh: '`GET /v1/accounts/{appid}/follower-syncs`。',
    },
    texts: {
      default: { en: '{appid} has no follower sync {id}', zh: '{appid} 没有编号为 {id} 的关注者同步' },
    },
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
    texts: {
      default: {
        en: "by WeChat's answers {gone} of the {known} known followers of {appid} ({percent} %) are none any more. That is over {most} %, so nobody was marked as gone",
        zh: '按微信返回的结果，{appid} 已知的 {known} 个关注者中有 {gone} 个（{percent}%）不再关注，超过 {most}%，因此没有标记任何人',
        do: {
          cli: {
            en: 'if it is so, run: hongyan followers sync {appid} --accept-loss',
            zh: '若确实如此，运行：hongyan followers sync {appid} --accept-loss',
          },
          http: { en: 'if it is so, sync with acceptLoss', zh: '若确实如此，同步时带上 acceptLoss' },
          console: { en: 'if it is so, sync again and accept the loss', zh: '若确实如此，请重新同步并确认' },
          code: { en: 'if it is so, sync with acceptLoss', zh: '若确实如此，同步时给出 acceptLoss' },
        },
      },
    },
  },
  SYNC_BUSY: {
    about: {
      en: "Another process syncs the same account's followers.",
      zh: '另一进程正在同步该账号的关注者。',
    },
    remedy: { en: 'Wait for it, or run it again.', zh: '等待，或再次运行。' },
    texts: {
      default: {
        en: 'another process is syncing the followers of {appid}',
        zh: '另一进程正在同步 {appid} 的关注者',
        do: { en: 'wait for it, or run this again', zh: '等它结束，或再运行一次' },
      },
    },
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
    texts: {
      'not-an-id': { en: '{problem}', zh: '{problem}' },
      'not-stored': {
        en: 'the template {templateId} is not stored',
        zh: '没有保存模板 {templateId}',
        do: {
          cli: {
            en: 'fetch the list with: hongyan templates sync {appid}',
            zh: '获取列表：hongyan templates sync {appid}',
          },
          http: { en: 'sync the templates of {appid} first', zh: '请先同步 {appid} 的模板' },
          console: { en: 'sync the templates of {appid} first', zh: '请先同步 {appid} 的模板' },
          code: { en: 'sync the templates of {appid} first', zh: '请先同步 {appid} 的模板' },
        },
      },
      'other-channel': {
        en: 'the template {templateId} is not one for the channel {channel}; for it the account {appid} has: {others}',
        zh: '模板 {templateId} 不能用于{channel}；账号 {appid} 可用的有：{others}',
      },
      unknown: {
        en: 'the account {appid} has no template {templateId} for the channel {channel}; it has: {others}',
        zh: '账号 {appid} 没有可用于{channel}的模板 {templateId}；已有：{others}',
      },
    },
  },
  CHANNEL_UNKNOWN: {
    about: { en: 'No channel of this name.', zh: '没有这个渠道。' },
    remedy: {
      en: 'See [glossary](glossary.md#channels--渠道).',
      zh: '见[词汇表](glossary.md#channels--渠道)。',
    },
    texts: {
      'no-such': {
        en: 'there is no channel "{name}". A {kind} account can use {allowed}',
        zh: '没有渠道“{name}”。{kind}可用 {allowed}',
      },
      'uniform-send': {
        en: 'there is no channel "{name}": WeChat closed uniform_send in 2023 (45109). A {kind} account can use {allowed}',
        zh: '没有渠道“{name}”：微信已于 2023 年关闭 uniform_send（45109）。{kind}可用 {allowed}',
      },
    },
  },
  CHANNEL_NOT_FOR_ACCOUNT: {
    about: {
      en: 'This kind of account cannot use the channel; WeChat would answer 48001.',
      zh: '该类账号不能使用此渠道（微信会返回 48001）。',
    },
    remedy: { en: 'The message lists those it can use.', zh: '错误信息列出了可用的渠道。' },
    texts: {
      default: {
        en: 'a {kind} account cannot use the channel "{name}". It can use {allowed}',
        zh: '{kind}不能使用渠道“{name}”。可用 {allowed}',
      },
    },
  },
  CHANNEL_AMBIGUOUS: {
    about: { en: 'A wire name that can mean several channels here.', zh: '该名称在此账号上可指多个渠道。' },
    remedy: { en: "Write Hongyan's name, such as `oa-subscribe`.", zh: '写鸿雁的渠道名。' },
    texts: {
      default: {
        en: '"{name}" can mean several channels on a {kind} account. Say which: {choices}',
        zh: '“{name}”在{kind}上可指多个渠道，请写明是哪一个：{choices}',
      },
    },
  },
});
