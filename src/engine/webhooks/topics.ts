/**
 * What a webhook can be told of. `outcome.*`: of each recipient, once its chunk is delivered, and of each single message;
 * `outcome.unsent` only of the latter. `campaign`: changes of state. The others are WeChat's events.
 */
export const webhookTopics = [
  'receipt',
  'follow',
  'unfollow',
  'scan',
  'credit',
  'message',
  'session',
  'mass',
  'other',
  'outcome.accepted',
  'outcome.rejected',
  'outcome.unknown',
  'outcome.held',
  'outcome.unsent',
  'campaign',
] as const;

export type WebhookTopic = (typeof webhookTopics)[number];

/** `outcome` stands for all outcomes, `all` for everything; null names nothing that exists. */
export function parseTopics(text: string): WebhookTopic[] | null {
  const wanted = new Set<WebhookTopic>();
  for (const word of text.split(/[,|\s]+/).filter((one) => one !== '')) {
    const found = webhookTopics.filter(
      (topic) => word === 'all' || topic === word || topic.startsWith(`${word}.`),
    );
    if (found.length === 0) return null;
    for (const topic of found) wanted.add(topic);
  }
  return wanted.size === 0 ? null : webhookTopics.filter((topic) => wanted.has(topic));
}
