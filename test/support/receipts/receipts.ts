/** Events as WeChat would push them about messages that were sent, and a site that takes them. */

import { storeEventReceipts } from '../../../src/engine/events/receipts.ts';
import type { StoredEvent } from '../../../src/engine/events/stored-event.ts';
import { inTransaction, type Pool } from '../../../src/store/database/pool.ts';
import { receiptStatuses } from '../../../src/store/events/receipts.ts';
import type { ReceiptStatus } from '../../../src/wechat/callback/event.ts';

/** A message that WeChat accepted, as the facts have it. */
export interface SentMessage {
  no: number;
  openid: string;
  msgid: string;
}

const details: Record<ReceiptStatus, string> = {
  delivered: 'success',
  blocked: 'failed:user block',
  'failed-system': 'failed: system failed',
  'failed-frequency': 'failed:freq limit',
  'failed-other': 'failed: something new',
};

/** TEMPLATESENDJOBFINISH about one message. `createTime` in Unix seconds, default now. */
export function templateReceipt(
  appid: string,
  message: Pick<SentMessage, 'openid' | 'msgid'>,
  status: ReceiptStatus = 'delivered',
  createTime: number = Math.floor(Date.now() / 1000),
): StoredEvent {
  return {
    appid,
    key: message.msgid,
    event: {
      type: 'template-receipt',
      openid: message.openid,
      toUserName: 'gh_7f083739789a',
      createTime,
      name: 'TEMPLATESENDJOBFINISH',
      fields: { FromUserName: message.openid, MsgID: message.msgid, Status: details[status] },
      msgid: message.msgid,
      status,
      detail: details[status],
    },
  };
}

/** subscribe_msg_sent_event about one message or several to one person. */
export function subscribeReceipt(
  appid: string,
  openid: string,
  items: { templateId: string; msgid: string; status?: ReceiptStatus }[],
  createTime: number = Math.floor(Date.now() / 1000),
): StoredEvent {
  return {
    appid,
    key: items.map((item) => item.msgid).join(),
    event: {
      type: 'subscribe-receipt',
      openid,
      toUserName: 'gh_7f083739789a',
      createTime,
      name: 'subscribe_msg_sent_event',
      fields: { FromUserName: openid, MsgID: items.map((item) => item.msgid) },
      items: items.map(({ templateId, msgid, status = 'delivered' }) => ({
        templateId,
        msgid,
        errorCode: status === 'delivered' ? '0' : '20001',
        status,
        detail: details[status],
      })),
    },
  };
}

/** Takes events as a node does, in one transaction; says how many were new. */
export async function take(pool: Pool, events: StoredEvent[]): Promise<number> {
  const places = await inTransaction(pool, (client) => storeEventReceipts(client, events));
  return places.length;
}

/** The account's pushes come to Hongyan, as far as the database knows. */
export async function addCallback(pool: Pool, appid: string, exclusive = false): Promise<void> {
  await pool.query(
    `insert into account_callbacks (appid, token_sealed, aes_key_sealed, mode, format, exclusive)
     values ($1, '', '', 'secure', 'xml', $2)`,
    [appid, exclusive],
  );
}

/** What was accepted of a campaign. */
export async function sentMessages(pool: Pool, campaignId: number): Promise<SentMessage[]> {
  const result = await pool.query<SentMessage>(
    `select f.no, r.openid, f.msgid::text as msgid from facts f join recipients r using (campaign_id, no)
     where campaign_id = $1 and f.kind = 5 and f.msgid is not null order by f.no`,
    [campaignId],
  );
  return result.rows;
}

/** A status for each number: 88 of 100 delivered, and of every other kind some. */
export function statusOf(no: number): ReceiptStatus | null {
  const n = no % 100;
  if (n < 8) return receiptStatuses[n % 5] ?? null;
  return n < 12 ? null : 'delivered';
}
