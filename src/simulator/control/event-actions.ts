import { z } from 'zod';
import { simulatorRule } from '../../texts/simulator-parts.ts';
import { queryValue } from '../api/route.ts';
import type { CallbackSettings, EventOptions } from '../callback/options.ts';
import { type Action, action, people } from './action.ts';
import type { SimulatedAccount } from './simulated-account.ts';

const openid = z.string();
const scene = z.string().min(1);
/** Longer waits would outlast clients. */
const maxDrainMs = 600_000;

/** What concerns the callback, and what people do that raises events. */
export const eventActions: Readonly<Record<string, Action>> = {
  callback: action(z.union([z.null(), z.looseObject({})]), async (account, body) => {
    // The account checks every key; `{"url": null}` and null remove the settings.
    const none = body === null || body.url === null;
    await account.events.setCallback(none ? null : (body as unknown as CallbackSettings));
    return callbackAnswer(account);
  }),
  'events/options': action(z.looseObject({}), (account, body) => {
    // As above.
    account.events.configure(body as Partial<EventOptions>);
    return account.events.options;
  }),
  'events/pause': action(z.strictObject({}), (account) => {
    account.events.pause();
    return undefined;
  }),
  'events/resume': action(z.strictObject({}), (account) => {
    account.events.resume();
    return undefined;
  }),
  'events/clear': action(z.strictObject({}), (account) => {
    account.events.clear();
    return undefined;
  }),
  'events/drain': action(
    z.strictObject({ timeoutMs: z.number().min(0).max(maxDrainMs).optional() }),
    async (account, { timeoutMs }) => {
      const drained = await account.events.drained(timeoutMs);
      return { drained, ...account.events.summary() };
    },
  ),
  unfollow: people((account, one) => account.unfollow(one)),
  follow: action(
    z
      .strictObject({
        openid: openid.optional(),
        openids: z.array(openid).optional(),
        scene: scene.optional(),
      })
      .refine(
        (body) => (body.openid === undefined) !== (body.openids === undefined),
        simulatorRule('openids'),
      ),
    (account, body) => {
      for (const one of body.openids ?? [body.openid as string]) account.user(one).follow(body.scene); // refined above
      return undefined;
    },
  ),
  scan: action(z.strictObject({ openid, scene }), (account, body) => {
    account.user(body.openid).scan(body.scene);
    return undefined;
  }),
  'subscriptions/choose': action(
    z.strictObject({
      openid,
      choices: z
        .array(z.strictObject({ template_id: z.string(), choice: z.enum(['accept', 'reject']) }))
        .nonempty(),
      silent: z.boolean().optional(),
      popupScene: z.int().min(0).optional(),
    }),
    (account, { openid: one, choices, silent = false, popupScene }) => {
      account.user(one).choose(choices, { silent, ...(popupScene === undefined ? {} : { popupScene }) });
      return {
        credits: Object.fromEntries(choices.map(({ template_id: id }) => [id, account.credits(one, id)])),
      };
    },
  ),
  'subscriptions/turn-off': action(
    z.strictObject({ openid, template_ids: z.array(z.string()).nonempty() }),
    (account, body) => {
      account.user(body.openid).turnOff(body.template_ids);
      return undefined;
    },
  ),
  'messages/block': people((account, one) => account.user(one).blockMessages()),
  'messages/unblock': people((account, one) => account.user(one).unblockMessages()),
  text: action(z.strictObject({ openid, content: z.string() }), (account, body) => {
    account.user(body.openid).sendText(body.content);
    return undefined;
  }),
  'session/enter': action(z.strictObject({ openid, sessionFrom: z.string().optional() }), (account, body) => {
    account.user(body.openid).enterSession(body.sessionFrom);
    return undefined;
  }),
};

/** `GET …/APPID/<path>` of the callback, or undefined if it is none of its paths. */
export function eventAnswer(account: SimulatedAccount, path: string, query: string): object | undefined {
  const { events } = account;
  switch (path) {
    case 'callback':
      return callbackAnswer(account);
    case 'events/summary':
      return events.summary();
    case 'events/options':
      return events.options;
    case 'events': {
      const msgid = queryValue(query, 'msgid');
      const one = msgid === undefined ? undefined : events.byMsgid(msgid);
      if (msgid !== undefined) return { events: one === undefined ? [] : [one] };
      const limit = Number(queryValue(query, 'limit') ?? 100);
      const last: object[] = [];
      for (const event of events.all(queryValue(query, 'openid'))) {
        last.push(event);
        if (last.length > 2 * limit) last.splice(0, last.length - limit);
      }
      return { events: limit > 0 ? last.slice(-limit) : [] };
    }
    case 'replies':
      return { replies: events.replies() };
    default:
      return undefined;
  }
}

function callbackAnswer({ events }: SimulatedAccount): object {
  return { originalId: events.originalId, callback: events.callback ?? null };
}
