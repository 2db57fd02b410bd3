import { defineErrors } from '../catalogue.ts';

export const wechatErrors = defineErrors({
  WECHAT_ERROR: {
    about: {
      en: 'WeChat understood the call and answered an errcode other than 0. `error.errcode`, `error.errmsg` and `error.rid` have it; `error.info` explains it.',
      zh: '微信处理了请求，返回了非 0 的 errcode。',
    },
    remedy: {
      en: "The printed explanation says it, per errcode, in both languages. Give the `rid` to WeChat's support; it can be looked up for 7 days.",
      zh: '按输出的中英文说明处理；`rid` 可提供给微信客服，7 天内可查。',
    },
    status: 502,
    texts: {
      default: {
        en: 'WeChat answered {method} {path} with {errcode} {errmsg}{request}',
        zh: '微信对 {method} {path} 返回 {errcode} {errmsg}{request}',
        // A program has `error.info`.
        do: {
          cli: { en: '{advice}', zh: '{advice}' },
          http: { en: '{advice}', zh: '{advice}' },
          console: { en: '{advice}', zh: '{advice}' },
        },
      },
    },
  },
  WECHAT_UNREACHABLE: {
    about: {
      en: 'The request never left, or WeChat certainly did not act on it: no connection, DNS, proxy, HTTP 503, too late.',
      zh: '请求没有发出，或微信肯定没有处理：连不上、DNS、代理、503、超过时限。',
    },
    remedy: {
      en: 'Check network, proxy and base URL. It can be repeated safely.',
      zh: '检查网络、代理和 base URL；可以放心重试。',
    },
    status: 502,
    texts: {
      default: {
        en: '{method} {path} to {host}: {what}. WeChat did not act on it: it can be repeated.{beginning}',
        zh: '{method} {path}（{host}）：{what}。微信没有处理，可以放心重试。{beginning}',
      },
    },
  },
  WECHAT_NO_ANSWER: {
    about: {
      en: "The request left and no answer of WeChat's came back: timeout, reset, a gateway's page, or text and JSON that are not what WeChat promises for this call (an errcode that is a number; for calls that read, their fields). The message says what is missing and how the answer begins. It may have been carried out.",
      zh: '请求已发出，但没有收到微信的应答：超时、连接中断、网关页面，或返回内容不符合微信对该接口的约定（errcode 必须是数字；读取类接口必须带有约定的字段）。错误信息写明缺少什么以及应答的开头。微信可能已经处理。',
    },
    remedy: {
      en: 'For a message: do not repeat it blindly, the person may have it. Campaigns count it as `unknown`.',
      zh: '若是消息，不要盲目重发，对方可能已收到；推送任务计为“结果未知”。',
    },
    status: 504,
    texts: {
      default: {
        en: '{method} {path} to {host}: {what}. It had been sent, so WeChat may have acted on it: do not repeat a message blindly.{beginning}',
        zh: '{method} {path}（{host}）：{what}。请求已经发出，微信可能已处理：若是消息，不要盲目重发。{beginning}',
      },
    },
  },
  WECHAT_BATCH_TOO_LARGE: {
    about: { en: 'More items in one call than WeChat takes.', zh: '一次调用的条数超过微信上限。' },
    remedy: {
      en: 'Call it in groups, e.g. with `splitBatches(items, max)` of `hongyan/wechat`.',
      zh: '分批调用，例如用 `hongyan/wechat` 的 `splitBatches`。',
    },
    texts: {
      default: {
        en: '{path} takes at most {max} items in one call, got {length}',
        zh: '{path} 一次最多 {max} 条，给了 {length} 条',
        do: {
          code: {
            en: 'split them, e.g. with splitBatches(items, {max}) of hongyan/wechat',
            zh: '请分批，例如用 hongyan/wechat 的 splitBatches(items, {max})',
          },
        },
      },
    },
  },
  WECHAT_BATCH_TOO_SMALL: {
    about: {
      en: 'Fewer items than WeChat takes (a mass message to openids needs 2).',
      zh: '少于微信要求的最少条数（按 openid 群发至少 2 个）。',
    },
    remedy: { en: 'Use another call for so few.', zh: '人数太少时换用其他接口。' },
    texts: {
      default: {
        en: '{path} needs at least {min} items in one call, got {length}',
        zh: '{path} 一次至少 {min} 条，给了 {length} 条',
        do: { en: 'do not call it for fewer', zh: '数量不够时请勿调用' },
      },
    },
  },
  WECHAT_MEDIA_FORMAT: {
    about: {
      en: "The file name's extension is none that WeChat takes for this media type.",
      zh: '扩展名不是该素材类型允许的格式。',
    },
    remedy: { en: 'Convert the file.', zh: '转换格式。' },
    texts: {
      default: {
        en: 'WeChat takes {extensions} as {type}; the file name ends in "{extension}"',
        zh: '微信的 {type} 素材只收 {extensions}，文件扩展名是“{extension}”',
        do: { en: 'convert the file', zh: '请转换格式' },
      },
    },
  },
  WECHAT_MEDIA_TOO_LARGE: {
    about: { en: "The file is over WeChat's limit for its type.", zh: '文件超过该类型的大小上限。' },
    remedy: { en: 'Make it smaller.', zh: '压缩后再传。' },
    texts: {
      default: {
        en: 'the {type} has {bytes} bytes; WeChat takes at most {maxBytes}',
        zh: '{type} 素材有 {bytes} 字节，微信最多收 {maxBytes} 字节',
        do: { en: 'make it smaller', zh: '请压缩后再传' },
      },
    },
  },
  WECHAT_PAGE_EMPTY: {
    about: { en: 'A list said that there are people and listed none.', zh: '列表声称有人却没有列出。' },
    remedy: { en: 'Try again later.', zh: '稍后再试。' },
    texts: {
      default: {
        en: '{path} says there are {total} people and lists none of them',
        zh: '{path} 称有 {total} 人，却一个也没有列出',
        do: { en: 'try again later', zh: '请稍后再试' },
      },
    },
  },
  WECHAT_PAGES_SHORT: {
    about: {
      en: "A list ended long before the number of people that WeChat counts in it, or that number collapsed from one page to the next; or the list of a tag ended long before the tag's own count. Nobody is taken for gone because of it, and nothing is planned.",
      zh: '列表在达到微信给出的总人数之前就结束了，或总人数在翻页之间骤减；或标签成员列表远少于该标签的人数。不会因此把任何人当作已取消关注，也不会据此计划推送。',
    },
    remedy: {
      en: "Try again later; if it stays so, compare with the number in WeChat's console.",
      zh: '稍后再试；若一直如此，请与微信后台的人数核对。',
    },
    texts: {
      ended: {
        en: '{path} counts {total} people, and its pages ended after {seen}. Who is missing from them is not gone',
        zh: '{path} 称有 {total} 人，列表到第 {seen} 人就结束了。没列出的人不算取消关注',
        do: { en: 'try again later', zh: '请稍后再试' },
      },
      shrank: {
        en: '{path} counted {total} people, and one page later {totalNow}. Who is missing from the list is not gone',
        zh: '{path} 先称有 {total} 人，翻一页后成了 {totalNow} 人。没列出的人不算取消关注',
        do: { en: 'try again later', zh: '请稍后再试' },
      },
      tag: {
        en: 'WeChat counts {total} followers with the tag {tagId}, and its list of them ended after {seen}',
        zh: '微信统计标签 {tagId} 下有 {total} 人，列表到第 {seen} 人就结束了',
        do: { en: 'try again later', zh: '请稍后再试' },
      },
    },
  },
  WECHAT_PAGING_STUCK: {
    about: {
      en: 'A list answered the same position or page twice, or more people than it counts; going on would loop.',
      zh: '列表重复返回同一位置或同一页，或人数超过总数，继续会死循环。',
    },
    remedy: { en: 'Try again later.', zh: '稍后再试。' },
    texts: {
      repeated: {
        en: '{path} answered the same page position again after {seen} people',
        zh: '{path} 列出 {seen} 人后又回到了同一页',
        do: { en: 'try again later', zh: '请稍后再试' },
      },
      endless: {
        en: '{path} counts {most} people and listed {seen} without coming to an end',
        zh: '{path} 称有 {most} 人，列了 {seen} 人还没有结束',
        do: { en: 'try again later', zh: '请稍后再试' },
      },
    },
  },
});
