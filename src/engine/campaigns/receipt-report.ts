import type { Campaign } from '../../store/campaigns/campaigns.ts';
import type { RecipientOutcome } from '../../store/campaigns/outcomes.ts';
import type { Pool } from '../../store/database/pool.ts';
import { callbackState } from '../../store/events/callback-health.ts';
import {
  type ReceiptCounts,
  type ReceiptStatus,
  receiptCounts,
  recipientReceipts,
} from '../../store/events/receipts.ts';
import { channels } from '../../wechat/channels.ts';

/** What became of a campaign's accepted messages: accepted = delivered + blocked + failed + waiting + late. */
export interface CampaignReceipts {
  /** `channel`: WeChat sends none for this channel. `callback`: the account's pushes do not come to Hongyan. */
  expected: 'yes' | 'channel' | 'callback';
  delivered: number;
  /** The user refuses this account's messages, in WeChat's word. */
  blocked: number;
  failed: { system: number; frequency: number; other: number };
  /** Of those: of unknown outcome until the receipt came. */
  inferred: number;
  /** No receipt yet. */
  waiting: number;
  /** No receipt, and over 24 h have passed since the last answer of the chunk. */
  late: number;
  /** Of its rate at which the account sends, so that its callback keeps up; 1 as long as it does. */
  share: number;
}

export type ReceivedReceipts = ReceiptCounts & Pick<CampaignReceipts, 'expected' | 'share'>;

/** To be read before the outcomes; see receiptCounts. */
export async function readReceipts(
  pool: Pool,
  campaign: Pick<Campaign, 'id' | 'appid' | 'channel'>,
): Promise<ReceivedReceipts> {
  const counts = await receiptCounts(pool, campaign.id);
  return { ...counts, ...(await expectedReceipts(pool, campaign)) };
}

/** Whether receipts are to be expected, and how fast the account's callback lets it send. */
export async function expectedReceipts(
  pool: Pool,
  campaign: Pick<Campaign, 'appid' | 'channel'>,
): Promise<Pick<CampaignReceipts, 'expected' | 'share'>> {
  const { isConfigured, share } = await callbackState(pool, campaign.appid);
  const expected = !channels[campaign.channel].receipts ? 'channel' : isConfigured ? 'yes' : 'callback';
  return { expected, share };
}

export function campaignReceipts(received: ReceivedReceipts, accepted: number): CampaignReceipts {
  const { delivered, blocked, failedSystem, failedFrequency, failedOther, inferred } = received;
  const none = accepted - delivered - blocked - failedSystem - failedFrequency - failedOther;
  const late = received.late ?? none;
  return {
    expected: received.expected,
    delivered,
    blocked,
    failed: { system: failedSystem, frequency: failedFrequency, other: failedOther },
    inferred,
    waiting: none - late,
    late,
    share: Math.round(received.share * 100) / 100,
  };
}

/** A recipient with what WeChat said of the message afterwards. */
export interface RecipientRow extends RecipientOutcome {
  /** Null: it was not accepted, or no receipt is to be expected. */
  receipt: ReceiptStatus | 'waiting' | 'late' | null;
  receiptAt: Date | null;
}

/** Adds the receipts to a page of recipients. `expected` as the campaign's report says it. */
export async function withReceipts(
  pool: Pool,
  campaignId: number,
  expected: CampaignReceipts['expected'],
  rows: RecipientOutcome[],
): Promise<RecipientRow[]> {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return [];
  const receipts = await recipientReceipts(pool, campaignId, first.no - 1, last.no);
  const byNo = new Map(receipts.map((one) => [one.no, one]));
  return rows.map((row) => {
    const found = byNo.get(row.no);
    const none = row.outcome === 'accepted' && expected === 'yes' ? (found?.late ? 'late' : 'waiting') : null;
    return { ...row, receipt: found?.status ?? none, receiptAt: found?.at ?? null };
  });
}
