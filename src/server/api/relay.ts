import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requirePermission } from '../../app/action.ts';
import type { Actor } from '../../app/actor.ts';
import { HourlyAudit } from '../../app/relay/hourly.ts';
import { type RelayDesk, relayToWechat, requireRelay } from '../../app/relay/relay.ts';
import { failure } from '../../base/errors.ts';
import type { relayRoutes } from '../../contract/relay.ts';
import { RelayCalls } from '../../engine/relay/relay-calls.ts';
import { relayAnswers } from '../../texts/errors/relay.ts';
import type { RelayRequest } from '../../wechat/relay/relay.ts';
import { makePass, type WechatPass } from '../access/wechat-pass.ts';
import type { Door } from '../access/who-asks.ts';
import type { ServerDeps } from '../deps.ts';
import type { Handlers } from '../register.ts';
import { goneSignal } from './gone.ts';

/** A body up to here is held until it is answered, so that it can be sent again with another token. */
const heldBytes = 1024 * 1024;

interface Asked {
  params: { appid: string; path: string };
  actor: Actor;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** The door for programs that speak WeChat already. */
export function relayHandlers(deps: ServerDeps): Handlers<typeof relayRoutes> {
  const desk: RelayDesk = { calls: new RelayCalls(deps), audit: new HourlyAudit(deps.store.pool) };
  const relay = async (
    { params, actor, request, reply }: Asked,
    method: RelayRequest['method'],
    body: RelayRequest['body'],
  ): Promise<Readable> => {
    const { url = '' } = request.raw;
    const at = url.indexOf('?');
    const answer = await relayToWechat(deps, desk, actor, {
      ...{ ...params, method, body },
      query: at === -1 ? '' : url.slice(at + 1),
      contentType: request.headers['content-type'] ?? null,
      accept: request.headers.accept ?? null,
      signal: goneSignal(reply),
    });
    reply.code(answer.status).headers({ ...answer.headers, 'cache-control': 'no-store' });
    return answer.body;
  };
  return {
    'GET /wx/{appid}/cgi-bin/token': async ({ params, query, ...call }) =>
      await tokenFor({ ...call, ...params, given: query }),
    'POST /wx/{appid}/cgi-bin/stable_token': async ({ params, body, ...call }) =>
      await tokenFor({ ...call, ...params, given: body }),
    'GET /wx/{appid}/{path}': async (call) => await relay(call, 'GET', null),
    'POST /wx/{appid}/{path}': async (call) =>
      await relay(call, 'POST', await bodyOf(call.body, call.request)),
  };
}

/** Answered as WeChat does: what an SDK asks for first is what it understands best. */
async function tokenFor({
  appid,
  given,
  deps,
  door,
  request,
  reply,
}: {
  appid: string;
  given: { appid?: unknown; secret?: string | undefined };
  deps: ServerDeps;
  door: Door;
  request: FastifyRequest;
  reply: FastifyReply;
}): Promise<WechatPass | { errcode: number; errmsg: string }> {
  reply.header('cache-control', 'no-store');
  if (given.appid !== undefined && given.appid !== appid)
    return { errcode: 40013, errmsg: relayAnswers.appid };
  const caller = await door.keyCaller(given.secret ?? '', request);
  if (caller === null) {
    await door.failed(request, reply);
    return { errcode: 40125, errmsg: relayAnswers.secret };
  }
  door.limits.take(caller, 'normal', reply);
  await requirePermission(deps, caller.actor, { action: 'wx.token', permission: 'wx.relay', appid });
  await requireRelay(deps, appid);
  return makePass(deps.store.sealer, caller.key, appid);
}

/** Throws `WX_RELAY_LENGTH`. */
async function bodyOf(body: Readable, { headers }: FastifyRequest): Promise<RelayRequest['body']> {
  const length = headers['content-length'];
  if (length !== undefined && Number(length) > heldBytes) return { stream: body, bytes: Number(length) };
  const held: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const piece: Buffer = chunk; // no encoding was set
    bytes += piece.length;
    if (bytes > heldBytes) throw failure('WX_RELAY_LENGTH', { bytes: heldBytes });
    held.push(piece);
  }
  return Buffer.concat(held);
}
