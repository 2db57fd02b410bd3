import {
  type CallbackView,
  changeCallback,
  readCallback,
  removeCallback,
  showCallback,
} from '../../../app/callback/callback.ts';
import { checkCallback } from '../../../app/callback/check.ts';
import { callbackPaste } from '../../../app/callback/paste.ts';
import type { callbackSettingsRoutes } from '../../../contract/events/callback-settings.ts';
import { type Handlers, via } from '../../register.ts';

export const callbackSettingsHandlers: Handlers<typeof callbackSettingsRoutes> = {
  'GET /v1/accounts/{appid}/callback': via(showCallback, ({ params }) => params, shown),
  'GET /v1/accounts/{appid}/callback/paste': via(
    readCallback,
    ({ params }) => params,
    (view, { lang }) => callbackPaste(view, lang),
  ),
  'PATCH /v1/accounts/{appid}/callback': via(
    changeCallback,
    ({ params, body }) => ({ ...params, ...body }),
    shown,
  ),
  'DELETE /v1/accounts/{appid}/callback': via(
    removeCallback,
    ({ params }) => params,
    (result) => result,
  ),
  'POST /v1/accounts/{appid}/callback/check': via(
    checkCallback,
    ({ params, body, request: { socket } }) => ({
      ...params,
      askWechat: body.askWechat,
      // The address at which this request came: another one is nobody's to choose, for what is asked is also answered.
      ownAddress: `http://${socket.localFamily === 'IPv6' ? `[${socket.localAddress}]` : socket.localAddress}:${socket.localPort}`,
    }),
    (result) => result,
  ),
};

function shown(view: Omit<CallbackView, 'token' | 'encodingAesKey'>) {
  const { appid, kind, url, publicUrl, mode, format, forwardTo, reply, exclusive, unsignedFrom } = view;
  return {
    ...{ appid, kind, url, publicUrl, mode, format, forwardTo, reply, exclusive, unsignedFrom },
    previousTokenUntil: view.previousTokenUntil?.toISOString() ?? null,
    previousKeyUntil: view.previousKeyUntil?.toISOString() ?? null,
  };
}
