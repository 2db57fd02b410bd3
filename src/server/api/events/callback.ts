import type { FastifyInstance } from 'fastify';
import { callbackRoutes } from '../../../contract/events/callback.ts';
import { splitKey } from '../../../contract/route.ts';
import type { CallbackEndpoint } from '../../callback/endpoint.ts';

const maxBodyBytes = 1024 * 1024;
/** WeChat gives up after 5 s, so a body that is not here by then is nobody's. */
const bodyTimeoutMs = 5_000;

interface CallbackRoute {
  Params: { appid: string };
}

/** GET and POST /callback/:appid, which is what WeChat calls (服务器地址 URL). Its signature is its token. */
export function registerCallback(app: FastifyInstance, endpoint: CallbackEndpoint): void {
  // The content type is not relied on, and the signature speaks of the bytes.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBodyBytes }, (_, body, done) =>
    done(null, body),
  );
  app.addHook<CallbackRoute>('onRequest', (request, _, done) => {
    const timer = setTimeout(() => request.raw.destroy(), bodyTimeoutMs);
    const clear = (): void => clearTimeout(timer);
    request.raw.once('end', clear);
    request.raw.once('close', clear);
    done();
  });
  app.addHook<CallbackRoute>('onRequest', async (request, reply) => {
    if (request.method !== 'POST') return;
    if (await endpoint.refusesQuery(request.params.appid, request, reply)) return reply;
  });
  // Too large, cut off, an odd header: answered like a wrong signature, so that nothing is told apart.
  app.setErrorHandler<Error, CallbackRoute>((error, request, reply) =>
    endpoint.refuse(null, 'code' in error ? String(error.code) : error.name, request, reply),
  );
  // Other methods and deeper paths: nothing is told apart here either.
  for (const path of ['/callback', '/callback/*'])
    app.all(path, { exposeHeadRoute: false }, (request, reply) =>
      endpoint.refuse(null, 'path', request, reply),
    );
  for (const key of Object.keys(callbackRoutes)) {
    const { method, path } = splitKey(key);
    app.route<CallbackRoute>({
      method,
      url: path.replace('{appid}', ':appid'),
      exposeHeadRoute: false,
      config: { route: path },
      handler: (request, reply) => {
        const { appid } = request.params;
        return method === 'GET'
          ? endpoint.verify(appid, request, reply)
          : endpoint.take(appid, request, reply);
      },
    });
  }
}
