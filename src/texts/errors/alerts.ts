import { defineErrors } from '../catalogue.ts';

const robot = {
  wecom: {
    en: 'a robot of 企业微信 has an address such as https://{host}/cgi-bin/webhook/send?key=…, as the group shows it',
    zh: '企业微信群机器人的地址形如 https://{host}/cgi-bin/webhook/send?key=…，请从群机器人页面复制',
  },
  dingtalk: {
    en: 'a robot of 钉钉 has an address such as https://{host}/robot/send?access_token=…, as the group shows it',
    zh: '钉钉群机器人的地址形如 https://{host}/robot/send?access_token=…，请从群机器人页面复制',
  },
  feishu: {
    en: 'a robot of 飞书 has an address such as https://{host}/open-apis/bot/v2/hook/…, as the group shows it',
    zh: '飞书群机器人的地址形如 https://{host}/open-apis/bot/v2/hook/…，请从群机器人页面复制',
  },
};

export const alertsErrors = defineErrors({
  ALERT_CHANNEL_NOT_FOUND: {
    about: { en: 'There is no alert channel of that number.', zh: '没有这个告警渠道。' },
    remedy: { en: '`hongyan alerts list`.', zh: '用 `hongyan alerts list` 查看。' },
    texts: {
      default: {
        en: 'there is no alert channel {id}',
        zh: '没有编号为 {id} 的告警渠道',
        do: {
          cli: { en: 'see: hongyan alerts list', zh: '查看全部：hongyan alerts list' },
          http: { en: 'GET /v1/alerts lists them', zh: '用 GET /v1/alerts 查看全部' },
        },
      },
    },
  },
  ALERT_TARGET_INVALID: {
    about: {
      en: 'An alert channel cannot lead there: the message says what the address of its kind looks like.',
      zh: '告警渠道的地址或邮箱设置不对，提示中写明了应有的形式。',
    },
    remedy: {
      en: 'Copy the address from the settings of the robot; mail servers want host, port and addresses.',
      zh: '从群机器人的设置页面复制地址；邮件需要服务器、端口与收发地址。',
    },
    texts: {
      ...robot,
      server: {
        en: 'a mail server is a host name and a port from 1 to 65535',
        zh: '邮件服务器应为主机名与 1 到 65535 的端口',
      },
      address: {
        en: 'an e-mail address is one of the kind name@example.com, without a name around it',
        zh: '邮箱地址应形如 name@example.com，不带显示名',
      },
      'sign-in': {
        en: 'user and password of the mail server belong together',
        zh: '邮件服务器的用户名与密码应同时填写或同时不填',
      },
      missing: {
        en: '{name} is needed for a channel of this kind',
        zh: '该类渠道需要{name}',
      },
    },
  },
  ALERT_FAILED: {
    about: {
      en: 'The channel did not take the test; the message says what it answered.',
      zh: '渠道没有收下测试，提示中写明了对方的应答。',
    },
    remedy: {
      en: 'Robots: compare signing secret, keyword and IP whitelist with the settings of the group. Mail: server, port, user, password.',
      zh: '机器人：核对加签密钥、关键词与 IP 白名单；邮件：核对服务器、端口、用户名与密码。',
    },
    status: 502,
    texts: {
      default: { en: '{host} did not take the test: {error}', zh: '{host} 没有收下测试：{error}' },
      busy: {
        en: '{host} takes no more messages for a while ({error}); try again later',
        zh: '{host} 已限流（{error}），请稍后再试',
      },
    },
  },
});
