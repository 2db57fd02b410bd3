import type { Permission } from '../contract/permissions.ts';
import { type StreamTopic, streamTopics } from '../contract/stream.ts';
import { requirePermission } from './action.ts';
import { type Actor, may } from './actor.ts';
import type { App } from './app.ts';

const permissionOf: Record<StreamTopic, Permission> = {
  campaigns: 'campaign.read',
  accounts: 'account.read',
  events: 'event.read',
};

/** The topics that somebody is told of: those asked for (`FORBIDDEN` without the permission of one), or all that they may read. */
export async function allowedTopics(
  app: Pick<App, 'store'>,
  actor: Actor,
  asked: readonly StreamTopic[] | null,
): Promise<StreamTopic[]> {
  const topics = asked ?? streamTopics.filter((topic) => may(actor, permissionOf[topic], null));
  // Who may read nothing is refused as if they had asked for the first.
  for (const topic of topics.length === 0 ? streamTopics.slice(0, 1) : topics)
    await requirePermission(app, actor, {
      action: 'stream.open',
      permission: permissionOf[topic],
      appid: null,
    });
  return [...topics];
}
