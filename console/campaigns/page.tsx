import type { ReactNode } from 'react';
import { Link } from 'react-aria-components';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { useAccounts } from '../parts/account.tsx';
import { useList } from '../parts/api.ts';
import { ButtonLink } from '../parts/button.tsx';
import { CampaignState } from '../parts/campaign/campaign-state.tsx';
import { Drafts } from '../parts/campaign/drafts.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import type { Told } from '../parts/live.ts';
import { Empty, Loading } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { More, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { audienceName, grouped } from './words.ts';

const everyMs = 5_000;
const isConcerned = ({ campaigns }: Told): boolean => campaigns.length > 0;

export default function CampaignsPage(): ReactNode {
  const say = useWords(campaignsWords);
  const may = useMay();
  const { current } = useAccounts();
  const appid = current?.appid ?? '';
  const campaigns = useList('GET /v1/campaigns', { query: { appid } }, { everyMs, isConcerned });
  const create = may('campaign.create') && (
    <ButtonLink href="/campaigns/new" kind="primary" icon="plus">
      {say('new')}
    </ButtonLink>
  );
  return (
    <Page
      title={say('title')}
      about={say('about')}
      actions={campaigns.rows?.length === 0 ? undefined : create}
    >
      <Failure error={campaigns.error} onRetry={() => void campaigns.refetch()} />
      {may('campaign.create') && current !== null && <Drafts appid={appid} />}
      <Section isFlush>
        {campaigns.isPending && <Loading rows={5} />}
        {campaigns.rows?.length === 0 && (
          <Empty title={say('empty')} action={create}>
            {say('emptyHint')}
          </Empty>
        )}
        {campaigns.rows !== undefined && campaigns.rows.length > 0 && (
          <Table
            label={say('title')}
            rows={campaigns.rows}
            rowKey={({ id }) => String(id)}
            columns={[
              {
                id: 'id',
                name: say('id'),
                cell: ({ id }) => <Link href={`/campaigns/${id}`}>{say('name', { id: String(id) })}</Link>,
              },
              {
                id: 'to',
                name: say('to'),
                isExtra: true,
                cell: ({ audience }) => audienceName(say, audience),
              },
              {
                id: 'planned',
                name: say('planned'),
                align: 'right',
                cell: ({ counts }) => grouped(counts.planned),
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
        )}
        <More
          hasMore={campaigns.hasNextPage}
          isLoading={campaigns.isFetchingNextPage}
          onMore={() => void campaigns.fetchNextPage()}
        />
      </Section>
    </Page>
  );
}
