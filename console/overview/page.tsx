import type { ReactNode } from 'react';
import { overviewWords } from '../../src/texts/console/overview.ts';
import { useAccounts } from '../parts/account.tsx';
import { useList } from '../parts/api.ts';
import { ButtonLink } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import type { Told } from '../parts/live.ts';
import { Empty, Loading } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { Accounts } from './accounts.tsx';
import { Latest } from './latest.tsx';
import { Month, Today } from './month.tsx';
import { Needs } from './needs.tsx';
import css from './overview.module.css';
import { Running } from './running.tsx';

const everyMs = 5_000;
const isConcerned = ({ campaigns, accounts }: Told): boolean => campaigns.length + accounts.length > 0;
const shown = 8;

/** What needs somebody, what runs, how today went, how the month went, what is left. */
export default function OverviewPage(): ReactNode {
  const say = useWords(overviewWords);
  const may = useMay();
  const { all } = useAccounts();
  const mayRead = may('campaign.read');
  const found = useList(
    'GET /v1/campaigns',
    { query: { limit: 50 } },
    { isOn: mayRead, everyMs, isConcerned },
  );
  if (all.length === 0 && may('account.read')) {
    return (
      <Page title={say('title')}>
        <Section>
          <Empty
            title={say('start')}
            action={
              may('account.manage') && (
                <ButtonLink href="/start" kind="primary">
                  {say('startDo')}
                </ButtonLink>
              )
            }
          >
            {say('startHint')}
          </Empty>
        </Section>
      </Page>
    );
  }
  const campaigns = found.rows ?? [];
  const running = campaigns.filter(({ state }) => ['staging', 'planning', 'running'].includes(state));
  return (
    <Page title={say('title')} about={say('about')}>
      <Needs campaigns={campaigns} />
      <Failure error={found.error} onRetry={() => void found.refetch()} />
      {mayRead && running.length > 0 && <Running campaigns={running} />}
      {may('message.read') && (
        <>
          <Today />
          <Month />
        </>
      )}
      {all.length > 0 && <Accounts />}
      {mayRead && (
        <Section title={say('latest')} isFlush={campaigns.length > 0}>
          {found.isPending && <Loading />}
          {found.rows?.length === 0 && <p className={css.quiet}>{say('nothingYet')}</p>}
          {campaigns.length > 0 && <Latest rows={campaigns.slice(0, shown)} />}
        </Section>
      )}
    </Page>
  );
}
