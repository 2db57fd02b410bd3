import { defineErrors } from '../catalogue.ts';

export const accessErrors = defineErrors({
  API_KEY_NOT_FOUND: {
    about: { en: 'There is no API key with this id.', zh: '没有该 API 密钥。' },
    remedy: { en: '`hongyan keys list`.', zh: '`hongyan keys list`.' },
    texts: {
      default: {
        en: 'there is no API key {id}',
        zh: '没有 API 密钥 {id}',
        do: { cli: { en: 'hongyan keys list shows them', zh: '用 hongyan keys list 查看' } },
      },
    },
  },
  API_KEY_EXPIRY_PAST: {
    about: { en: 'A key was to end at a time that has passed.', zh: '所设的到期时间已过。' },
    remedy: { en: 'Give a later time, or none.', zh: '给出将来的时间，或不设到期。' },
    texts: {
      default: { en: 'the key would end at {time}, which has passed', zh: '到期时间 {time} 已经过去' },
    },
  },
  USER_NOT_FOUND: {
    about: { en: 'There is nobody of this name.', zh: '没有该成员。' },
    remedy: { en: '`hongyan users list`.', zh: '`hongyan users list`.' },
    texts: {
      default: {
        en: 'there is nobody called {name}',
        zh: '没有成员 {name}',
        do: { cli: { en: 'hongyan users list shows them', zh: '用 hongyan users list 查看' } },
      },
    },
  },
  USER_NAME_TAKEN: {
    about: {
      en: 'Somebody has this name already; upper and lower case are the same.',
      zh: '用户名已存在（不区分大小写）。',
    },
    remedy: {
      en: 'Choose another name; who is disabled can be enabled again.',
      zh: '换一个用户名；停用的成员可以重新启用。',
    },
    status: 409,
    texts: { default: { en: 'there is somebody called {name} already', zh: '成员 {name} 已存在' } },
  },
  USER_DISABLED: {
    about: { en: 'The person is disabled.', zh: '该成员已停用。' },
    remedy: { en: 'Enable them first.', zh: '请先启用。' },
    status: 409,
    texts: {
      default: {
        en: '{name} is disabled',
        zh: '成员 {name} 已停用',
        do: { en: 'enable them first', zh: '请先启用' },
      },
    },
  },
  SIGN_IN_FAILED: {
    about: { en: 'Wrong name or password. HTTP 401.', zh: '用户名或密码错误。HTTP 401。' },
    remedy: {
      en: 'Who forgot the password gets a link: `hongyan users link NAME`.',
      zh: '忘记密码时可生成链接：`hongyan users link 用户名`。',
    },
    status: 401,
    texts: {
      default: {
        en: 'wrong name or password',
        zh: '用户名或密码错误',
        do: {
          en: 'an administrator can send a link to set a new one',
          zh: '忘记密码请联系管理员重新生成链接',
        },
      },
    },
  },
  LINK_INVALID: {
    about: {
      en: 'The link to set a password was used, or is over. HTTP 410.',
      zh: '设置密码的链接已使用或已过期。HTTP 410。',
    },
    remedy: { en: 'Another one: `hongyan users link NAME`.', zh: '重新生成：`hongyan users link 用户名`。' },
    status: 410,
    texts: {
      default: {
        en: 'this link was used already, or is over',
        zh: '链接已使用或已过期',
        do: {
          en: 'ask for another one: hongyan users link NAME',
          zh: '请重新生成：hongyan users link 用户名',
        },
      },
    },
  },
  PASSWORD_WEAK: {
    about: { en: 'The password is short or easily guessed.', zh: '密码太短或容易被猜到。' },
    remedy: { en: 'At least 12 characters; a sentence is good.', zh: '至少 12 个字符；可以用一句话。' },
    texts: {
      short: {
        en: 'the password needs at least {least} characters',
        zh: '密码至少 {least} 个字符',
        do: { en: 'a sentence is good', zh: '可以用一句话' },
      },
      guessable: {
        en: 'the password is easily guessed',
        zh: '密码容易被猜到',
        do: { en: 'take a sentence that nobody knows', zh: '请用一句别人不知道的话' },
      },
    },
  },
  SESSION_NEEDED: {
    about: {
      en: 'Only somebody who is signed in can do this, no key.',
      zh: '须由登录的成员操作，不能用密钥。',
    },
    remedy: { en: 'Sign in to the console.', zh: '请登录控制台。' },
    status: 403,
    texts: {
      default: { en: 'only somebody who is signed in can do this', zh: '须由登录的成员操作' },
    },
  },
  FOREIGN_PAGE: {
    about: {
      en: 'A change that came with the cookie of the console and not from its page. HTTP 403.',
      zh: '请求带有控制台的 Cookie，但不是由控制台页面发出。HTTP 403。',
    },
    remedy: {
      en: 'Programs use a key. Behind a proxy that changes Host, let it pass on the original one.',
      zh: '程序请使用密钥；若反向代理改写了 Host，请让它保留原值。',
    },
    status: 403,
    texts: {
      default: {
        en: 'this did not come from the page of the console',
        zh: '请求不是由控制台页面发出',
        do: {
          en: 'programs use a key; a proxy has to pass on the original Host',
          zh: '程序请使用密钥；反向代理须保留原始 Host',
        },
      },
    },
  },
  KEY_IN_FLIGHT: {
    about: {
      en: 'The request with this Idempotency-Key is being carried out. HTTP 409 with `Retry-After`.',
      zh: '同一 Idempotency-Key 的请求正在处理。HTTP 409，附 `Retry-After`。',
    },
    remedy: { en: 'Send it again in a moment.', zh: '稍后重试。' },
    status: 409,
    texts: {
      default: {
        en: 'the request with the key "{key}" is still being carried out',
        zh: '键“{key}”的请求还在处理',
        do: { en: 'send it again in a moment', zh: '请稍后重试' },
      },
    },
  },
  KEY_INTERRUPTED: {
    about: {
      en: 'The request with this Idempotency-Key failed on its way (5xx), or its process ended: it may have been carried out. HTTP 409.',
      zh: '该 Idempotency-Key 的请求中途失败（5xx），或处理它的进程已结束，可能已经执行。HTTP 409。',
    },
    remedy: {
      en: 'Look whether it was done (the audit has it), then use another key.',
      zh: '先确认是否已完成（见审计），再换一个键。',
    },
    status: 409,
    texts: {
      default: {
        en: 'the request with the key "{key}" was interrupted; it may have been carried out',
        zh: '键“{key}”的请求处理到一半中断，可能已经执行',
        do: { en: 'look whether it was done, then use another key', zh: '请先确认是否已完成，再换一个键' },
      },
    },
  },
  TOKEN_NOT_HELD: {
    about: {
      en: 'The account has no token of its own: inside WeChat’s cloud calls need none. HTTP 409.',
      zh: '该账号没有自己的 token：云托管内的调用无需 token。HTTP 409。',
    },
    remedy: {
      en: 'Only accounts with an AppSecret or a token URL lend one.',
      zh: '只有配置了 AppSecret 或 token URL 的账号可以取用。',
    },
    status: 409,
    texts: {
      default: { en: 'the account {appid} has no token to lend', zh: '账号 {appid} 没有可取用的 token' },
    },
  },
});
