import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebAnswer, WebPages } from '../base/web-pages.ts';

/** Where programs call: what is not there is no page of the console, whoever asks. */
const programs = /^\/(?:v1|callback|wx|mcp|docs|metrics|healthz|readyz)(?:\/|$)/;

/**
 * The console at `/`: its files, and its one page at every other address that a browser opens, since the page finds out by
 * itself what to show there.
 */
export function consoleRoutes(app: FastifyInstance, pages: WebPages): void {
  app.get('/', async (_request, reply) => send(reply, await pages.page()));
  app.get('/*', async (request, reply) => {
    const path = new URL(request.url, 'http://console').pathname;
    const asset = await pages.asset(path, request.headers['accept-encoding']);
    if (asset !== null) return send(reply, asset);
    if (programs.test(path) || !wantsPage(request)) return reply.callNotFound();
    return send(reply, await pages.page());
  });
}

function wantsPage(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes('text/html');
}

function send(reply: FastifyReply, { status, headers, body }: WebAnswer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}
