import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createMcpHandler, type McpHttpHandler } from '@modelcontextprotocol/server';
import type { Actor } from '../../../app/actor.ts';
import { failure } from '../../../base/errors.ts';
import type { mcpRoutes } from '../../../contract/service/mcp.ts';
import { mcpServer } from '../../../mcp/server.ts';
import type { ServerDeps } from '../../deps.ts';
import type { Handlers } from '../../register.ts';

/** Headers of the answer that are the protocol's; the others are the connection's. */
const passed = ['content-type', 'mcp-protocol-version', 'mcp-session-id'];

export function mcpHandlers(deps: ServerDeps): Handlers<typeof mcpRoutes> {
  const handler: McpHttpHandler = createMcpHandler(
    ({ authInfo }) => mcpServer(deps, actorIn(authInfo?.extra), deps.version),
    { onerror: (error) => deps.logger.info({ err: error }, 'an assistant sent what cannot be served') },
  );
  return {
    'GET /mcp': async ({ reply }) => {
      reply.header('Allow', 'POST');
      throw failure('METHOD_NOT_ALLOWED', { method: 'GET', allowed: ['POST'] });
    },
    'POST /mcp': async ({ request, reply, actor, body }) => {
      const headers = new Headers();
      for (const [name, value] of Object.entries(request.headers))
        if (typeof value === 'string' && !['authorization', 'cookie', 'content-length'].includes(name))
          headers.set(name, value);
      const asked = new Request(`http://${request.host}/mcp`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      const authInfo = { token: '', clientId: actor.id, scopes: [], extra: { actor } };
      const answer = await handler.fetch(asked, { authInfo });
      reply.code(answer.status);
      for (const name of passed) {
        const value = answer.headers.get(name);
        if (value !== null) reply.header(name, value);
      }
      // The same stream, by the name of its type that Node's own module has.
      return answer.body === null ? undefined : Readable.fromWeb(answer.body as ReadableStream);
    },
  };
}

function actorIn(extra: Record<string, unknown> | undefined): Actor {
  if (extra?.actor === undefined) throw new Error('a request of an assistant came without its actor');
  return extra.actor as Actor; // put there above
}
