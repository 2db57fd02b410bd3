import type { Words } from './catalogue.ts';

/** What happened to a request to WeChat that brought no usable answer: a part of WECHAT_UNREACHABLE and WECHAT_NO_ANSWER. */
export const transportWords = {
  late: { en: 'not sent, because its deadline had passed', zh: '已过时限，没有发出' },
  lateInQueue: {
    en: 'not sent, because its deadline passed while it waited for a connection',
    zh: '等待连接时已过时限，没有发出',
  },
  cancelled: { en: 'cancelled before it was sent', zh: '发出前已取消' },
  aborted: { en: 'aborted while waiting for the answer', zh: '等待应答时被中止' },
  closed: { en: 'this client has been closed', zh: '客户端已关闭' },
  unwritable: {
    en: 'the request cannot be written as HTTP; look at its path and headers',
    zh: '请求无法写成 HTTP，请检查路径和请求头',
  },
  noConnection: (code: string): Words => ({
    en: `no connection (${code}); check network, DNS, proxy and base URL`,
    zh: `连不上（${code}），请检查网络、DNS、代理和接口地址`,
  }),
  busy: { en: 'the gateway is busy (HTTP 503)', zh: '网关繁忙（HTTP 503）' },
  gateway: (status: number): Words => ({
    en: `HTTP ${status} from the gateway instead of an answer`,
    zh: `网关返回了 HTTP ${status}，不是微信的应答`,
  }),
  silent: (ms: number): Words => ({
    en: `no answer within ${ms} ms`,
    zh: `${ms} 毫秒内没有应答`,
  }),
  lost: (code: string): Words => ({
    en: `the connection was lost before the answer was complete (${code})`,
    zh: `应答未收完连接就断了（${code}）`,
  }),
  lostAfterWrite: {
    en: 'the connection was lost after the request was written',
    zh: '请求发出后连接断了',
  },
  notHttp: (code: string): Words => ({
    en: `the answer is not HTTP (${code})`,
    zh: `应答不是 HTTP（${code}）`,
  }),
  tooLarge: (bytes: number): Words => ({
    en: `the answer is larger than ${bytes} bytes`,
    zh: `应答超过 ${bytes} 字节`,
  }),
  notWechats: (length: number, why: Words): Words => ({
    en: `the answer (${length} characters) is not WeChat's: ${why.en}`,
    zh: `应答（${length} 个字符）不像微信返回的：${why.zh}`,
  }),
  noObject: { en: 'it is not a JSON object', zh: '不是 JSON 对象' },
  noErrcode: { en: 'it has no errcode', zh: '没有 errcode' },
  badErrcode: { en: 'its errcode is not a number', zh: 'errcode 不是数字' },
  twoErrcodes: { en: 'it has more than one errcode', zh: '有不止一个 errcode' },
  /** Places and types by the schema's own words, never values. */
  otherShape: (places: string[]): Words => ({
    en: `this call promises something else (${places.join('; ')})`,
    zh: `与该接口约定的内容不符（${places.join('；')}）`,
  }),
  begins: (excerpt: string): Words => ({
    en: ` The answer begins: ${excerpt}`,
    zh: `应答开头：${excerpt}`,
  }),
} as const;
