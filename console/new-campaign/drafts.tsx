import type { ReactNode } from 'react';
import { Link } from 'react-aria-components';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { useChange, useList } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';

/** What was begun and not finished, by whomever: anybody who may create campaigns goes on with it. */
export function Drafts({ appid }: { appid: string }): ReactNode {
  const say = useWords(newCampaignWords);
  const found = useList('GET /v1/drafts', { query: { appid, limit: 5 } });
  const remove = useChange('DELETE /v1/drafts/{id}', { rereads: ['GET /v1/drafts'] });
  const rows = found.rows ?? [];
  if (rows.length === 0) return <Failure error={found.error} onRetry={() => void found.refetch()} />;
  return (
    <Section title={say('drafts')} isFlush>
      <Failure error={remove.error} />
      <Table
        label={say('drafts')}
        isDense
        rows={rows}
        rowKey={({ id }) => String(id)}
        columns={[
          {
            id: 'name',
            name: say('draft'),
            cell: ({ id, name }) => (
              <Link href={`/campaigns/new?draft=${id}`}>{name === '' ? say('unnamed') : name}</Link>
            ),
          },
          { id: 'who', name: say('changedBy'), isExtra: true, cell: ({ changedBy }) => changedBy },
          { id: 'when', name: say('changedAt'), cell: ({ changedAt }) => <Time at={changedAt} /> },
          {
            id: 'remove',
            name: '',
            align: 'right',
            cell: ({ id, name }) => (
              <Button
                kind="quiet"
                aria-label={say('removeDraft', { name: name === '' ? say('unnamed') : name })}
                onPress={() => remove.mutate({ params: { id } })}
              >
                {say('remove')}
              </Button>
            ),
          },
        ]}
      />
    </Section>
  );
}
