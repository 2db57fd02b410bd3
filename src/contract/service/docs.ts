import { z } from 'zod';
import { bytes, defineRoutes } from '../route.ts';

const page = {
  permission: 'public',
  account: null,
  audit: 'none',
  idempotency: 'safe',
  rate: 'free',
} as const;

/** What the API says about itself. It tells of the program and nothing of the installation, so anybody may read it. */
export const docsRoutes = defineRoutes({
  'GET /v1/openapi.json': {
    ...page,
    name: 'docs.openapi',
    summary: {
      en: 'The contract as OpenAPI 3.1, in the language of the reader.',
      zh: 'OpenAPI 3.1 接口描述，按读者语言。',
    },
    answers: { 200: z.record(z.string(), z.unknown()) },
  },
  'GET /docs': {
    ...page,
    name: 'docs.page',
    summary: { en: 'The routes as a page to read.', zh: '接口文档页面。' },
    answers: { 200: bytes('text/html') },
  },
  'GET /docs/errors': {
    ...page,
    name: 'docs.errors',
    summary: { en: 'Every error code, and what to do.', zh: '全部错误代码及处理办法。' },
    answers: { 200: bytes('text/html') },
  },
});
