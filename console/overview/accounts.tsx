import type { ReactNode } from 'react';
import { Link } from 'react-aria-components';
import { overviewWords } from '../../src/texts/console/overview.ts';
import { type Account, accountName, useAccounts } from '../parts/account.tsx';
import { useRead } from '../parts/api.ts';
import { Tag } from '../parts/delivery/outcome.tsx';
import { useWords } from '../parts/language.tsx';
import { Bar } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import css from './overview.module.css';

/** Whoever has more looks at them one by one. */
const most = 10;
const everyMs = 60_000;

/** For each account how many people can be reached, and what is left of the day's quota. */
export function Accounts(): ReactNode {
  const say = useWords(overviewWords);
  const { all } = useAccounts();
  return (
    <Section title={say('accounts')} isFlush>
      <Table
        label={say('accounts')}
        rows={all.slice(0, most)}
        rowKey={({ appid }) => appid}
        columns={[
          {
            id: 'name',
            name: say('account'),
            cell: (account) => <Link href={`/accounts/${account.appid}`}>{accountName(account)}</Link>,
          },
          {
            id: 'state',
            name: say('state'),
            isExtra: true,
            cell: ({ state }) => (
              <Tag tone={state === 'active' ? 'good' : 'warn'}>{say(`state.${state}`)}</Tag>
            ),
          },
          { id: 'people', name: say('people'), align: 'right', cell: (account) => <People of={account} /> },
          { id: 'quota', name: say('quota'), cell: (account) => <Quota of={account} /> },
        ]}
      />
    </Section>
  );
}

function People({ of: { appid, kind } }: { of: Account }): ReactNode {
  const say = useWords(overviewWords);
  const may = useMay();
  const found = useRead(
    'GET /v1/accounts/{appid}/followers/count',
    { params: { appid } },
    { isOn: may('contact.read'), everyMs },
  );
  if (found.data === undefined) return '–';
  const { all, following, syncedAt } = found.data;
  // Mini Programs have no followers: those are known who were seen.
  const count = kind === 'miniprogram' ? all : following;
  return (
    <>
      {count.toLocaleString('en-US')}
      <div className={css.small}>
        {kind !== 'miniprogram' &&
          (syncedAt === null ? (
            say('neverSynced')
          ) : (
            <>
              {say('synced')} <Time at={syncedAt} />
            </>
          ))}
      </div>
    </>
  );
}

/** Of the API that has the least left: campaigns stop there first. */
function Quota({ of: { appid } }: { of: Account }): ReactNode {
  const say = useWords(overviewWords);
  const found = useRead('GET /v1/accounts/{appid}/quota', { params: { appid } }, { everyMs });
  const apis = (found.data?.apis ?? []).filter(({ limit }) => limit !== null && limit > 0);
  const tightest = apis.sort((one, other) => share(one) - share(other))[0];
  if (found.data === undefined || tightest === undefined) return '–';
  const left = tightest.left ?? 0;
  const limit = tightest.limit ?? 0;
  return (
    <div className={css.quota}>
      <Bar
        value={limit - left}
        of={limit}
        label={say('quota')}
        tone={left < limit / 10 ? 'warn' : 'accent'}
      />
      <span className={css.small}>{say('quotaLeft', { left, limit })}</span>
    </div>
  );
}

function share({ left, limit }: { left: number | null; limit: number | null }): number {
  return (left ?? 0) / (limit ?? 1);
}
