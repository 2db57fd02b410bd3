import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebAnswer, WebPages } from '../base/web-pages.ts';

/**
 * First parts of the console's addresses, as `console/frame/routes.tsx` has them (a test compares the two). They are
 * named, so that whatever a program asks for is answered by the API and never by a page.
 */
export const consolePaths = [
  'sign-in',
  'first-start',
  'start',
  'accounts',
  'templates',
  'contacts',
  'campaigns',
  'deliveries',
  'events',
  'schedules',
  'alerts',
  'webhooks',
  'keys',
  'users',
  'audit',
  'nodes',
] as const;

/** The console: its files, and its one page at each of its addresses, since the page finds out by itself what to show. */
export function consoleRoutes(app: FastifyInstance, pages: WebPages): void {
  app.get('/assets/*', async (request, reply) => {
    const path = new URL(request.url, 'http://console').pathname;
    const asset = await pages.asset(path, request.headers['accept-encoding']);
    return asset === null ? reply.callNotFound() : send(reply, asset);
  });
  const addresses = ['/', ...consolePaths.flatMap((name) => [`/${name}`, `/${name}/*`])];
  for (const address of addresses)
    app.get(address, async (_request, reply) => send(reply, await pages.page()));
}

/** Whether a browser goes to an address of the console that does not exist; programs, and whatever is not the console's, get JSON. */
export function isNavigation({ method, url, headers }: FastifyRequest): boolean {
  if (method !== 'GET' || /^\/(?:v1|wx|mcp|callback|assets|docs|metrics|healthz|readyz)(?:[/?]|$)/.test(url))
    return false;
  return /\btext\/html\b/.test(headers.accept ?? '');
}

export function send(reply: FastifyReply, { status, headers, body }: WebAnswer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}
