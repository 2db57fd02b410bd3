import { defineErrors } from '../catalogue.ts';
import { recipientFileErrors } from './recipient-file.ts';

/** Of a list whose openids were not found: the same whatever was looked for. */
const nameTheColumn = {
  cli: {
    en: 'name the one with the openids: --openid-column NAME, and --header-row N if its name is in row N',
    zh: '请用 --openid-column 列名 指定 openid 所在的列；列名在第 N 行时加 --header-row N',
  },
  http: {
    en: 'name the one with the openids: openidColumn=NAME, and headerRow=N if its name is in row N',
    zh: '请用 openidColumn=列名 指定 openid 所在的列；列名在第 N 行时加 headerRow=N',
  },
  console: {
    en: 'choose the column with the openids, and the row with the names',
    zh: '请选择 openid 所在的列和表头所在的行',
  },
  code: {
    en: 'name the one with the openids: openidColumn, and headerRow if its name is in another row',
    zh: '请用 openidColumn 指定 openid 所在的列；必要时用 headerRow 指定表头行',
  },
} as const;

export const audienceErrors = defineErrors({
  ...recipientFileErrors,
  RECIPIENT_HEADER_MISSING: {
    about: {
      en: 'The row named as the header is empty, or not among the first rows.',
      zh: '指定的表头行为空，或不在文件开头的几行中。',
    },
    remedy: { en: '`--header-row N`, or `none`.', zh: '用 `--header-row N` 指定，没有表头则用 `none`。' },
    texts: {
      default: {
        en: 'row {row} of {file} is empty or not among its first rows, so it cannot be the header',
        zh: '{file} 的第 {row} 行是空行，或不在文件开头的几行中，不能作为表头',
        do: {
          cli: {
            en: 'say --header-row N, or --header-row none',
            zh: '请用 --header-row N 指定；没有表头用 --header-row none',
          },
          http: {
            en: 'say headerRow=N, or headerRow=none',
            zh: '请用 headerRow=N 指定；没有表头用 headerRow=none',
          },
          console: { en: 'choose the row of the header, or none', zh: '请选择表头所在的行，或“没有表头”' },
          code: { en: "say headerRow N, or 'none'", zh: "请指定 headerRow，没有表头用 'none'" },
        },
      },
    },
  },
  RECIPIENT_OPENID_COLUMN_MISSING: {
    about: {
      en: 'No column is recognisable as the openids, or several are; in a workbook, in no visible sheet.',
      zh: '找不到 openid 列，或有多列像 openid；对工作簿而言，是所有可见工作表都如此。',
    },
    remedy: {
      en: '`--openid-column NAME`, `--sheet NAME`, `--header-row N`.',
      zh: '`--openid-column 列名`、`--sheet 表名`、`--header-row N`。',
    },
    texts: {
      'no-column': {
        en: 'there is no openid column in {file}; its columns are {columns}',
        zh: '{file} 中没有 openid 列；它的列为 {columns}',
        do: nameTheColumn,
      },
      'no-such-column': {
        en: 'there is no column "{column}" in {file}; its columns are {columns}',
        zh: '{file} 中没有“{column}”列；它的列为 {columns}',
        do: nameTheColumn,
      },
      several: {
        en: 'more than one column of {file} looks like openids ({like}); its columns are {columns}',
        zh: '{file} 中有多列像 openid（{like}）；它的列为 {columns}',
        do: nameTheColumn,
      },
      'no-sheet': {
        en: 'no sheet of {file} has a column of openids; its sheets with their columns are {sheets}',
        zh: '{file} 的各工作表都没有 openid 列；工作表及其列为 {sheets}',
        do: {
          cli: {
            en: 'name them: --sheet NAME --openid-column NAME, and --header-row N if the names are in row N',
            zh: '请用 --sheet 表名 --openid-column 列名 指定；列名在第 N 行时加 --header-row N',
          },
          http: {
            en: 'name them: sheet=NAME&openidColumn=NAME, and headerRow=N if the names are in row N',
            zh: '请用 sheet=表名&openidColumn=列名 指定；列名在第 N 行时加 headerRow=N',
          },
          console: {
            en: 'choose the sheet and the column with the openids',
            zh: '请选择工作表和 openid 所在的列',
          },
          code: {
            en: 'name them: sheet and openidColumn, and headerRow if the names are in another row',
            zh: '请用 sheet 和 openidColumn 指定；必要时用 headerRow 指定表头行',
          },
        },
      },
    },
  },
  RECIPIENT_COLUMN_DUPLICATE: {
    about: { en: 'Two columns have the same name.', zh: '两列同名。' },
    remedy: { en: 'Rename one.', zh: '改名。' },
    texts: {
      default: {
        en: 'two columns of {file} are called "{column}", so {variable} would be ambiguous',
        zh: '{file} 有两列都叫“{column}”，{variable} 指哪一列不明确',
        do: { en: 'rename one of them', zh: '请改其中一列的列名' },
      },
    },
  },
  RECIPIENT_SHEET_NOT_FOUND: {
    about: {
      en: 'The workbook has no such sheet, or it has no cells.',
      zh: '没有该工作表，或表内没有单元格。',
    },
    remedy: { en: '`--sheet NAME`; the message lists them.', zh: '信息列出了所有工作表。' },
    texts: {
      default: {
        en: 'the workbook {file} has no sheet "{sheet}"; its sheets are {sheets}',
        zh: '工作簿 {file} 没有工作表“{sheet}”；它的工作表为 {sheets}',
      },
      none: { en: 'the workbook {file} has no sheets', zh: '工作簿 {file} 没有工作表' },
      'no-cells': {
        en: 'no sheet of {file} that could be read holds cells (charts, or missing parts)',
        zh: '{file} 中可读的工作表都没有单元格（只有图表，或内容缺失）',
        do: {
          cli: { en: 'choose another with --sheet NAME', zh: '请用 --sheet 表名 选择其他工作表' },
          http: { en: 'choose another with sheet=NAME', zh: '请用 sheet=表名 选择其他工作表' },
          console: { en: 'choose another sheet', zh: '请选择其他工作表' },
          code: { en: 'choose another sheet', zh: '请选择其他工作表' },
        },
      },
    },
  },
  UPLOAD_NOT_FOUND: {
    about: {
      en: 'There is no uploaded file of this number; it is removed a day after it was used last.',
      zh: '没有这个编号的名单文件；最后一次使用后保留一天。',
    },
    remedy: { en: 'Upload it again.', zh: '重新上传。' },
    texts: {
      default: {
        en: 'there is no uploaded file {id}, or its time is over',
        zh: '没有名单文件 {id}，或已过期',
        do: { en: 'upload it again', zh: '请重新上传' },
      },
    },
  },
  DEDUPE_UNKNOWN: {
    about: { en: '`--dedupe` names no column of the recipients.', zh: '`--dedupe` 指定的列不存在。' },
    remedy: { en: '`openid`, `row`, `none` or a column.', zh: '可用 `openid`、`row`、`none` 或列名。' },
    texts: {
      default: {
        en: 'there is no column "{column}" to find duplicates by',
        zh: '没有“{column}”列，无法按它去重',
        do: {
          en: 'use openid, row, none or one of: {columns}',
          zh: '可用 openid、row、none，或以下列：{columns}',
        },
      },
    },
  },
  CONTACT_BUSY: {
    about: {
      en: 'A person cannot be erased while something may still be sent to them.',
      zh: '还有内容可能发送给该用户，暂不能删除其信息。',
    },
    remedy: {
      en: 'Wait for its end, or cancel it, and erase them then.',
      zh: '等任务结束或取消任务后再删除。',
    },
    status: 409,
    texts: {
      campaigns: {
        en: 'campaign {campaigns} may still send to this person',
        zh: '推送任务 {campaigns} 还可能发送给该用户',
        do: { en: 'wait for its end, or cancel it; then erase again', zh: '请等任务结束或取消任务，再删除' },
      },
      messages: {
        en: '{n} single messages to this person have no outcome yet',
        zh: '有 {n} 条发给该用户的单条消息尚无结果',
        do: { en: 'erase again in a while', zh: '请稍后再删除' },
      },
    },
  },
  FILTER_EMPTY: {
    about: { en: 'A filter without a rule would be everybody.', zh: '没有规则的筛选等于所有人。' },
    remedy: { en: 'Give it a rule, or send to `all`.', zh: '至少给一条规则，或推送给 `all`。' },
    texts: {
      default: {
        en: 'a filter needs at least one rule',
        zh: '筛选至少需要一条规则',
        do: { en: 'to send to everybody, the audience is "all"', zh: '推送给所有人请用“all”' },
      },
    },
  },
  FILTER_IN_USE: {
    about: { en: 'A schedule sends to this filter.', zh: '有定时任务推送给这个筛选。' },
    remedy: { en: 'Change or remove the schedule first.', zh: '先修改或删除定时任务。' },
    status: 409,
    texts: {
      default: {
        en: 'the filter {id} is the audience of schedule {schedules}',
        zh: '筛选 {id} 是定时任务 {schedules} 的推送对象',
        do: { en: 'change or remove the schedule first', zh: '请先修改或删除该定时任务' },
      },
    },
  },
  FILTER_CHANGED: {
    about: {
      en: 'Somebody else changed the filter in the meantime, or you did in another window. HTTP 409; nothing was changed.',
      zh: '筛选在此期间被别人（或你在另一个窗口）改过。HTTP 409，没有修改。',
    },
    remedy: { en: 'Read it again, and repeat the change.', zh: '重新读取后再改。' },
    status: 409,
    texts: {
      default: {
        en: 'the filter {id} was changed by {who} on {at}: it is at revision {is}, and this change was made to {was}',
        zh: '筛选 {id} 已由 {who} 于 {at} 修改：当前版本 {is}，本次修改基于版本 {was}',
        do: { en: 'read it again, and repeat the change', zh: '请重新读取后再改' },
      },
    },
  },
  FILTER_NAME_TAKEN: {
    about: { en: 'The account has a filter of that name.', zh: '该账号已有同名筛选。' },
    remedy: { en: 'Another name, or change that filter.', zh: '换个名称，或修改已有的筛选。' },
    status: 409,
    texts: {
      default: {
        en: 'there is a filter "{name}" already',
        zh: '已有名为“{name}”的筛选',
        do: { en: 'give another name, or change that one', zh: '请换个名称，或修改已有的筛选' },
      },
    },
  },
  FILTER_NOT_FOUND: {
    about: { en: 'The account has no filter of that number.', zh: '该账号没有这个编号的筛选。' },
    remedy: { en: '`hongyan filters list APPID`.', zh: '`hongyan filters list APPID`.' },
    texts: {
      default: {
        en: 'there is no filter {id} of {appid}',
        zh: '{appid} 没有筛选 {id}',
        do: { cli: { en: 'see: hongyan filters list {appid}', zh: '查看：hongyan filters list {appid}' } },
      },
    },
  },
});
