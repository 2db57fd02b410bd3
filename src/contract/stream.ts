import { z } from 'zod';
import { bytes, defineRoutes, reads } from './route.ts';

export const streamTopics = ['campaigns', 'accounts', 'events'] as const;
export type StreamTopic = (typeof streamTopics)[number];

const topicList = new RegExp(`^(?:${streamTopics.join('|')})(?:,(?:${streamTopics.join('|')}))*$`);

/** What `data` of an event of the stream is. */
export interface StreamTold {
  /** Of `start`: something may have been missed, lists are to be read anew. */
  isGap?: boolean;
  campaigns: {
    id: number;
    appid: string;
    state: string;
    reason: string | null;
    planned: number;
    accepted: number;
    rejected: number;
    unknown: number;
    held: number;
  }[];
  accounts: { appid: string; state: string; reason: string | null }[];
  /** `createdAt` in Unix seconds. */
  events: { id: string; appid: string; type?: string; openid?: string; createdAt?: number }[];
}

/** What happens just now. */
export const streamRoutes = defineRoutes({
  'GET /v1/stream': {
    name: 'stream.open',
    summary: {
      en: 'Server-sent events: progress of campaigns, states of accounts, events. `Last-Event-ID` goes on where a stream ended, on any node.',
      zh: '服务器推送（SSE）：任务进度、账号状态、事件。带上 `Last-Event-ID` 可在任意节点续传。',
    },
    // Each topic wants the permission of what it tells of.
    permission: 'known',
    account: 'filtered',
    ...reads,
    query: z.strictObject({
      /** `campaigns` (campaign.read), `accounts` (account.read), `events` (event.read), comma-separated. Default: all that one may read. */
      topics: z.string().regex(topicList).optional(),
    }),
    answers: { 200: bytes('text/event-stream') },
  },
});
