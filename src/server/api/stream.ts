import { allowedTopics } from '../../app/stream.ts';
import { failure } from '../../base/errors.ts';
import { type streamRoutes, streamTopics } from '../../contract/stream.ts';
import type { Door } from '../access/who-asks.ts';
import type { Handlers } from '../register.ts';
import type { StreamHub } from '../stream/hub.ts';
import { parsePlace } from '../stream/place.ts';
import { streamView } from '../stream/view.ts';

export function streamHandlers(hub: StreamHub, door: Door): Handlers<typeof streamRoutes> {
  return {
    'GET /v1/stream': async ({ query, actor, deps, request, reply }) => {
      const asked = query.topics?.split(',') ?? null;
      const wanted = asked === null ? null : streamTopics.filter((topic) => asked.includes(topic));
      const topics = await allowedTopics(deps, actor, wanted);
      const owner = `${actor.kind}:${actor.id}`;
      const refusal = hub.refuses(owner);
      if (refusal !== null) {
        reply.header('Retry-After', '5');
        throw refusal === 'full' ? failure('STREAMS_BUSY/full', {}) : failure('STREAMS_BUSY/own', {});
      }
      const last = request.headers['last-event-id'];
      // One that is none is like one that is too old: the client is told that it has a gap.
      const after = typeof last === 'string' ? (parsePlace(last) ?? { at: 0, tx: '0', id: '0' }) : null;
      // A proxy that gathers what it is sent would hold it back.
      reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      return hub.open(owner, streamView(topics, actor.accounts), after, async () => {
        const again = await door.caller(request, reply).catch(() => null);
        // With other rights it is opened anew.
        return again !== null && sameRights(again.actor, actor);
      });
    },
  };
}

type Rights = { permissions: 'all' | ReadonlySet<string>; accounts: 'all' | ReadonlySet<string> };

function sameRights(one: Rights, other: Rights): boolean {
  return sameSet(one.permissions, other.permissions) && sameSet(one.accounts, other.accounts);
}

function sameSet(one: 'all' | ReadonlySet<string>, other: 'all' | ReadonlySet<string>): boolean {
  if (one === 'all' || other === 'all') return one === other;
  return one.size === other.size && [...one].every((value) => other.has(value));
}
