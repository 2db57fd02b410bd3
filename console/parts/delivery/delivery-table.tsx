import { type ReactNode, useState } from 'react';
import { deliveriesWords } from '../../../src/texts/console/deliveries.ts';
import { Button } from '../button.tsx';
import { useWhy } from '../errcodes.ts';
import { useWords } from '../language.tsx';
import { Table } from '../table.tsx';
import { Time } from '../time.tsx';
import { channelName, type Delivery, outcomeOf } from './delivery.ts';
import { DeliveryDetails } from './delivery-details.tsx';
import css from './delivery-table.module.css';
import { Outcome } from './outcome.tsx';

/** Messages and what became of them; a button shows everything of one. `isOfOne`: they all went to the same person. */
export function DeliveryTable({
  rows,
  isOfOne = false,
}: {
  rows: readonly Delivery[];
  isOfOne?: boolean;
}): ReactNode {
  const say = useWords(deliveriesWords);
  const why = useWhy();
  const [shown, setShown] = useState<Delivery | null>(null);
  const person = {
    ...{ id: 'person', name: say('person'), isExtra: true },
    cell: ({ touser }: Delivery) => <code>{touser}</code>,
  };
  return (
    <>
      <Table
        label={say('title')}
        rows={rows}
        rowKey={keyOf}
        columns={[
          {
            id: 'time',
            name: say('time'),
            cell: ({ at, createdAt }) => <Time at={at ?? createdAt} precision="second" />,
          },
          ...(isOfOne ? [] : [person]),
          {
            id: 'what',
            name: say('what'),
            isExtra: true,
            cell: ({ channel, ref, campaignId }) => (
              <>
                {channelName(say, channel)}
                <div className={css.small}>{campaignId === null ? ref : `#${campaignId}`}</div>
              </>
            ),
          },
          { id: 'outcome', name: say('outcome'), cell: (row) => <Outcome name={outcomeOf(row)} /> },
          {
            id: 'why',
            name: say('why'),
            cell: (row) => {
              const reason = row.reason === 'dry_run' ? '' : why(row);
              return reason !== '' && <span className={css.small}>{reason}</span>;
            },
          },
          {
            id: 'details',
            name: '',
            align: 'right',
            cell: (row) => (
              <Button kind="quiet" onPress={() => setShown(row)}>
                {say('details')}
              </Button>
            ),
          },
        ]}
      />
      {shown !== null && <DeliveryDetails of={shown} onClose={() => setShown(null)} />}
    </>
  );
}

const keyOf = ({ campaignId, no, messageId }: Delivery): string =>
  campaignId === null ? `m${messageId}` : `c${campaignId} ${no}`;
