import { describeFailure, failure, HongyanError } from '../../base/errors.ts';
import { submitBatch as store } from '../../engine/messages/submit.ts';
import { action } from '../action.ts';
import type { MessageInput } from './messages.ts';

export interface BatchInput {
  appid: string;
  /** `all`: stored only when each of them can be sent. `valid`: those that can be are. */
  mode: 'all' | 'valid';
  messages: Omit<MessageInput, 'appid'>[];
}

/** What became of one message of a batch. */
export type BatchItem =
  | { id: number; isRepeat: boolean }
  /** It was not stored. */
  | { error: HongyanError };

/**
 * Stores many messages of one account, and says in their order what became of each. Each is then sent as if it had been
 * submitted alone.
 *
 * Throws `BATCH_REFUSED` in the mode `all`, before anything is stored, when one of them cannot be sent.
 */
export const sendBatch = action<BatchInput, BatchItem[]>(
  { name: 'messages.submitBatch', permission: 'message.send', audit: 'none', appid: ({ appid }) => appid },
  async (app, { appid, mode, messages }, { actor: { lang, entrance } }) => {
    const requests = messages.map(({ touser, ...one }) => ({ ...one, appid, openid: touser, lang }));
    const options = { all: mode === 'all' };
    const { isStored, items } = await (app.engine?.messages.submitBatch(requests, options) ??
      store(app, requests, options));
    const fields = items.flatMap((one, i) => {
      if (!(one instanceof HongyanError)) return [];
      return [
        {
          ...{ in: 'body', path: `messages.${i}`, rule: one.code },
          message: describeFailure(one, lang, entrance).what,
        },
      ];
    });
    if (!isStored)
      throw failure('BATCH_REFUSED', { wrong: fields.length, all: messages.length }, { details: { fields } });
    return items.flatMap((one) => (one === null ? [] : [one instanceof HongyanError ? { error: one } : one]));
  },
);
