import type { Words } from './catalogue.ts';

/** What the description of the API says beside the sentences of its routes. */
export const apiWords = {
  about: {
    en: 'Self-hosted push service for WeChat. Errors are application/problem+json with a stable code; lists are pages with a cursor.',
    zh: '自托管的微信推送服务。错误为 application/problem+json，带固定的 code；列表以 cursor 分页。',
  },
  key: { en: 'An API key: hongyan keys create.', zh: 'API 密钥：hongyan keys create。' },
  session: { en: 'The cookie of the console.', zh: '控制台的登录 Cookie。' },
  problem: { en: 'The request was refused.', zh: '请求被拒绝。' },
  permission: { en: 'Needs the permission', zh: '需要权限' },
  nothing: { en: 'Done; no body.', zh: '已完成，无应答体。' },
  idempotency: {
    en: 'The same key is the same request, so it can be sent again after a lost answer.',
    zh: '相同的键即同一请求；应答丢失后可放心重试。',
  },
  title: { en: 'The API of Hongyan', zh: '鸿雁 API' },
  errors: { en: 'Errors', zh: '错误代码' },
  code: { en: 'Code', zh: '代码' },
  what: { en: 'What happened', zh: '发生了什么' },
  remedy: { en: 'What to do', zh: '怎么办' },
  parameters: { en: 'Parameters', zh: '参数' },
  body: { en: 'Body', zh: '请求体' },
  shapes: { en: 'Shapes', zh: '数据结构' },
  answers: { en: 'Answers', zh: '应答' },
  anybody: { en: 'anybody', zh: '无需身份' },
  known: { en: 'anybody who is signed in', zh: '已登录即可' },
} as const satisfies Record<string, Words>;
