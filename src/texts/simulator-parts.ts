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

/** What one kind of account has and the other has not. */
export const simulatedKinds = {
  official: { en: 'an Official Account', zh: '公众号' },
  miniprogram: { en: 'a Mini Program', zh: '小程序' },
} as const satisfies Record<string, Words>;

export const simulatedFeatures = {
  scenes: { en: 'QR codes with a scene', zh: '带参数二维码' },
  sessions: { en: 'customer-service sessions', zh: '客服会话' },
} as const satisfies Record<string, Words>;
