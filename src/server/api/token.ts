import { lendToken } from '../../app/token.ts';
import type { tokenRoutes } from '../../contract/token.ts';
import { type Handlers, via } from '../register.ts';

export const tokenHandlers: Handlers<typeof tokenRoutes> = {
  'GET /v1/accounts/{appid}/token': via(
    lendToken,
    ({ params, reply }) => {
      reply.header('Cache-Control', 'no-store');
      return params;
    },
    (lent) => lent,
  ),
};
