import type { Words } from './catalogue.ts';

/** What is checked when options or requests of the simulator are read. */
export const simulatorParts = {
  request: { en: 'the request', zh: '请求' },
  options: { en: 'the simulator options', zh: '模拟器选项' },
  callback: { en: 'the callback settings', zh: '回调设置' },
  events: { en: 'the event options', zh: '事件选项' },
  holds: { en: 'the options of holds', zh: '审核选项' },
  fault: { en: 'the fault', zh: '故障规则' },
} as const satisfies Record<string, Words>;

/** What goes wrong on purpose, as options and requests name it. */
export const faultKinds: Words = {
  en: 'an errcode such as -1 or 45011, 502, 503, 504, reset, cut or slow',
  zh: 'errcode（如 -1、45011）、502、503、504、reset、cut 或 slow',
};

/** Rules of options and requests that their types do not say. */
export const simulatorRules = {
  appid: { en: 'must be wx and 16 lowercase hex digits', zh: '应为 wx 加 16 位小写十六进制数字' },
  secret: { en: 'must be 32 lowercase hex digits', zh: '应为 32 位小写十六进制数字' },
  token: { en: 'must be 3 to 32 letters or digits', zh: '应为 3 到 32 位字母或数字' },
  'aes-key': { en: 'must be 43 letters or digits', zh: '应为 43 位字母或数字' },
  'min-max': { en: 'min must not exceed max', zh: 'min 不能大于 max' },
  'check-order': {
    en: 'must begin with openid and have template',
    zh: '须以 openid 开头，并包含 template',
  },
  'fault-kind': { en: `must be ${faultKinds.en}`, zh: `应为 ${faultKinds.zh}` },
  'fault-when': {
    en: 'needs exactly one of rate, next and at',
    zh: 'rate、next、at 须且只能填一个',
  },
  openids: { en: 'needs openid or openids', zh: '须填 openid 或 openids 之一' },
} as const satisfies Record<string, Words>;

export type SimulatorRule = keyof typeof simulatorRules;

/** What the message of an issue is where the rule is ours: its words are looked up by it. */
export function simulatorRule(rule: SimulatorRule): string {
  return rule;
}

export function isSimulatorRule(message: string): message is SimulatorRule {
  return Object.hasOwn(simulatorRules, message);
}

/** What one kind of account has and the other has not. */
export const simulatedKinds = {
  official: { en: 'an Official Account', zh: '公众号' },
  miniprogram: { en: 'a Mini Program', zh: '小程序' },
} as const satisfies Record<string, Words>;

export const simulatedFeatures = {
  scenes: { en: 'QR codes with a scene', zh: '带参数二维码' },
  sessions: { en: 'customer-service sessions', zh: '客服会话' },
} as const satisfies Record<string, Words>;
