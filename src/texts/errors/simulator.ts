import { defineErrors } from '../catalogue.ts';

export const simulatorErrors = defineErrors({
  SIMULATOR_OPTIONS: {
    about: { en: 'An option or an admin request is wrong.', zh: '选项或管理请求有误。' },
    remedy: { en: 'The message names it.', zh: '按提示修改。' },
    texts: {},
  },
  SIMULATOR_LISTEN: {
    about: { en: 'The port is in use or cannot be had.', zh: '端口被占用或不可用。' },
    remedy: { en: 'Another `--port`, or `0`.', zh: '换端口，或用 `0`。' },
    texts: {},
  },
  SIMULATOR_ACCOUNT: {
    about: { en: 'The simulator has no such account.', zh: '模拟器没有该账号。' },
    remedy: { en: '`GET /_simulator` lists them.', zh: '用它列出账号。' },
    texts: {},
  },
  SIMULATOR_CALLBACK: {
    about: {
      en: "The callback URL did not answer WeChat's verification with exactly the echostr.",
      zh: '回调 URL 未按微信的验证要求原样返回 echostr。',
    },
    remedy: {
      en: 'The message says what came instead; start the receiver first, compare Token and URL.',
      zh: '按提示检查；先启动接收端，核对 Token 与 URL。',
    },
    texts: {},
  },
  SIMULATOR_OPENID: {
    about: { en: 'The account has no such person.', zh: '该账号没有此人。' },
    remedy: {
      en: 'Take an openid of `user/get`, or an index below the number of followers.',
      zh: '使用 `user/get` 里的 openid。',
    },
    texts: {
      nobody: {
        en: 'No account has such an openid',
        zh: '没有账号有这个 openid',
        do: { en: 'take one of its user/get', zh: '请使用 user/get 里的 openid' },
      },
      index: {
        en: 'There are {people} people, counted from 0',
        zh: '共有 {people} 人，从 0 数起',
        do: { en: 'take a smaller number', zh: '请换一个更小的序号' },
      },
    },
  },
  SIMULATOR_PATH: {
    about: { en: 'The admin API has no such path.', zh: '管理接口没有该路径。' },
    remedy: {
      en: 'See [simulator](simulator.md#admin-api).',
      zh: 'See [simulator](simulator.md#admin-api).',
    },
    texts: {},
  },
  SIMULATOR_FAILED: {
    about: {
      en: 'The simulator itself failed (only in answers of the admin API).',
      zh: '模拟器自身出错（仅见于管理接口的应答）。',
    },
    remedy: { en: 'Please report it.', zh: '请反馈。' },
    texts: {},
  },
});
