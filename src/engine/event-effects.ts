import { applyFollowers } from './events/apply-followers.ts';
import { creditEvents } from './events/credit-events.ts';
import type { NamedEffect } from './events/effects.ts';
import { logEvents } from './stream/log-events.ts';
import { tellEvents } from './webhooks/tell-events.ts';

/**
 * What follows from events, in this order. Each is a file of its own and one line here. Above the rooms, because webhooks
 * know events and events know no webhooks.
 */
export const eventEffects: NamedEffect[] = [
  { name: 'followers', types: ['follow', 'unfollow', 'scan'], effect: applyFollowers },
  { name: 'credits', types: ['credit-popup', 'credit-change'], effect: creditEvents },
  { name: 'webhooks', types: 'all', effect: tellEvents },
  { name: 'stream', types: 'all', effect: logEvents },
];
