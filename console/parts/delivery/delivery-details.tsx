import type { ReactNode } from 'react';
import { deliveriesWords } from '../../../src/texts/console/deliveries.ts';
import { partsWords } from '../../../src/texts/console/parts.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { useErrcodes } from '../errcodes.ts';
import { useWords } from '../language.tsx';
import { Copyable, Notice } from '../notice.tsx';
import { Facts } from '../page.tsx';
import { Time } from '../time.tsx';
import { channelName, type Delivery, outcomeOf } from './delivery.ts';
import { Outcome } from './outcome.tsx';

export function DeliveryDetails({ of: row, onClose }: { of: Delivery; onClose(): void }): ReactNode {
  const say = useWords(deliveriesWords);
  const sayPart = useWords(partsWords);
  const errcodes = useErrcodes();
  const { receipt } = row;
  const copy = (text: string | null): ReactNode => text !== null && <Copyable text={text} />;
  const time = (at: string | null | undefined): ReactNode => at && <Time at={at} precision="second" />;
  return (
    <Dialog
      title={channelName(say, row.channel)}
      isOpen
      onClose={onClose}
      actions={<Button onPress={onClose}>{sayPart('close')}</Button>}
    >
      <Outcome name={outcomeOf(row)} />
      {row.errcode !== null && row.errcode !== 0 && <Notice tone="warn">{errcodes(row.errcode)}</Notice>}
      {receipt !== null && receipt.status !== 'delivered' && (
        <Notice tone="warn">{say(`receipt.${receipt.status}`)}</Notice>
      )}
      {receipt?.inferred === true && <Notice>{say('inferred')}</Notice>}
      <Facts
        rows={[
          ['openid', copy(row.touser)],
          row.msgid === null ? null : ['msgid', copy(row.msgid)],
          row.ref === null ? null : [say('ref'), copy(row.ref)],
          row.key === null ? null : [say('key'), copy(row.key)],
          row.templateId === null ? null : [say('template'), copy(row.templateId)],
          row.campaignId === null
            ? [say('message'), `#${row.messageId}`]
            : [say('campaign'), say('campaignNo', { id: String(row.campaignId), no: row.no ?? '' })],
          [say('attempts'), row.attempts],
          [say('askedAt'), time(row.createdAt)],
          row.at === null ? null : [say('settledAt'), time(row.at)],
          receipt?.at == null ? null : [say('receiptAt'), time(receipt.at)],
        ]}
      />
    </Dialog>
  );
}
