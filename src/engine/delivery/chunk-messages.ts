import type { Campaign } from '../../store/campaigns/campaigns.ts';
import type { ChunkRecipient } from '../../store/campaigns/chunks.ts';
import type { CreditFlush } from '../../store/campaigns/flush.ts';
import type { SendAnswer } from '../../wechat/http/answer.ts';
import type { CompiledMessage } from '../content/compiled-message.ts';
import { takesFormIds } from '../credits/form-ids.ts';
import { clientMsgId } from '../sending/attempts.ts';
import { type Attempt, judge, type Verdict } from '../sending/verdict.ts';
import { creditFlush } from './credit-flush.ts';
import { ChunkFormIds } from './form-ids.ts';
import type { Item } from './item.ts';

/** How the messages of one chunk are written, what their answers mean, and what they use up. */
export interface ChunkMessages {
  /** The body for its recipient. */
  render(recipient: ChunkRecipient): string;
  /** @param now wall clock, Unix ms */
  judge(answer: SendAnswer, attempt: Attempt, now: number, item: Item): Verdict;
  /** Runs in the transaction of each flush; null where nothing is used up. */
  readonly credits: CreditFlush | null;
}

/** @param installation its uuid, part of every client_msg_id */
export function chunkMessages(
  campaign: Campaign,
  message: CompiledMessage,
  recipients: ChunkRecipient[],
  installation: string,
): ChunkMessages {
  if (takesFormIds(campaign)) return new ChunkFormIds(campaign, message, recipients);
  const { keyed } = message;
  return {
    render: ({ no, openid, vars }) =>
      message.render(openid, vars, keyed ? clientMsgId(installation, campaign.uuid, no) : null),
    judge,
    credits: creditFlush(campaign, recipients),
  };
}
