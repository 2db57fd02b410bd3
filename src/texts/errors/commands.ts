import { defineErrors } from '../catalogue.ts';
import { usageTexts } from './usage.ts';

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
    texts: { ...usageTexts },
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
      webhookAllow: {
        en: 'webhookAllow takes addresses and networks such as 10.0.0.5 or 10.1.0.0/16, not "{entry}"',
        zh: 'webhookAllow 应为 10.0.0.5 或 10.1.0.0/16 这样的 IP 或网段，不能是“{entry}”',
      },
    },
  },
  DATA_DIR_UNUSABLE: {
    about: {
      en: 'The data directory cannot be read or written, or its disk is full.',
      zh: '数据目录无法读写，或磁盘已满。',
    },
    remedy: { en: 'Choose another with `--data-dir` or `HONGYAN_DATA_DIR`.', zh: '换一个数据目录。' },
    texts: {},
  },
  SECRET_FILE_UNREADABLE: {
    about: { en: 'The file of `--secret-file` cannot be read.', zh: '无法读取 `--secret-file` 指定的文件。' },
    remedy: { en: 'Check path and permissions.', zh: '检查路径和权限。' },
    texts: {
      file: {
        en: 'cannot read {file} ({code})',
        zh: '无法读取 {file}（{code}）',
        do: { en: 'check its path and permissions', zh: '请检查路径和权限' },
      },
    },
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
    texts: {},
  },
  DEMO_BROKEN: {
    about: {
      en: "The demo's own check failed: the simulator and the report disagree.",
      zh: '演示自检失败：模拟器与报告不一致。',
    },
    remedy: { en: 'Please report it with the output.', zh: '请附上输出反馈。' },
    texts: {},
  },
});
