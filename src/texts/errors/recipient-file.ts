import { defineErrors } from '../catalogue.ts';

/** A file of people that cannot be read; what is missing in one that can is in audience.ts. */
export const recipientFileErrors = defineErrors({
  RECIPIENT_FILE_NOT_FOUND: {
    about: { en: 'There is no such file.', zh: '文件不存在。' },
    remedy: { en: 'Check the path.', zh: '检查路径。' },
    texts: {
      default: {
        en: 'there is no recipient file {file}',
        zh: '名单文件 {file} 不存在',
        do: { en: 'check the path', zh: '请检查路径' },
      },
    },
  },
  RECIPIENT_FILE_UNREADABLE: {
    about: { en: 'A directory, no permission, or a read error.', zh: '是目录、没有权限或读取出错。' },
    remedy: { en: 'Name a file that this user may read.', zh: '给出可读的文件。' },
    texts: {
      default: {
        en: 'the recipient file {file} cannot be read ({reason})',
        zh: '无法读取名单文件 {file}（{reason}）',
      },
      permission: {
        en: 'the recipient file {file} cannot be read: permission denied',
        zh: '无法读取名单文件 {file}：没有权限',
      },
      directory: {
        en: '{file} is a directory',
        zh: '{file} 是目录',
        do: { en: 'name the recipient file inside it', zh: '请指定其中的名单文件' },
      },
      'no-room': {
        en: 'the recipient file {file} has to be copied to {directory} first, which is full',
        zh: '名单文件 {file} 须先复制到 {directory}，而那里已满',
      },
    },
  },
  RECIPIENT_FILE_EMPTY: {
    about: { en: 'No rows.', zh: '没有数据行。' },
    remedy: { en: 'Check the export.', zh: '检查导出。' },
    texts: {
      default: { en: 'the recipient file {file} is empty', zh: '名单文件 {file} 是空的' },
      'no-rows': { en: 'the recipient file {file} has no rows', zh: '名单文件 {file} 没有数据行' },
    },
  },
  RECIPIENT_FILE_CHANGED: {
    about: { en: 'Somebody wrote to the file while it was read.', zh: '读取期间文件被改动。' },
    remedy: { en: 'Start again when its writer has finished.', zh: '等写入完成后重来。' },
    texts: {
      default: {
        en: 'the recipient file {file} was changed while it was read',
        zh: '读取名单文件 {file} 期间，它被改动了',
        do: { en: 'start again when its writer has finished', zh: '请等写入完成后重来' },
      },
    },
  },
  RECIPIENT_FILE_DAMAGED: {
    about: { en: 'A broken gzip or XLSX.', zh: 'gzip 或 XLSX 损坏。' },
    remedy: { en: 'Copy or export it again.', zh: '重新复制或导出。' },
    texts: {
      gzip: {
        en: 'the recipient file {file} ends too early or is damaged (gzip)',
        zh: '名单文件 {file} 不完整或已损坏（gzip）',
        do: { en: 'copy or export it again', zh: '请重新复制或导出' },
      },
      workbook: {
        en: 'the workbook {file} is damaged or incomplete',
        zh: '工作簿 {file} 已损坏或不完整',
        do: {
          en: 'copy it again, or open and save it in a spreadsheet program',
          zh: '请重新复制，或用表格软件打开后另存',
        },
      },
    },
  },
  RECIPIENT_FILE_TOO_LARGE: {
    about: {
      en: 'An XLSX or gzip that unpacks to more than the limits, more than 16,384 columns, or XML that is nested without end.',
      zh: 'XLSX 或 gzip 解压后超过上限、超过 16,384 列，或 XML 嵌套过深。',
    },
    remedy: { en: 'Save the list as CSV, which has no limit in rows.', zh: '另存为 CSV，行数没有限制。' },
    texts: {
      ratio: {
        en: 'the recipient file {file} unpacks to more than {times} times its size, which no list does',
        zh: '名单文件 {file} 解压后超过原大小的 {times} 倍，不像是名单',
      },
      copied: {
        en: 'the workbook {file} has more than {megabytes} MB and would have to be copied to {directory} first',
        zh: '工作簿 {file} 超过 {megabytes} MB，且须先复制到 {directory}',
        do: {
          en: 'unpack it, or save the list as CSV, which has no limit in rows',
          zh: '请先解压，或另存为 CSV，行数没有限制',
        },
      },
      unpacked: {
        en: 'the workbook {file} unpacks to {unpacked} bytes from {packed}, which is over the limit',
        zh: '工作簿 {file} 由 {packed} 字节解压为 {unpacked} 字节，超过上限',
        do: { en: 'save the list as CSV, which has no limit in rows', zh: '请另存为 CSV，行数没有限制' },
      },
      'too-many': {
        en: 'the workbook {file} has more than {most} {what}',
        zh: '工作簿 {file} 的{what}超过 {most} 个',
        do: { en: 'save the list as CSV, which has no limit in rows', zh: '请另存为 CSV，行数没有限制' },
      },
      nested: {
        en: 'the workbook {file} is nested too deeply',
        zh: '工作簿 {file} 的内部结构嵌套过深',
        do: { en: 'save the list as CSV, which has no limit in rows', zh: '请另存为 CSV，行数没有限制' },
      },
      'cell-text': {
        en: 'the workbook {file} has a text of more than {most} characters in one cell',
        zh: '工作簿 {file} 有单元格超过 {most} 个字符',
        do: { en: 'save the list as CSV, which has no limit in rows', zh: '请另存为 CSV，行数没有限制' },
      },
      texts: {
        en: 'the workbook {file} holds more than {megabytes} MB of texts, or one of more than a megabyte',
        zh: '工作簿 {file} 的文本超过 {megabytes} MB，或有单个文本超过 1 MB',
        do: { en: 'save the list as CSV, which has no limit in rows', zh: '请另存为 CSV，行数没有限制' },
      },
      'first-row': {
        en: 'the first row of {file} has more than {most} cells',
        zh: '{file} 的第一行超过 {most} 个单元格',
      },
      columns: {
        en: '{file} has {columns} columns; more than {most} are read only when the ones to use are selected',
        zh: '{file} 有 {columns} 列；超过 {most} 列时，须先选定要用的列',
      },
    },
  },
  RECIPIENT_FILE_ALREADY_READ: {
    about: { en: 'A program read the same open file twice.', zh: '程序重复读取同一个已打开的文件。' },
    remedy: { en: 'Open it again.', zh: '重新打开。' },
    texts: {
      default: {
        en: 'the recipient file {file} was read already',
        zh: '名单文件 {file} 已经读过了',
        do: { en: 'open it again to read it again', zh: '再读须重新打开' },
      },
    },
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
    texts: {
      'is-xlsx': {
        en: 'the recipient file {file} is an XLSX (zip) file, not {format}',
        zh: '名单文件 {file} 是 XLSX（zip），不是 {format}',
        do: {
          en: 'leave the format out, or save the list as {format}',
          zh: '请不要指定格式，或另存为 {format}',
        },
      },
      'old-excel': {
        en: 'the recipient file {file} is an old or password-protected Excel file',
        zh: '名单文件 {file} 是旧版或加密的 Excel 文件',
        do: {
          en: 'save it as .xlsx without a password, or as CSV UTF-8',
          zh: '请另存为不加密的 .xlsx，或 CSV UTF-8',
        },
      },
      'not-xlsx': {
        en: 'the recipient file {file} is not an XLSX workbook',
        zh: '名单文件 {file} 不是 XLSX 工作簿',
        do: { en: 'save it as .xlsx in the spreadsheet program', zh: '请用表格软件另存为 .xlsx' },
      },
      'not-text': {
        en: 'the recipient file {file} is not a text file',
        zh: '名单文件 {file} 不是文本文件',
        do: {
          en: 'save it as XLSX, as CSV UTF-8, or as text with one openid a line',
          zh: '请另存为 XLSX、CSV UTF-8，或每行一个 openid 的文本',
        },
      },
      page: {
        en: 'the recipient file {file} is an HTML or XML page, whatever its extension says',
        zh: '名单文件 {file} 其实是 HTML 或 XML 网页',
        do: { en: 'save it as .xlsx or CSV UTF-8', zh: '请另存为 .xlsx 或 CSV UTF-8' },
      },
      'json-list': {
        en: 'the recipient file {file} is a JSON list',
        zh: '名单文件 {file} 是 JSON 数组',
        do: {
          en: 'write one object a line instead (NDJSON), for example with jq -c ".[]"',
          zh: '请改为每行一个对象（NDJSON），例如用 jq -c ".[]" 转换',
        },
      },
      encrypted: {
        en: 'the recipient file {file} is an encrypted archive',
        zh: '名单文件 {file} 是加密的压缩包',
        do: { en: 'save it without a password', zh: '请另存为不加密的文件' },
      },
      archive: {
        en: 'the recipient file {file} is a zip file but no XLSX workbook',
        zh: '名单文件 {file} 是 zip，但不是 XLSX 工作簿',
        do: {
          en: 'save it as .xlsx (not .ods, .xlsb, .numbers) or as CSV',
          zh: '请另存为 .xlsx（不是 .ods、.xlsb、.numbers）或 CSV',
        },
      },
    },
  },
  RECIPIENT_ENCODING_UNKNOWN: {
    about: {
      en: 'Neither UTF-8 nor GB18030, both with different text, or it looks like another encoding, which the message names (Big5, Latin-1 …).',
      zh: '既非 UTF-8 也非 GB18030，或两者皆可但内容不同，或看起来像信息中所说的其他编码（Big5、Latin-1 等）。',
    },
    remedy: { en: 'Save it as UTF-8, or say `--encoding`.', zh: '另存为 UTF-8，或用 `--encoding` 指明。' },
    texts: {
      both: {
        en: 'the recipient file can be read as UTF-8 and as GB18030, with different text',
        zh: '名单文件按 UTF-8 和 GB18030 都能读，但读出的内容不同',
        do: {
          cli: {
            en: 'say which: --encoding utf-8 or --encoding gb18030',
            zh: '请指明：--encoding utf-8 或 --encoding gb18030',
          },
          http: {
            en: 'say which: encoding=utf-8 or encoding=gb18030',
            zh: '请指明：encoding=utf-8 或 encoding=gb18030',
          },
          console: { en: 'choose the encoding', zh: '请选择编码' },
          code: {
            en: "say which: encoding 'utf-8' or 'gb18030'",
            zh: "请指明 encoding：'utf-8' 或 'gb18030'",
          },
        },
      },
      'looks-like': {
        en: 'the recipient file is not UTF-8, and looks like {name}',
        zh: '名单文件不是 UTF-8，看起来像 {name}',
        do: {
          cli: {
            en: 'if it is, say --encoding {guess}; if it is the GB18030 of Chinese Excel, --encoding gb18030; or save it as UTF-8 ("CSV UTF-8" in Excel)',
            zh: '若是，请加 --encoding {guess}；若是中文 Excel 的 GB18030，加 --encoding gb18030；或另存为 UTF-8（Excel 中选“CSV UTF-8”）',
          },
          http: {
            en: 'if it is, say encoding={guess}; if it is the GB18030 of Chinese Excel, encoding=gb18030; or save it as UTF-8 ("CSV UTF-8" in Excel)',
            zh: '若是，请加 encoding={guess}；若是中文 Excel 的 GB18030，加 encoding=gb18030；或另存为 UTF-8（Excel 中选“CSV UTF-8”）',
          },
          console: {
            en: 'if it is, choose {guess}; if it is the GB18030 of Chinese Excel, gb18030; or save it as UTF-8 ("CSV UTF-8" in Excel)',
            zh: '若是，请选择 {guess}；若是中文 Excel 的 GB18030，选 gb18030；或另存为 UTF-8（Excel 中选“CSV UTF-8”）',
          },
          code: {
            en: 'if it is, say encoding: {guess}; if it is the GB18030 of Chinese Excel, gb18030; or save it as UTF-8 ("CSV UTF-8" in Excel)',
            zh: '若是，请指定 encoding：{guess}；若是中文 Excel 的 GB18030，指定 gb18030；或另存为 UTF-8（Excel 中选“CSV UTF-8”）',
          },
        },
      },
      neither: {
        en: 'the recipient file is neither UTF-8 nor GB18030',
        zh: '名单文件既不是 UTF-8 也不是 GB18030',
        do: {
          en: 'save it as UTF-8 ("CSV UTF-8" in Excel), and try again',
          zh: '请另存为 UTF-8（Excel 中选“CSV UTF-8”）后重试',
        },
      },
    },
  },
  ENCODING_UNKNOWN: {
    about: { en: 'No encoding of this name can be read.', zh: '不支持这个编码。' },
    remedy: {
      en: '`utf-8`, `gb18030`, `big5`, `windows-1252` …',
      zh: '如 `utf-8`、`gb18030`、`big5`、`windows-1252`。',
    },
    texts: {
      default: { en: 'there is no encoding "{name}"', zh: '没有编码“{name}”' },
    },
  },
});
