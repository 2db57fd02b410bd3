import type { ReactNode } from 'react';
import { accountWords } from '../../src/texts/console/accounts.ts';
import { useRead } from '../parts/api.ts';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Bar, Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { formatTime, useZone } from '../parts/time.tsx';
import css from './accounts.module.css';

const everyMs = 30_000;

export function Quota({ appid }: { appid: string }): ReactNode {
  const say = useWords(accountWords);
  const zone = useZone();
  const quota = useRead('GET /v1/accounts/{appid}/quota', { params: { appid } }, { everyMs });
  const time = (at: string): string => formatTime(new Date(at), zone, 'minute');
  return (
    <Section
      title={say('quota.title')}
      about={quota.data && say('quota.reset', { time: time(quota.data.nextReset) })}
      isFlush={quota.data !== undefined}
    >
      {quota.isPending && <Loading rows={2} />}
      <Failure error={quota.error} onRetry={() => void quota.refetch()} />
      {quota.data && (
        <Table
          label={say('quota.title')}
          rows={quota.data.apis}
          rowKey={({ path }) => path}
          columns={[
            {
              id: 'api',
              name: say('quota.api'),
              cell: ({ path, parkedUntil }) => (
                <>
                  <code>{path}</code>
                  {parkedUntil !== null && (
                    <div className={css.warn}>{say('quota.parked', { time: time(parkedUntil) })}</div>
                  )}
                </>
              ),
            },
            {
              id: 'bar',
              name: '',
              isExtra: true,
              width: '160px',
              cell: ({ used, limit, path }) => limit !== null && <Bar value={used} of={limit} label={path} />,
            },
            {
              id: 'used',
              name: say('quota.used'),
              align: 'right',
              cell: ({ used }) => used.toLocaleString('en-US'),
            },
            {
              id: 'limit',
              name: say('quota.limit'),
              align: 'right',
              cell: ({ limit, source }) =>
                limit === null ? (
                  say('quota.unknown')
                ) : (
                  <>
                    {limit.toLocaleString('en-US')}{' '}
                    <span className={css.small}>{say(`quota.source.${source}`)}</span>
                  </>
                ),
            },
            {
              id: 'left',
              name: say('quota.left'),
              align: 'right',
              cell: ({ left }) => (left === null ? '' : left.toLocaleString('en-US')),
            },
          ]}
        />
      )}
    </Section>
  );
}
