import type { ReactNode } from 'react';
import { Link } from 'react-aria-components';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import type { EntryOf } from '../parts/api.ts';
import { CampaignState } from '../parts/campaign/campaign-state.tsx';
import { useWords } from '../parts/language.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';

export function Latest({ rows }: { rows: readonly EntryOf<'GET /v1/campaigns'>[] }): ReactNode {
  const say = useWords(campaignsWords);
  return (
    <Table
      label={say('title')}
      rows={rows}
      rowKey={({ id }) => String(id)}
      columns={[
        {
          id: 'id',
          name: say('id'),
          cell: ({ id }) => <Link href={`/campaigns/${id}`}>{say('name', { id: String(id) })}</Link>,
        },
        {
          id: 'planned',
          name: say('planned'),
          align: 'right',
          cell: ({ counts }) => counts.planned.toLocaleString('en-US'),
        },
        { id: 'state', name: say('state'), cell: (campaign) => <CampaignState of={campaign} /> },
        {
          id: 'created',
          name: say('created'),
          isExtra: true,
          cell: ({ createdAt }) => <Time at={createdAt} />,
        },
      ]}
    />
  );
}
