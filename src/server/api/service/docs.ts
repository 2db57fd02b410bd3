import type { FastifyReply } from 'fastify';
import { pagePolicy } from '../../../base/html-page.ts';
import type { docsRoutes } from '../../../contract/service/docs.ts';
import { errorsPage, routesPage } from '../../docs-pages.ts';
import { openApi } from '../../openapi.ts';
import type { Handlers } from '../../register.ts';

export const docsHandlers: Handlers<typeof docsRoutes> = {
  'GET /v1/openapi.json': async ({ deps, lang }) => openApi(deps.version, lang),
  'GET /docs': async ({ deps, lang, reply }) => {
    protect(reply);
    return routesPage(deps.version, lang);
  },
  'GET /docs/errors': async ({ lang, reply }) => {
    protect(reply);
    return errorsPage(lang);
  },
};

function protect(reply: FastifyReply): void {
  reply
    .type('text/html;charset=utf-8')
    .header('Content-Security-Policy', pagePolicy)
    .header('X-Content-Type-Options', 'nosniff')
    .header('Vary', 'Accept-Language');
}
