import type { ErrorText } from '../catalogue.ts';

const seeHelp = {
  cli: {
    en: '{command} --help shows the options and an example.',
    zh: '用 {command} --help 查看选项和示例。',
  },
} as const;

/** What is wrong with a command line before any command sees it. */
export const usageTexts = {
  'unknown-option': { en: "unknown option '{option}'", zh: '没有选项 {option}', do: seeHelp },
  'unknown-option-similar': {
    en: "unknown option '{option}'; did you mean {similar}?",
    zh: '没有选项 {option}，是不是 {similar}？',
    do: seeHelp,
  },
  'not-built': {
    en: 'demo --open shows the console and the phone, and they are not built',
    zh: 'demo --open 要打开控制台和模拟手机，而它们尚未构建',
    do: {
      en: 'build them once with npm run build; npm run demo -- --open does so by itself',
      zh: '请先运行一次 npm run build；或用 npm run demo -- --open，会自动构建',
    },
  },
  'unknown-command': { en: "unknown command '{name}'", zh: '没有命令 {name}', do: seeHelp },
  'unknown-command-similar': {
    en: "unknown command '{name}'; did you mean {similar}?",
    zh: '没有命令 {name}，是不是 {similar}？',
    do: seeHelp,
  },
  'command-missing': {
    en: '{command} needs a command after it',
    zh: '{command} 后面还要写子命令',
    do: seeHelp,
  },
  'argument-missing': { en: '<{name}> is missing', zh: '缺少参数 <{name}>', do: seeHelp },
  'option-missing': { en: "the option '{option}' is missing", zh: '缺少必填选项 {option}', do: seeHelp },
  'option-value-missing': {
    en: "the option '{option}' needs a value",
    zh: '选项 {option} 后面要写值',
    do: seeHelp,
  },
  'option-value': {
    en: '{option} takes {choices}, not "{value}"',
    zh: '{option} 只能是 {choices}，不能是“{value}”',
    do: seeHelp,
  },
  'options-exclude': {
    en: "'{option}' and '{other}' exclude each other",
    zh: '{option} 与 {other} 不能同时使用',
    do: seeHelp,
  },
  'arguments-too-many': {
    en: 'too many arguments: it takes {expected}, and {got} are given',
    zh: '参数过多：应有 {expected} 个，实际 {got} 个',
    do: seeHelp,
  },
  'option-number': {
    en: '{option} takes a number from {min} to {max}, not "{value}"',
    zh: '{option} 应为 {min} 到 {max} 的整数，不能是“{value}”',
  },
  'option-share': {
    en: '{option} takes a share from 0 to 1, not "{value}"',
    zh: '{option} 应为 0 到 1 的比例，不能是“{value}”',
  },
  'option-choice': {
    en: '{option} takes {choices}, not "{value}"',
    zh: '{option} 只能是 {choices}，不能是“{value}”',
  },
  simulator: { en: '{problem}', zh: '{problem}' },
  'simulator-accounts-one': {
    en: '--appid and --secret are for one account',
    zh: '--appid 和 --secret 只用于单个账号',
    do: { en: 'write them into the --accounts file', zh: '请写到 --accounts 的文件里' },
  },
  'simulator-callback': {
    en: '{option} needs --callback-url, the address that events go to',
    zh: '{option} 要和 --callback-url（事件推送地址）一起用',
  },
  'simulator-accounts-unreadable': {
    en: 'cannot read --accounts {file}',
    zh: '无法读取 --accounts {file}',
    do: { en: 'give a JSON file with an array of accounts', zh: '请给出 JSON 文件，内容是账号数组' },
  },
  'simulator-accounts-json': { en: '--accounts {file} is not JSON', zh: '--accounts {file} 不是 JSON' },
  'simulator-accounts-array': {
    en: '--accounts {file} must hold an array of accounts',
    zh: '--accounts {file} 的内容必须是账号数组',
  },
  'simulator-fault': {
    en: '--fault is {kinds}, then = and a share from 0 to 1, as in cut=0.001 or 45011=0.01, and not "{value}"',
    zh: '--fault 写作 类型=比例，如 cut=0.001 或 45011=0.01：类型为 {kinds}，比例为 0 到 1，不能是“{value}”',
  },
  'command-line': {
    en: 'the command line is not understood: {message}',
    zh: '命令行无法识别：{message}',
    do: seeHelp,
  },
  'whole-number': {
    en: '{option} takes a number from 1 to {most}, not "{value}"',
    zh: '{option} 应为 1 到 {most} 的整数，不能是“{value}”',
  },
  hours: {
    en: '{option} takes a number of hours, not "{value}"',
    zh: '{option} 应为小时数，不能是“{value}”',
  },
  'url-in-arguments': {
    en: '{name} has a query, a password or what looks like a key in it, and others see what stands on a command line',
    zh: '{name} 带有查询参数、密码或疑似密钥的内容，而命令行会被同机用户看到',
    do: {
      cli: {
        en: 'write it into a file and give {option} FILE (- is standard input)',
        zh: '请写入文件，用 {option} 文件 指定（- 为标准输入）',
      },
    },
  },
  'webhook-url': {
    en: 'the URL of the webhook is missing',
    zh: '缺少 Webhook 的 URL',
    do: {
      cli: {
        en: 'give it behind the appid, or in a file with --url-file FILE',
        zh: '写在 appid 之后，或用 --url-file 文件 指定',
      },
    },
  },
  'webhook-delivery': {
    en: 'a delivery has an id as "hongyan webhooks deliveries" shows it',
    zh: '投递的 id 请以 hongyan webhooks deliveries 显示的为准',
  },
  'one-of': { en: 'give one of {options}', zh: '{options} 只能给出一个' },
  together: { en: '{options} belong together', zh: '{options} 要一起使用' },
  openids: { en: 'give openids, @file or -', zh: '请给出 openid、@文件 或 -' },
  'stdin-once': {
    en: 'standard input can be read for one option only',
    zh: '标准输入只能用于一个选项',
  },
  'nobody-to-ask': {
    en: 'there is nobody to ask for it: {what}',
    zh: '没有终端可以询问：{what}',
    do: { cli: { en: 'give it with {option}', zh: '请用 {option} 给出' } },
  },
  permission: {
    en: 'there is no permission {word}; there are {known}',
    zh: '没有权限 {word}，可用的有：{known}',
  },
} as const satisfies Record<string, ErrorText>;
