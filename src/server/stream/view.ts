import type { StreamTold, StreamTopic } from '../../contract/stream.ts';
import type { LiveAccount, LiveCampaign } from '../../store/stream/live.ts';
import type { StreamRow } from '../../store/stream/log.ts';

/** What a stream may see and wants to. */
export interface StreamView {
  /** Equal for those that see the same. */
  id: string;
  topics: ReadonlySet<StreamTopic>;
  accounts: 'all' | ReadonlySet<string>;
}

/** What happened, for everybody. */
export interface StreamMessage {
  campaigns: readonly LiveCampaign[];
  accounts: readonly LiveAccount[];
  rows: readonly StreamRow[];
}

export function streamView(
  topics: readonly StreamTopic[],
  accounts: 'all' | ReadonlySet<string>,
): StreamView {
  const named = accounts === 'all' ? 'all' : [...accounts].sort().join(' ');
  return { id: `${[...topics].sort().join(' ')}|${named}`, topics: new Set(topics), accounts };
}

/** What of it a stream is told. */
export function seenBy({ topics, accounts }: StreamView, message: StreamMessage): StreamTold {
  const sees = ({ appid }: { appid: string }): boolean => accounts === 'all' || accounts.has(appid);
  const events = message.rows.filter(({ topic }) => topic === 'events');
  return {
    campaigns: topics.has('campaigns') ? [...message.campaigns.filter(sees)] : [],
    accounts: topics.has('accounts') ? message.accounts.filter(sees) : [],
    events: topics.has('events')
      ? events.filter(sees).map(({ ref, appid, data }) => ({ id: ref, appid, ...data }))
      : [],
  };
}
