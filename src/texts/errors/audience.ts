import { defineErrors } from '../catalogue.ts';

export const audienceErrors = defineErrors({
  RECIPIENT_FILE_NOT_FOUND: {
    about: { en: 'There is no such file.', zh: '文件不存在。' },
    remedy: { en: 'Check the path.', zh: '检查路径。' },
    texts: {},
  },
  RECIPIENT_FILE_UNREADABLE: {
    about: { en: 'A directory, no permission, or a read error.', zh: '是目录、没有权限或读取出错。' },
    remedy: { en: 'Name a file that this user may read.', zh: '给出可读的文件。' },
    texts: {},
  },
  RECIPIENT_FILE_EMPTY: {
    about: { en: 'No rows.', zh: '没有数据行。' },
    remedy: { en: 'Check the export.', zh: '检查导出。' },
    texts: {},
  },
  RECIPIENT_FILE_CHANGED: {
    about: { en: 'Somebody wrote to the file while it was read.', zh: '读取期间文件被改动。' },
    remedy: { en: 'Start again when its writer has finished.', zh: '等写入完成后重来。' },
    texts: {},
  },
  RECIPIENT_FILE_DAMAGED: {
    about: { en: 'A broken gzip or XLSX.', zh: 'gzip 或 XLSX 损坏。' },
    remedy: { en: 'Copy or export it again.', zh: '重新复制或导出。' },
    texts: {},
  },
  RECIPIENT_FILE_TOO_LARGE: {
    about: {
      en: 'An XLSX or gzip that unpacks to more than the limits, more than 16,384 columns, or XML that is nested without end.',
      zh: 'XLSX 或 gzip 解压后超过上限、超过 16,384 列，或 XML 嵌套过深。',
    },
    remedy: { en: 'Save the list as CSV, which has no limit in rows.', zh: '另存为 CSV，行数没有限制。' },
    texts: {},
  },
  RECIPIENT_FILE_ALREADY_READ: {
    about: { en: 'A program read the same open file twice.', zh: '程序重复读取同一个已打开的文件。' },
    remedy: { en: 'Open it again.', zh: '重新打开。' },
    texts: {},
  },
  RECIPIENT_FORMAT_UNSUPPORTED: {
    about: {
      en: 'Old .xls, password, HTML saved as .xls, a JSON list, not text.',
      zh: '旧版 .xls、加密、伪装成 .xls 的 HTML、JSON 数组、非文本。',
    },
    remedy: {
      en: 'Save as .xlsx or CSV UTF-8; JSON as one object a line.',
      zh: '另存为 .xlsx 或 UTF-8 CSV；JSON 改为每行一个对象。',
    },
    texts: {},
  },
  RECIPIENT_ENCODING_UNKNOWN: {
    about: {
      en: 'Neither UTF-8 nor GB18030, both with different text, or it looks like another encoding, which the message names (Big5, Latin-1 …).',
      zh: '既非 UTF-8 也非 GB18030，或两者皆可但内容不同，或看起来像信息中所说的其他编码（Big5、Latin-1 等）。',
    },
    remedy: { en: 'Save it as UTF-8, or say `--encoding`.', zh: '另存为 UTF-8，或用 `--encoding` 指明。' },
    texts: {},
  },
  RECIPIENT_HEADER_MISSING: {
    about: {
      en: 'The row named as the header is empty, or not among the first rows.',
      zh: '指定的表头行为空，或不在文件开头的几行中。',
    },
    remedy: { en: '`--header-row N`, or `none`.', zh: '用 `--header-row N` 指定，没有表头则用 `none`。' },
    texts: {},
  },
  RECIPIENT_OPENID_COLUMN_MISSING: {
    about: {
      en: 'No column is recognisable as the openids, or several are; in a workbook, in no visible sheet.',
      zh: '找不到 openid 列，或有多列像 openid；对工作簿而言，是所有可见工作表都如此。',
    },
    remedy: {
      en: '`--openid-column NAME`, `--sheet NAME`, `--header-row N`.',
      zh: '`--openid-column NAME`, `--sheet NAME`, `--header-row N`.',
    },
    texts: {},
  },
  RECIPIENT_COLUMN_DUPLICATE: {
    about: { en: 'Two columns have the same name.', zh: '两列同名。' },
    remedy: { en: 'Rename one.', zh: '改名。' },
    texts: {},
  },
  RECIPIENT_SHEET_NOT_FOUND: {
    about: {
      en: 'The workbook has no such sheet, or it has no cells.',
      zh: '没有该工作表，或表内没有单元格。',
    },
    remedy: { en: '`--sheet NAME`; the message lists them.', zh: '信息列出了所有工作表。' },
    texts: {},
  },
  DEDUPE_UNKNOWN: {
    about: { en: '`--dedupe` names no column of the recipients.', zh: '`--dedupe` 指定的列不存在。' },
    remedy: { en: '`openid`, `row`, `none` or a column.', zh: '`openid`, `row`, `none` or a column.' },
    texts: {},
  },
});
