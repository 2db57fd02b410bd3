import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contextFrom, failSpan, inSpan, noParent, type Span, startSpan } from '../base/tracing.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** As the table of routes has it: what spans are named after. Requests of a route without one have no span. */
    route?: string;
  }
  interface FastifyRequest {
    /** Null without OpenTelemetry, and where nothing is told. */
    span: Span | null;
  }
}

/** What is asked every second by machines, and what lasts as long as somebody watches, tells nothing. */
const untold = /^\/(?:v1\/stream$|healthz$|readyz$|metrics$|docs|openapi)/;

/**
 * A server span for each request of the routes, from its head to the end of its answer; whoever sends a `traceparent` goes on with a
 * trace of its own. WeChat sends none, and whoever else calls its URL is not to say what is traced.
 *
 * Call it before other hooks.
 */
export function traceRequests(app: FastifyInstance): void {
  app.decorateRequest('span', null);
  app.addHook('onRequest', (request, reply, done) => {
    const span = spanOf(request);
    if (span === null) return done();
    request.span = span;
    const { raw } = reply;
    raw.once('close', () => {
      span.setAttribute('http.response.status_code', raw.statusCode);
      if (!raw.writableFinished) failSpan(span, 'aborted');
      else if (raw.statusCode >= 500) failSpan(span, String(raw.statusCode));
      span.end();
    });
    inSpan(span, done);
  });
  // Reading a body comes back in the connection's own context.
  app.addHook('preHandler', (request, _, done) => inSpan(request.span, done));
}

function spanOf(request: FastifyRequest): Span | null {
  const { route } = request.routeOptions.config;
  if (route === undefined || untold.test(route)) return null;
  return startSpan(`${request.method} ${route}`, {
    kind: 'server',
    parent: route.startsWith('/callback/') ? noParent : contextFrom(request.headers),
    attributes: {
      'http.request.method': request.method,
      'http.route': route,
      // As it is asked it may name a person.
      'url.path': route,
      'url.scheme': request.protocol,
      'network.protocol.version': request.raw.httpVersion,
      'hongyan.request_id': request.id,
    },
  });
}
