import { type ReactNode, useState } from 'react';
import { keysWords } from '../../src/texts/console/access/keys.ts';
import { permissionWords } from '../../src/texts/console/access/permissions.ts';
import { AccountNames } from '../parts/accounts-choice.tsx';
import { type EntryOf, useChange, useList } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { QuestionDialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { More, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { toast } from '../parts/toast.tsx';
import { NewKey } from './new-key.tsx';
import css from './page.module.css';

type Key = EntryOf<'GET /v1/keys'>;

export default function KeysPage(): ReactNode {
  const say = useWords(keysWords);
  const keys = useList('GET /v1/keys', {});
  const [isNew, setNew] = useState(false);
  const [revoking, setRevoking] = useState<Key | null>(null);
  const create = (
    <Button kind="primary" icon="plus" onPress={() => setNew(true)}>
      {say('create')}
    </Button>
  );
  return (
    <Page title={say('title')} about={say('about')} actions={keys.rows?.length === 0 ? undefined : create}>
      <Failure error={keys.error} onRetry={() => void keys.refetch()} />
      {keys.isPending && <Loading />}
      {keys.rows?.length === 0 && (
        <Section>
          <Empty title={say('empty')} action={create}>
            {say('emptyHint')}
          </Empty>
        </Section>
      )}
      {keys.rows !== undefined && keys.rows.length > 0 && (
        <Section isFlush>
          <KeyTable rows={keys.rows} onRevoke={setRevoking} />
          <More
            hasMore={keys.hasNextPage}
            isLoading={keys.isFetchingNextPage}
            onMore={() => void keys.fetchNextPage()}
          />
        </Section>
      )}
      {isNew && <NewKey onClose={() => setNew(false)} />}
      {revoking !== null && <Revoke of={revoking} onClose={() => setRevoking(null)} />}
    </Page>
  );
}

function KeyTable({ rows, onRevoke }: { rows: Key[]; onRevoke(key: Key): void }): ReactNode {
  const say = useWords(keysWords);
  const name = useWords(permissionWords);
  return (
    <Table
      label={say('title')}
      rows={rows}
      rowKey={({ id }) => id}
      columns={[
        {
          id: 'name',
          name: say('name'),
          cell: (key) => (
            <>
              <strong>{key.name}</strong>
              <div className={css.small}>
                hy_{key.id}… · {say('createdBy', { name: key.createdBy })}
              </div>
            </>
          ),
        },
        {
          id: 'permissions',
          name: say('permissions'),
          isExtra: true,
          cell: (key) => (
            <span className={css.small}>{key.permissions.map((one) => name(one)).join(' · ')}</span>
          ),
        },
        {
          id: 'accounts',
          name: say('accounts'),
          isExtra: true,
          cell: (key) => <AccountNames of={key.accounts} all={say('allAccounts')} />,
        },
        {
          id: 'lastUsed',
          name: say('lastUsed'),
          isExtra: true,
          cell: ({ lastUsedAt }) => (lastUsedAt === null ? say('unused') : <Time at={lastUsedAt} />),
        },
        { id: 'state', name: say('state'), cell: (key) => <State of={key} /> },
        {
          id: 'do',
          name: '',
          align: 'right',
          cell: (key) =>
            key.revokedAt === null && (
              <Button kind="quiet" onPress={() => onRevoke(key)}>
                {say('revoke')}
              </Button>
            ),
        },
      ]}
    />
  );
}

function State({ of: { revokedAt, expiresAt } }: { of: Key }): ReactNode {
  const say = useWords(keysWords);
  if (revokedAt !== null) return <Tag>{say('state.revoked')}</Tag>;
  if (expiresAt === null) return <Tag tone="good">{say('state.active')}</Tag>;
  const isOver = new Date(expiresAt) <= new Date();
  return (
    <>
      <Tag tone={isOver ? 'warn' : 'good'}>{say(isOver ? 'state.expired' : 'state.active')}</Tag>{' '}
      <span className={css.small}>
        {say('expires')} <Time at={expiresAt} />
      </span>
    </>
  );
}

function Revoke({ of: key, onClose }: { of: Key; onClose(): void }): ReactNode {
  const say = useWords(keysWords);
  const revoke = useChange('DELETE /v1/keys/{id}', {
    rereads: ['GET /v1/keys'],
    onDone: () => {
      toast(say('revoked'));
      onClose();
    },
  });
  return (
    <QuestionDialog
      title={say('revokeTitle', { name: key.name })}
      yes={say('revoke')}
      change={revoke}
      onYes={() => revoke.mutate({ params: { id: key.id } })}
      onClose={onClose}
    >
      <p>{say('revokeHint')}</p>
    </QuestionDialog>
  );
}
