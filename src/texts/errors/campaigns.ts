import { defineErrors } from '../catalogue.ts';
import { schedulesErrors } from './schedules.ts';
import { submitErrors } from './submit.ts';

export const campaignsErrors = defineErrors({
  ...submitErrors,
  ...schedulesErrors,
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
        zh: '推送任务 {id} {state}：已被别人操作',
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
