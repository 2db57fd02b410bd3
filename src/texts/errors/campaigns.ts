import { defineErrors } from '../catalogue.ts';

export const campaignsErrors = defineErrors({
  TEST_OPENID_NOT_LISTED: {
    about: {
      en: 'An assistant sends test messages only to the openids of the account’s test list, and this one is not on it. HTTP 403; nothing was sent.',
      zh: '助手只能向账号测试名单中的 openid 发送测试消息，而这个 openid 不在其中。没有发送。',
    },
    remedy: {
      en: 'Let a person put it on the list: `hongyan accounts rules APPID --test-openids`.',
      zh: '由人把它加入测试名单：`hongyan accounts rules APPID --test-openids`。',
    },
    status: 403,
    texts: {
      default: {
        en: 'the openid is not on the test list of {appid}',
        zh: '该 openid 不在 {appid} 的测试名单中',
        do: {
          en: 'let a person put it on the list of the account',
          zh: '请由人把它加入该账号的测试名单',
        },
      },
    },
  },
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
  CAMPAIGN_NOT_FOUND: {
    about: { en: 'No campaign of this number.', zh: '没有这个编号的任务。' },
    remedy: { en: '`hongyan campaigns list`.', zh: '`hongyan campaigns list`.' },
    texts: {
      default: {
        en: 'there is no campaign {id}',
        zh: '没有推送任务 {id}',
        do: {
          cli: { en: 'see: hongyan campaigns list', zh: '查看：hongyan campaigns list' },
        },
      },
      excluded: {
        en: 'there is no campaign {ids} of {appid} to leave out',
        zh: '要排除的推送任务 {ids} 不存在，或不属于 {appid}',
        do: {
          cli: { en: 'see: hongyan campaigns list', zh: '查看：hongyan campaigns list' },
        },
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
  APPROVAL_OWN: {
    about: {
      en: "A campaign above the account's approval limit was approved by the person who confirmed it.",
      zh: '人数超过审批上限的任务，不能由确认它的人自己审批。',
    },
    remedy: {
      en: 'Somebody else runs `hongyan campaigns approve ID`.',
      zh: '请其他人运行 `hongyan campaigns approve ID`。',
    },
    status: 409,
    texts: {
      default: {
        en: '{person} confirmed the campaign {id}; somebody else must approve it',
        zh: '推送任务 {id} 由 {person} 确认，须由其他人审批',
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
      en: '`all`, `tag:ID`, `@file`, `-` or openids with commas.',
      zh: '可用 `all`、`tag:ID`、`@文件`、`-`，或逗号分隔的 openid。',
    },
    texts: {
      tag: {
        en: '"{value}" is not a tag: it is tag: and the number of the tag, such as tag:128',
        zh: '“{value}”不是标签：应为 tag: 加标签编号，如 tag:128',
      },
      unrepeatable: {
        en: 'a schedule sends to all or tag:ID, which are fetched anew each time; "{value}" would be the same people for ever',
        zh: '定时任务只能推送给 all 或 tag:ID（每次重新获取）；“{value}”会永远是同一批人',
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
  CRON_INVALID: {
    about: { en: 'A cron expression that is none.', zh: 'cron 表达式无效。' },
    remedy: { en: 'Five fields, such as `0 9 * * 1`.', zh: '五个字段，如 `0 9 * * 1`。' },
    texts: {
      default: {
        en: '"{cron}" is not a cron expression of five fields, such as "0 9 * * 1"',
        zh: '“{cron}”不是五个字段的 cron 表达式，如 "0 9 * * 1"',
      },
    },
  },
  SCHEDULE_CHANGED: {
    about: { en: 'Somebody else changed the schedule in the meantime.', zh: '定时任务在此期间被别人改过。' },
    remedy: { en: 'Look at it again, and repeat the change.', zh: '重新查看后再改。' },
    status: 409,
    texts: {
      default: {
        en: 'the schedule {id} was changed by somebody else in the meantime',
        zh: '定时任务 {id} 在此期间被别人改过',
        do: { en: 'look at it again, and repeat the change', zh: '请重新查看后再改' },
      },
    },
  },
  SCHEDULE_NOT_FOUND: {
    about: { en: 'There is no schedule of that number.', zh: '没有这个定时任务。' },
    remedy: { en: '`hongyan schedules list`.', zh: '`hongyan schedules list`.' },
    texts: {
      default: {
        en: 'there is no schedule {id}',
        zh: '没有定时任务 {id}',
        do: { cli: { en: 'see: hongyan schedules list', zh: '查看：hongyan schedules list' } },
      },
    },
  },
  CAMPAIGN_STATE: {
    about: {
      en: 'The campaign is in another state than this step needs; usually somebody else acted first.',
      zh: '任务状态不符，多半是别人先操作了。',
    },
    remedy: { en: '`hongyan campaigns show ID`.', zh: '`hongyan campaigns show ID`.' },
    status: 409,
    texts: {
      'not-running': {
        en: 'the campaign {id} is {state}; only a running one can be paused',
        zh: '推送任务 {id} {state}，只有推送中的任务可以暂停',
      },
      over: {
        en: 'the campaign {id} is {state}; there is nothing to cancel',
        zh: '推送任务 {id} {state}，没有可取消的内容',
      },
      'not-waiting': {
        en: 'the campaign {id} is {state}, and does not wait for that',
        zh: '推送任务 {id} {state}，不需要这一步',
        do: {
          cli: { en: 'see: hongyan campaigns show {id}', zh: '查看：hongyan campaigns show {id}' },
        },
      },
      'waits-for': {
        en: 'the campaign {id} is {state}, and does not wait for that',
        zh: '推送任务 {id} {state}，不需要这一步',
        do: {
          cli: {
            en: 'what it waits for is: hongyan campaigns {next} {id}',
            zh: '它等待的是：hongyan campaigns {next} {id}',
          },
        },
      },
      'not-ended': {
        en: 'the campaign {id} is {state}; only one that is done or cancelled can be sent again',
        zh: '推送任务 {id} {state}，只有已完成或已取消的任务可以重发',
      },
      'being-sent': {
        en: 'a process still finishes its part of the campaign {id}',
        zh: '仍有进程在完成推送任务 {id} 的最后一部分',
        do: { en: 'try again in a few seconds', zh: '请几秒后再试' },
      },
      'no-longer-filled': {
        en: 'the campaign {id} is no longer being filled; somebody cancelled it',
        zh: '推送任务 {id} 已不再接收名单：有人取消了它',
      },
      submitted: {
        en: 'the campaign {id} was submitted or cancelled already',
        zh: '推送任务 {id} 已提交或已取消',
      },
      'other-planner': {
        en: 'another process is planning the campaign {id}, or it was cancelled',
        zh: '另一个进程正在为推送任务 {id} 做计划，或它已被取消',
      },
      changed: {
        en: 'the campaign {id} changed before it was confirmed',
        zh: '推送任务 {id} 在确认前有了变化',
        do: {
          cli: { en: 'see: hongyan campaigns show {id}', zh: '查看：hongyan campaigns show {id}' },
        },
      },
      'changed-by-other': {
        en: 'the campaign {id} is {state}; somebody else changed it',
        zh: '推送任务 {id} {state}：别人操作了它',
      },
      'other-count': {
        en: 'the campaign {id} is planned for {planned} recipients, not for {expected}',
        zh: '推送任务 {id} 计划推送 {planned} 人，不是 {expected} 人',
        do: {
          cli: { en: 'see: hongyan campaigns show {id}', zh: '查看：hongyan campaigns show {id}' },
        },
      },
      'other-plan': {
        en: 'the plan of the campaign {id} is not the one that was looked at',
        zh: '推送任务 {id} 的计划与所查看的不一致',
        do: {
          cli: { en: 'see: hongyan campaigns show {id}', zh: '查看：hongyan campaigns show {id}' },
        },
      },
    },
  },
  COLUMNS_NOT_KEPT: {
    about: {
      en: '`campaigns export --with-columns` of a campaign whose recipients came from no file, that was pushed with `--no-keep-columns`, or whose recipients were removed.',
      zh: '任务的接收人不是来自文件、推送时加了 `--no-keep-columns`，或明细已清理，无法用 `--with-columns` 导出。',
    },
    remedy: {
      en: 'Export without `--with-columns`; the column `line` says where each row stood.',
      zh: '去掉 `--with-columns` 导出；`line` 列是原文件的行号。',
    },
    status: 409,
    texts: {
      default: {
        en: 'the campaign {id} has no columns of a file: its recipients came from elsewhere, the columns were not to be kept, or they were removed',
        zh: '推送任务 {id} 没有文件的列：接收人不来自文件，或没有保留列，或已清理',
        do: {
          cli: { en: 'export it without --with-columns', zh: '请去掉 --with-columns 导出' },
          http: { en: 'export it without withColumns', zh: '请去掉 withColumns 导出' },
          console: { en: 'export it without the columns', zh: '请不带原列导出' },
          code: { en: 'export it without withColumns', zh: '请去掉 withColumns 导出' },
        },
      },
    },
  },
  CAMPAIGN_PRUNED: {
    about: {
      en: "Its recipients and outcomes were removed after the account's `--keep-campaigns`; only its counts are left.",
      zh: '接收人明细已按账号规则 `--keep-campaigns` 清理，只剩计数。',
    },
    remedy: {
      en: 'To leave those people out: `--exclude @file`. Export before the time is over, or keep longer.',
      zh: '需排除这些人时用 `--exclude @文件`；到期前先导出，或延长保留天数。',
    },
    status: 409,
    texts: {
      recipients: {
        en: 'the recipients of the campaign {id} were removed on {at}, as the rules of the account say; its counts are left',
        zh: '推送任务 {id} 的接收人明细已按账号规则于 {at} 清理，只剩计数',
        do: {
          cli: {
            en: 'its counts: hongyan campaigns show {id}; how long they are kept: accounts rules --keep-campaigns',
            zh: '查看计数：hongyan campaigns show {id}；保留天数由 accounts rules --keep-campaigns 设定',
          },
        },
      },
      excluded: {
        en: 'the recipients of the campaign {ids} were removed, as the rules of the account say, so it cannot be left out',
        zh: '推送任务 {ids} 的接收人明细已按账号规则清理，无法排除',
        do: {
          cli: {
            en: 'leave out a file of their openids instead: --exclude @file',
            zh: '请改用 openid 文件排除：--exclude @文件',
          },
          http: { en: 'leave out an uploaded list of their openids instead', zh: '请改用上传的名单排除' },
          console: { en: 'leave out an uploaded list instead', zh: '请改用上传的名单排除' },
          code: { en: 'leave out a list of their openids instead', zh: '请改用 openid 名单排除' },
        },
      },
    },
  },
  CAMPAIGN_UNFINISHED: {
    about: {
      en: 'Another process reads the recipients of the campaign with this `--key`, or was killed within the last minute.',
      zh: '另一个进程正在读取使用该 `--key` 的任务的接收人，或在一分钟内刚被杀死。',
    },
    remedy: {
      en: 'Wait a minute and run it again: if the reader is gone, the campaign is cancelled and begun anew. `hongyan campaigns cancel ID` gives it up.',
      zh: '等一分钟后重新运行：若读取进程已不在，会取消并重新开始。放弃：`hongyan campaigns cancel ID`。',
    },
    status: 409,
    texts: {
      default: {
        en: 'another process reads the recipients of campaign {id} with the key "{key}", or was killed within the last minute',
        zh: '另一个进程正在读取推送任务 {id}（键“{key}”）的接收人，或在一分钟内刚被杀死',
        do: {
          cli: {
            en: 'wait for it, and run this again; or give it up with: hongyan campaigns cancel {id}',
            zh: '请等它完成后重新运行；放弃：hongyan campaigns cancel {id}',
          },
          http: { en: 'wait for it, and ask again', zh: '请等它完成后再试' },
          console: { en: 'wait for it, and try again', zh: '请等它完成后再试' },
          code: { en: 'wait for it, and try again', zh: '请等它完成后再试' },
        },
      },
    },
  },
  PLAN_FAILED: {
    about: {
      en: 'The plan cannot be made: WeChat refused the audience, or `--on-invalid reject` met invalid rows.',
      zh: '无法完成计划：微信拒绝了人群查询，或 `reject` 模式遇到无效行。',
    },
    remedy: {
      en: 'The reason is in the message; nobody was messaged.',
      zh: '原因见信息；没有推送给任何人。',
    },
    status: 409,
    texts: {
      default: {
        en: 'the campaign {id} cannot be sent: {reason}',
        zh: '推送任务 {id} 无法推送：{reason}',
      },
    },
  },
});
