import { type ReactNode, useEffect } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { useList } from '../parts/api.ts';
import { useWhy } from '../parts/errcodes.ts';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Loading, Notice } from '../parts/notice.tsx';
import { Outcome } from '../parts/outcome.tsx';
import { Section } from '../parts/page.tsx';
import { useQueryValue } from '../parts/router.tsx';
import { Select } from '../parts/select.tsx';
import { More, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import css from './campaigns.module.css';

const outcomes = ['accepted', 'rejected', 'unknown', 'held', 'unsent'] as const;

/** Who got it and who did not, filtered by outcome; the filter is in the address. */
interface RecipientsProps {
  id: number;
  everyMs: number;
  /** How far the campaign is: the list is read again when that changes, so that it never contradicts the figures above. */
  stand: string;
  isMoving: boolean;
}

export function Recipients({ id, everyMs, stand, isMoving }: RecipientsProps): ReactNode {
  const say = useWords(campaignsWords);
  const sayPart = useWords(partsWords);
  const why = useWhy();
  const [chosen, setChosen] = useQueryValue('outcome', 'all');
  const outcome = outcomes.find((one) => one === chosen);
  const found = useList(
    'GET /v1/campaigns/{id}/recipients',
    { params: { id }, query: outcome === undefined ? {} : { outcome } },
    { everyMs },
  );
  const { refetch } = found;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stand is what it waits for
  useEffect(() => void refetch(), [stand, refetch]);
  return (
    <Section
      title={say('recipients')}
      actions={
        <>
          <Select
            label={say('outcome')}
            isLabelHidden
            value={outcome ?? 'all'}
            onChange={setChosen}
            options={[
              { id: 'all', name: say('all') },
              ...outcomes.map((one) => ({ id: one, name: sayPart(`outcome.${one}`) })),
            ]}
          />
          <a className={css.download} href={`/v1/campaigns/${id}/export?withColumns=true`} download>
            {say('export')}
          </a>
        </>
      }
      isFlush
    >
      <Failure error={found.error} onRetry={() => void found.refetch()} />
      {found.isPending && <Loading rows={5} />}
      {found.rows?.length === 0 && <Notice>{say('nobody')}</Notice>}
      {found.rows !== undefined && found.rows.length > 0 && (
        <Table
          label={say('recipients')}
          isDense
          rows={found.rows}
          rowKey={({ no }) => String(no)}
          columns={[
            { id: 'no', name: say('no'), align: 'right', cell: ({ no }) => no },
            { id: 'openid', name: say('openid'), cell: ({ openid }) => <code>{openid}</code> },
            {
              id: 'outcome',
              name: say('outcome'),
              cell: (row) => (
                <Outcome
                  name={
                    row.receipt === 'delivered'
                      ? 'delivered'
                      : row.receipt === 'blocked'
                        ? 'blocked'
                        : isMoving && row.outcome === 'unsent'
                          ? 'waiting'
                          : row.reason === 'dry_run'
                            ? 'dryRun'
                            : row.outcome
                  }
                />
              ),
            },
            {
              id: 'why',
              name: say('why'),
              isExtra: true,
              cell: (row) => <span className={css.small}>{why(row)}</span>,
            },
            {
              id: 'at',
              name: say('at'),
              isExtra: true,
              cell: ({ at }) => at !== null && <Time at={at} precision="second" />,
            },
          ]}
        />
      )}
      <More
        hasMore={found.hasNextPage}
        isLoading={found.isFetchingNextPage}
        onMore={() => void found.fetchNextPage()}
      />
    </Section>
  );
}
