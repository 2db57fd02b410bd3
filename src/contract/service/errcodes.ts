import { z } from 'zod';
import { defineRoutes, reads } from '../route.ts';

export const errcodesRoutes = defineRoutes({
  'GET /v1/errcodes': {
    name: 'errcodes.list',
    summary: {
      en: "WeChat's errcodes: what each means and what to do, in the language of Accept-Language.",
      zh: '微信错误码：含义与处理办法，语言取自 Accept-Language。',
    },
    permission: 'known',
    account: null,
    ...reads,
    answers: {
      200: z.object({
        data: z.array(
          z.object({
            errcode: z.number().int(),
            /** WeChat's own words, without rid and inserted values; empty where none are known. */
            errmsg: z.string(),
            /** What it means and what to do. */
            meaning: z.string(),
          }),
        ),
      }),
    },
  },
});
