import type { ReactNode } from 'react';
import { Link } from 'react-aria-components';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { overviewWords } from '../../src/texts/console/overview.ts';
import { accountName, useAccounts } from '../parts/account.tsx';
import { type EntryOf, useList } from '../parts/api.ts';
import { ButtonLink } from '../parts/button.tsx';
import { useStandstill } from '../parts/errcodes.ts';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import css from './overview.module.css';

type Campaign = EntryOf<'GET /v1/campaigns'>;

const everyMs = 5_000;
const shown = 8;

export default function OverviewPage(): ReactNode {
  const say = useWords(overviewWords);
  const may = useMay();
  const { all } = useAccounts();
  const mayRead = may('campaign.read');
  const found = useList('GET /v1/campaigns', { query: { limit: 50 } }, { isOn: mayRead, everyMs });
  if (all.length === 0 && may('account.read')) {
    return (
      <Page title={say('title')}>
        <Section>
          <Empty
            title={say('start')}
            action={
              may('account.manage') && (
                <ButtonLink href="/accounts" kind="primary" icon="plus">
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
  return (
    <Page title={say('title')} about={say('about')}>
      <Needs campaigns={campaigns} />
      <Failure error={found.error} onRetry={() => void found.refetch()} />
      {mayRead && (
        <Section title={say('latest')} isFlush={campaigns.length > 0}>
          {found.isPending && <Loading />}
          {found.rows?.length === 0 && <p className={css.quiet}>{say('nothingRuns')}</p>}
          {campaigns.length > 0 && <Latest rows={campaigns.slice(0, shown)} />}
        </Section>
      )}
    </Page>
  );
}

/** What happened, since when, one button each; first of all. */
function Needs({ campaigns }: { campaigns: readonly Campaign[] }): ReactNode {
  const say = useWords(overviewWords);
  const { all } = useAccounts();
  const standstill = useStandstill();
  const items = [
    ...all
      .filter(({ state }) => state === 'paused')
      .map((account) => ({
        href: `/accounts/${account.appid}`,
        text:
          account.stateReason === null || account.stateReason === 'operator'
            ? say('need.account', { name: accountName(account) })
            : say('need.refused', {
                name: accountName(account),
                reason: standstill({ reason: account.stateReason }),
              }),
        at: null,
      })),
    ...campaigns.flatMap(({ id, next, counts, plannedAt }) =>
      next === null
        ? []
        : [
            {
              href: `/campaigns/${id}`,
              text: needOf(say, next, String(id), counts.planned),
              at: plannedAt,
            },
          ],
    ),
  ];
  return (
    <Section title={say('needs')}>
      {items.length === 0 ? (
        <p className={css.quiet}>{say('nothing')}</p>
      ) : (
        <ul className={css.needs}>
          {items.map(({ href, text, at }) => (
            <li key={href}>
              <span className={css.text}>{text}</span>
              {at !== null && (
                <span className={css.quiet}>
                  <Time at={at} />
                </span>
              )}
              <ButtonLink href={href}>{say('look')}</ButtonLink>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function needOf(
  say: ReturnType<typeof useWords<typeof overviewWords>>,
  next: NonNullable<Campaign['next']>,
  id: string,
  count: number,
): string {
  switch (next) {
    case 'confirm':
      return say('need.confirm', { id, count });
    case 'approve':
      return say('need.approve', { id, count });
    case 'resume':
      return say('need.resume', { id });
    case 'cancel':
      return say('need.cancel', { id });
  }
}

function Latest({ rows }: { rows: readonly Campaign[] }): ReactNode {
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
        { id: 'state', name: say('state'), cell: ({ state }) => say(`state.${state}`) },
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
