import { defineErrors } from '../catalogue.ts';
import { creditsUsageTexts } from './credits.ts';
import { messagesUsageTexts } from './messages.ts';
import { usageTexts } from './usage.ts';
import { pushUsageTexts } from './usage-push.ts';

export const commandsErrors = defineErrors({
  USAGE: {
    about: {
      en: 'The command line cannot be carried out as it stands; also a question where nobody can answer.',
      zh: '命令行写法不对；或需要提问但没有终端。',
    },
    remedy: {
      en: 'The message names the option; `--help` shows an example.',
      zh: '按提示修改；`--help` 有示例。',
    },
    texts: { ...usageTexts, ...messagesUsageTexts, ...creditsUsageTexts, ...pushUsageTexts },
  },
  CONFIG_INVALID: {
    about: {
      en: 'A setting is unknown, misspelt or not valid, in the file or a `HONGYAN_*` variable.',
      zh: '配置文件或 `HONGYAN_*` 变量中有未知、拼错或无效的项。',
    },
    remedy: {
      en: '`hongyan doctor` shows the settings and where each came from.',
      zh: '用 `hongyan doctor` 查看各项配置及来源。',
    },
    texts: {
      listen: {
        en: 'listen is HOST:PORT, [IPV6]:PORT or off, not "{text}"',
        zh: 'listen 应为 HOST:PORT、[IPV6]:PORT 或 off，不能是“{text}”',
        do: { en: 'for example 127.0.0.1:8790', zh: '例如 127.0.0.1:8790' },
      },
      'demo-listen': {
        en: 'demo --open has a console to show, and HONGYAN_LISTEN is off',
        zh: 'demo --open 要打开控制台，而 HONGYAN_LISTEN 是 off',
        do: { en: 'set it to an address such as 127.0.0.1:8790', zh: '把它设为地址，如 127.0.0.1:8790' },
      },
      webhookAllow: {
        en: 'webhookAllow takes addresses and networks such as 10.0.0.5 or 10.1.0.0/16, not "{entry}"',
        zh: 'webhookAllow 应为 10.0.0.5 或 10.1.0.0/16 这样的 IP 或网段，不能是“{entry}”',
      },
      variable: {
        en: 'unknown environment variable {name}; known ones are {known}',
        zh: '未知的环境变量 {name}，可用的有 {known}',
      },
      values: { en: 'the configuration is not valid: {problems}', zh: '配置无效：{problems}' },
      'file-unreadable': {
        en: 'cannot read the config file {path}: {problem}',
        zh: '无法读取配置文件 {path}：{problem}',
      },
      'secret-unreadable': {
        en: 'cannot read {path}, which {name} names: {problem}',
        zh: '无法读取 {name} 指定的文件 {path}：{problem}',
      },
      'secret-empty': { en: '{path}, which {name} names, is empty', zh: '{name} 指定的文件 {path} 是空的' },
      'secret-twice': {
        en: '{name} and {name}_FILE are both set',
        zh: '同时设置了 {name} 和 {name}_FILE',
        do: { en: 'set one of them', zh: '请只设置其中一个' },
      },
      'file-json': { en: 'the config file {path} is not valid JSON', zh: '配置文件 {path} 不是有效的 JSON' },
      'file-exposed': {
        en: 'others can read {path} (mode {mode}), which holds secrets',
        zh: '{path} 含有密钥，却可被他人读取（权限 {mode}）',
        do: { en: 'run: chmod 600 {path}', zh: '请执行：chmod 600 {path}' },
      },
      'file-foreign': {
        en: '{path} holds secrets and belongs to the user id {owner}; this process runs as {uid}',
        zh: '{path} 含有密钥，但属于用户 id {owner}，而本进程的 uid 是 {uid}',
        do: { en: 'make it your own: chown {uid} {path}', zh: '请改为自己所有：chown {uid} {path}' },
      },
      'file-object': {
        en: 'the config file {path} must hold one JSON object',
        zh: '配置文件 {path} 必须是一个 JSON 对象',
      },
    },
  },
  DATA_DIR_UNUSABLE: {
    about: {
      en: 'The data directory cannot be read or written, or its disk is full.',
      zh: '数据目录无法读写，或磁盘已满。',
    },
    remedy: { en: 'Choose another with `--data-dir` or `HONGYAN_DATA_DIR`.', zh: '换一个数据目录。' },
    texts: {
      read: {
        en: 'cannot read {path} ({problem})',
        zh: '无法读取 {path}（{problem}）',
        do: { en: 'use a data directory of this user', zh: '请使用属于当前用户的数据目录' },
      },
      write: {
        en: 'cannot write to the data directory {directory} ({problem})',
        zh: '无法写入数据目录 {directory}（{problem}）',
        do: {
          en: 'choose another one with --data-dir or HONGYAN_DATA_DIR',
          zh: '用 --data-dir 或 HONGYAN_DATA_DIR 换一个',
        },
      },
    },
  },
  FILE_UNUSABLE: {
    about: {
      en: 'A file or directory that a command was given cannot be read or written.',
      zh: '命令指定的文件或目录无法读取或写入。',
    },
    remedy: { en: 'Check path and permissions.', zh: '检查路径和权限。' },
    texts: {
      default: {
        en: 'cannot use {path} ({problem})',
        zh: '无法使用 {path}（{problem}）',
        do: { en: 'check its path and permissions', zh: '请检查路径和权限' },
      },
    },
  },
  SECRET_FILE_UNREADABLE: {
    about: {
      en: 'The file of `--secret-file`, `--token-url-file` or the like cannot be read, or is empty.',
      zh: '`--secret-file`、`--token-url-file` 等指定的文件无法读取，或是空的。',
    },
    remedy: { en: 'Check path and permissions.', zh: '检查路径和权限。' },
    texts: {
      file: {
        en: 'cannot read {file} ({problem})',
        zh: '无法读取 {file}（{problem}）',
        do: { en: 'check its path and permissions', zh: '请检查路径和权限' },
      },
      empty: { en: 'the secret file {file} is empty', zh: '文件 {file} 是空的' },
    },
  },
  CANCELLED: {
    about: {
      en: 'A question was answered with no, or with ctrl-C. Nothing was changed.',
      zh: '询问时选了否或按了 Ctrl-C，未做任何改动。',
    },
    remedy: { en: 'Nothing to do.', zh: '无需处理。' },
    texts: { default: { en: 'Cancelled; nothing was changed.', zh: '已取消，未做任何改动。' } },
  },
  INTERRUPTED: {
    about: {
      en: 'Ctrl-C or SIGTERM, or the reader of its output went away.',
      zh: '被 Ctrl-C 或 SIGTERM 停止，或输出的读取方已退出。',
    },
    remedy: {
      en: 'Nothing is lost; run it again, or `hongyan campaigns resume ID`.',
      zh: '没有丢失数据；再次运行，或继续任务。',
    },
    texts: {
      signal: { en: 'stopped by {name}', zh: '已被 {name} 停止' },
      parent: { en: 'the process that started this one is gone', zh: '启动本进程的进程已退出' },
      npm: { en: 'npm, which started this, is gone', zh: '启动本进程的 npm 已退出' },
      output: { en: 'standard output cannot be written ({code})', zh: '无法写入标准输出（{code}）' },
    },
  },
  DEMO_BROKEN: {
    about: {
      en: "The demo's own check failed: the simulator and the report disagree.",
      zh: '演示自检失败：模拟器与报告不一致。',
    },
    remedy: { en: 'Please report it with the output.', zh: '请附上输出反馈。' },
    texts: {
      template: {
        en: 'the simulator has no template with keyword1 to keyword3',
        zh: '模拟器没有包含 keyword1 至 keyword3 的模板',
      },
      counts: {
        en: 'the simulator accepted {seen} recipients and the report says {reported}',
        zh: '模拟器受理了 {seen} 个接收人，报告中却是 {reported} 个',
      },
    },
  },
});
