import { type ReactNode, useState } from 'react';
import { Link } from 'react-aria-components';
import { accountWords } from '../../src/texts/console/accounts.ts';
import { type Account, accountName, useAccounts } from '../parts/account.tsx';
import { AddAccount } from '../parts/add-account.tsx';
import { Button, ButtonLink } from '../parts/button.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { useStandstill } from '../parts/errcodes.ts';
import { useWords } from '../parts/language.tsx';
import { Empty } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { navigate } from '../parts/router.tsx';
import { useMay } from '../parts/session.ts';
import { Table } from '../parts/table.tsx';
import { toast } from '../parts/toast.tsx';

export default function AccountsPage(): ReactNode {
  const say = useWords(accountWords);
  const may = useMay();
  const { all } = useAccounts();
  const [isAdding, setAdding] = useState(false);
  const add = may('account.manage') && (
    <Button kind="primary" icon="plus" onPress={() => setAdding(true)}>
      {say('add')}
    </Button>
  );
  return (
    <Page title={say('title')} about={say('about')} actions={all.length === 0 ? undefined : add}>
      <Section isFlush>
        {all.length === 0 ? (
          <Empty
            title={say('empty')}
            action={
              <>
                {add} {may('account.manage') && <ButtonLink href="/start">{say('tryFirst')}</ButtonLink>}
              </>
            }
          >
            {say('emptyHint')}
          </Empty>
        ) : (
          <Table
            label={say('title')}
            rows={all}
            rowKey={({ appid }) => appid}
            columns={[
              {
                id: 'name',
                name: say('name'),
                cell: (account) => <Link href={`/accounts/${account.appid}`}>{accountName(account)}</Link>,
              },
              { id: 'appid', name: say('appid'), isExtra: true, cell: ({ appid }) => <code>{appid}</code> },
              { id: 'kind', name: say('kind'), cell: ({ kind }) => say(`kind.${kind}`) },
              {
                id: 'rate',
                name: say('rate'),
                align: 'right',
                isExtra: true,
                cell: ({ ratePerS }) => say('rateValue', { rate: ratePerS }),
              },
              { id: 'state', name: say('state'), cell: (account) => <AccountState of={account} /> },
            ]}
          />
        )}
      </Section>
      {isAdding && (
        <AddAccount
          onClose={() => setAdding(false)}
          onAdded={({ appid, name }) => {
            toast(say('added', { name: name || appid }));
            navigate(`/accounts/${appid}?account=${appid}`);
          }}
        />
      )}
    </Page>
  );
}

export function AccountState({ of: { state, stateReason } }: { of: Account }): ReactNode {
  const say = useWords(accountWords);
  const standstill = useStandstill();
  if (state === 'active') return <Tag tone="good">{say('state.active')}</Tag>;
  if (stateReason === null || stateReason === 'operator') return <Tag tone="warn">{say('state.paused')}</Tag>;
  return <Tag tone="bad">{say('state.refused', { reason: standstill({ reason: stateReason }) })}</Tag>;
}
