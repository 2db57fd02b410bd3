import type { errcodesRoutes } from '../../../contract/service/errcodes.ts';
import { errcodeInfo, knownErrcodes } from '../../../wechat/errcodes/errcodes.ts';
import type { Handlers } from '../../register.ts';

export const errcodesHandlers: Handlers<typeof errcodesRoutes> = {
  // A table of the code, and nobody's: no action to ask for permission.
  'GET /v1/errcodes': async ({ lang }) => ({
    data: knownErrcodes().map((errcode) => {
      const info = errcodeInfo(errcode);
      return { errcode, errmsg: info.wechat, meaning: info[lang] };
    }),
  }),
};
