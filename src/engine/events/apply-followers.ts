import { type FollowChange, storeFollowChanges } from '../../store/accounts/contacts.ts';
import { eventSecond } from './storable.ts';
import type { EventEffect } from './stored-event.ts';

/**
 * Keeps contacts current between syncs: who followed, left, or scanned a code as a follower.
 *
 * The newest CreateTime counts, in whatever order events arrive; within one second the later arrival does.
 */
export const applyFollowers: EventEffect = async (client, events) => {
  const newest = new Map<string, FollowChange>();
  for (const { appid, event } of events) {
    if (event.type !== 'follow' && event.type !== 'unfollow' && event.type !== 'scan') continue;
    if (event.openid === '') continue;
    const at = eventSecond(event);
    const id = `${appid} ${event.openid}`;
    const known = newest.get(id);
    if (known !== undefined && known.at > at) continue;
    newest.set(id, {
      appid,
      openid: event.openid,
      follows: event.type !== 'unfollow',
      followedAt: event.type === 'follow' ? at : null,
      at,
    });
  }
  if (newest.size > 0) await storeFollowChanges(client, [...newest.values()]);
};
