import { defineErrors } from '../catalogue.ts';

/** What a campaign was asked for with. */
export const submitErrors = defineErrors({
  KEY_INVALID: {
    about: {
      en: 'A key is not 1 to 128 visible ASCII characters, or header and body give different ones.',
      zh: '幂等键不是 1 到 128 个可见 ASCII 字符，或请求头与请求体不一致。',
    },
    remedy: { en: "Use for example the order's number.", zh: '例如使用订单号。' },
    texts: {
      shape: {
        en: 'a key has 1 to {most} visible ASCII characters and no spaces',
        zh: '幂等键应为 1 到 {most} 个可见 ASCII 字符，不含空格',
        do: { en: 'an order number, for example', zh: '例如订单号' },
      },
      two: {
        en: 'Idempotency-Key and the key of the body differ',
        zh: 'Idempotency-Key 与请求体中的 key 不一致',
        do: { en: 'give one of them', zh: '只给其中一个' },
      },
    },
  },
  KEY_REUSED: {
    about: {
      en: 'The key belongs to another campaign or message: another person, channel or content. The text says which, and of a campaign what differs: `message`, `recipients`, `exclusions` or `options` ([what belongs to it](../README.md#keys)). HTTP 409; nothing was sent.',
      zh: '该键已属于另一个推送任务或另一条消息（不同的人、渠道或内容）。错误信息写明是哪一个；对推送任务还写明不同之处：消息 `message`、接收人 `recipients`、排除 `exclusions` 或选项 `options`。没有发送。',
    },
    remedy: { en: 'A new key for a new campaign or message.', zh: '新的任务或消息用新的键。' },
    status: 409,
    texts: {
      request: {
        en: 'the key "{key}" belongs to another request',
        zh: '键“{key}”已用于另一个请求',
        do: { en: 'use a new key for a new request', zh: '新的请求请用新的键' },
      },
      batch: {
        en: 'the key "{key}" is given twice in the batch, for different messages',
        zh: '键“{key}”在这一批中用于两条不同的消息',
        do: { en: 'use a key of its own for each message', zh: '每条消息请用各自的键' },
      },
      message: {
        en: 'the key "{key}" belongs to the message {id}, which goes to somebody else or says something else',
        zh: '键“{key}”属于单条消息 {id}，而它的接收人或内容不同',
        do: { en: 'use a new key for a new message', zh: '新的消息请用新的键' },
      },
      campaign: {
        en: 'the key "{key}" belongs to the campaign {id}, which has other {different}; nobody was messaged',
        zh: '键“{key}”属于推送任务 {id}，而它的{different}不同；没有推送给任何人',
        do: {
          cli: {
            en: 'use a new key for a new campaign, or look at that one: hongyan campaigns show {id}',
            zh: '新的任务请用新的键；查看原任务：hongyan campaigns show {id}',
          },
          http: { en: 'use a new key for a new campaign', zh: '新的任务请用新的键' },
          console: { en: 'use a new key for a new campaign', zh: '新的任务请用新的键' },
          code: { en: 'use a new key for a new campaign', zh: '新的任务请用新的键' },
        },
      },
    },
  },
  DRAFT_CHANGED: {
    about: {
      en: 'Somebody else changed the draft in the meantime, or you did in another window.',
      zh: '草稿在此期间被别人（或你在另一个窗口）改过。',
    },
    remedy: { en: 'Read it again, and repeat the change.', zh: '重新读取后再改。' },
    status: 409,
    texts: {
      default: {
        en: 'the draft {id} was changed by {who} on {at}: it is at revision {is}, and this change was made to {was}',
        zh: '草稿 {id} 已由 {who} 于 {at} 修改：当前版本 {is}，本次修改基于版本 {was}',
        do: { en: 'read it again, and repeat the change', zh: '请重新读取后再改' },
      },
    },
  },
  DRAFT_INCOMPLETE: {
    about: {
      en: 'Something of the draft is still missing, so it cannot be planned.',
      zh: '草稿还不完整，无法生成计划。',
    },
    remedy: { en: 'Fill in what `fields` names.', zh: '补全 `fields` 列出的内容。' },
    status: 409,
    texts: {
      default: {
        en: 'the draft {id} cannot be planned yet: {names}',
        zh: '草稿 {id} 还不能生成计划：{names}',
        do: { en: 'fill in what is missing', zh: '请补全缺少的内容' },
      },
    },
  },
  DRAFT_NOT_FOUND: {
    about: {
      en: 'There is no draft of that number; one that nobody changes for 30 days is removed.',
      zh: '没有这个草稿；30 天未修改的草稿会被删除。',
    },
    remedy: { en: '`hongyan campaigns drafts list`.', zh: '`hongyan campaigns drafts list`.' },
    texts: {
      default: {
        en: 'there is no draft {id}',
        zh: '没有草稿 {id}',
        do: { cli: { en: 'see: hongyan campaigns drafts list', zh: '查看：hongyan campaigns drafts list' } },
      },
    },
  },
  RESEND_NOBODY: {
    about: {
      en: 'Nobody of the campaign came to the end that is to be sent to again.',
      zh: '任务里没有人属于所选的结果，无人可重发。',
    },
    remedy: {
      en: 'Look at its report: another outcome may be meant.',
      zh: '查看任务报告，确认要重发哪种结果。',
    },
    status: 409,
    texts: {
      default: {
        en: 'nobody to send to again: campaign {id} has {failed} refused, {unknown} unknown and {unsent} unsent',
        zh: '没有可重发的人：推送任务 {id} 被拒绝 {failed} 人，结果未知 {unknown} 人，未发送 {unsent} 人',
      },
    },
  },
  CAMPAIGN_TWIN: {
    about: {
      en: 'The same template went to the same audience within 24 h, and `--yes` cannot ask. The text of the message does not count.',
      zh: '24 小时内同一模板已推送给同一人群，而 `--yes` 无法询问（与消息文字无关）。',
    },
    remedy: {
      en: '`--again` on purpose; `--key` to make reruns safe.',
      zh: '确需重发用 `--again`；要让重跑安全用 `--key`。',
    },
    status: 409,
    texts: {
      default: {
        en: 'the campaign {id} sent the same template to the same audience {age}',
        zh: '推送任务 {id} 在{age}已把同一模板推送给同一人群',
        do: {
          cli: {
            en: 'to send it again on purpose, add --again; to make reruns safe, add --key',
            zh: '确实要再发，请加 --again；要让重跑安全，请加 --key',
          },
          http: {
            en: 'to send it again on purpose, say again: true; to make repeats safe, send Idempotency-Key',
            zh: '确实要再发，请设 again: true；要让重复请求安全，请带 Idempotency-Key',
          },
          console: { en: 'confirm that it is meant', zh: '请确认是有意再发' },
          code: {
            en: 'to send it again on purpose, say again: true; to make repeats safe, give a key',
            zh: '确实要再发，请设 again: true；要让重复请求安全，请给出 key',
          },
        },
      },
    },
  },
  EXCLUSION_UNREADABLE: {
    about: {
      en: 'A file of people to leave out has a row that cannot be read; nobody was messaged.',
      zh: '排除名单文件中有无法读取的行，没有推送给任何人。',
    },
    remedy: { en: 'Mend the line that the message names.', zh: '修正错误信息指出的那一行。' },
    texts: {
      file: {
        en: 'line {line} of {file} cannot be read ({reason}: {detail}); nobody was messaged, because somebody who should be left out might have been',
        zh: '{file} 第 {line} 行无法读取（{reason}：{detail}）；没有推送给任何人，以免误发给应排除的人',
        do: { en: 'mend that line', zh: '请修正该行' },
      },
      list: {
        en: 'line {line} cannot be read ({reason}: {detail}); the lines before it are stored',
        zh: '第 {line} 行无法读取（{reason}：{detail}）；之前的行已保存',
        do: { en: 'mend that line, and run it again', zh: '请修正该行后重新运行' },
      },
    },
  },
  TIME_INVALID: {
    about: {
      en: 'A time is none, is over, or comes after the end of the campaign; or quiet hours that leave no hour to send in.',
      zh: '时间无法识别、已过，或晚于任务的截止时间；或免打扰时段占满全天。',
    },
    remedy: {
      en: 'Write it as `2026-12-01 09:00` (in the zone of the account) or with its offset.',
      zh: '写作 `2026-12-01 09:00`（账号所在时区），或带时区偏移。',
    },
    texts: {
      format: {
        en: '{part} takes a time such as "2026-12-01 09:00" (in {zone}) or 2026-12-01T09:00:00+08:00, not "{value}"',
        zh: '{part} 应为时间，如“2026-12-01 09:00”（时区 {zone}）或 2026-12-01T09:00:00+08:00，不能是“{value}”',
      },
      over: {
        en: '{part} {value} is over: in {zone} it is {now}',
        zh: '{part} {value} 已过：{zone} 现在是 {now}',
      },
      order: {
        en: '{until} {end} is not after {start} {begin}: nothing would ever be sent',
        zh: '{until} {end} 不晚于 {start} {begin}，任何消息都来不及发送',
      },
    },
  },
  AUDIENCE_INVALID: {
    about: { en: 'What is to be sent to cannot be read as an audience.', zh: '无法识别推送对象。' },
    remedy: {
      en: '`all`, `tag:ID`, `filter:ID`, `@file`, `-` or openids with commas.',
      zh: '可用 `all`、`tag:ID`、`filter:ID`、`@文件`、`-`，或逗号分隔的 openid。',
    },
    texts: {
      tag: {
        en: '"{value}" is not a tag: it is tag: and the number of the tag, such as tag:128',
        zh: '“{value}”不是标签：应为 tag: 加标签编号，如 tag:128',
      },
      filter: {
        en: '"{value}" is not a filter: it is filter: and the number of the filter, such as filter:3',
        zh: '“{value}”不是筛选：应为 filter: 加筛选编号，如 filter:3',
      },
      unrepeatable: {
        en: 'a schedule sends to all, tag:ID or filter:ID, which are fetched anew each time; "{value}" would be the same people for ever',
        zh: '定时任务只能推送给 all、tag:ID 或 filter:ID（每次重新获取）；“{value}”会永远是同一批人',
      },
      'excluded-file': {
        en: 'a schedule cannot leave out a file',
        zh: '定时任务不能排除文件中的人',
        do: {
          cli: {
            en: 'put its people on the list with: hongyan suppress add',
            zh: '请把这些人加入禁发名单：hongyan suppress add',
          },
          http: { en: 'put its people on the suppression list', zh: '请把这些人加入禁发名单' },
          console: { en: 'put its people on the suppression list', zh: '请把这些人加入禁发名单' },
          code: { en: 'put its people on the suppression list', zh: '请把这些人加入禁发名单' },
        },
      },
    },
  },
});
