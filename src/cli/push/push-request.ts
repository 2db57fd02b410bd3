import type { OnInvalid } from '../../app/campaigns/campaign.ts';
import type { MessageBody, MessageParts } from '../../app/campaigns/create.ts';
import type { openRecipients } from '../input/recipients.ts';
import type { SendOptions } from './plan-and-send.ts';

/** What somebody asked to push. */
export interface PushRequest extends SendOptions {
  appid: string;
  channel: string;
  message: { parts: MessageParts } | { body: MessageBody };
  to: string;
  readOptions: Omit<Parameters<typeof openRecipients>[1], 'signal'>;
  /** Keeps all columns of a file with the campaign, for exports. Default true. */
  keepColumns?: boolean;
  dedupe: string | undefined;
  onInvalid: OnInvalid;
  sync: boolean;
  /** With `sync`: although over 5 % of the followers would be marked as gone. */
  acceptLoss?: boolean;
  testTo: string | undefined;
  key: string | undefined;
  again: boolean;
  /** As typed; read in the account's zone. */
  at?: string | undefined;
  validUntil?: string | undefined;
  exclude?: string[];
  includeNoCredit?: boolean;
  /** Undefined: the account's. */
  ratePerS?: number | undefined;
}
