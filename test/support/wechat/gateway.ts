import { request } from 'undici';
import { httpServer, type RunningServer } from './raw-server.ts';

/** What stands between us and WeChat: hands everything on, or answers in its place. */
export interface Gateway extends RunningServer {
  /** What it answers with status 200 instead of handing the request on; undefined: it hands it on. */
  instead: (call: GatewayCall) => unknown;
  /** Changes an answer of WeChat's on its way back. */
  change: (call: GatewayCall, answer: string) => string | Promise<string>;
  /** Paths that were asked for, in order, also those that it handed on. */
  calls: string[];
}

export interface GatewayCall {
  path: string;
  query: URLSearchParams;
  body: string;
}

/** @param behind where it hands requests on to */
export async function startGateway(behind: string): Promise<Gateway> {
  const server = await httpServer(async (incoming, body, response) => {
    const url = new URL(incoming.url ?? '/', behind);
    const call = { path: url.pathname, query: url.searchParams, body };
    gateway.calls.push(url.pathname);
    const instead = gateway.instead(call);
    response.setHeader('content-type', 'application/json; charset=utf-8');
    if (instead !== undefined) {
      response.end(typeof instead === 'string' ? instead : JSON.stringify(instead));
      return;
    }
    const answer = await request(url, {
      method: incoming.method === 'GET' ? 'GET' : 'POST',
      body: body === '' ? null : body,
      headers: { 'content-type': incoming.headers['content-type'] ?? 'application/json' },
    });
    response.statusCode = answer.statusCode;
    response.end(await gateway.change(call, await answer.body.text()));
  });
  const gateway: Gateway = Object.assign(server, {
    instead: () => undefined,
    change: (_call: GatewayCall, answer: string) => answer,
    calls: [],
  });
  return gateway;
}
