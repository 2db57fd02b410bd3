import { type ReactNode, useState } from 'react';
import { permissionWords } from '../../src/texts/console/access/permissions.ts';
import { usersWords } from '../../src/texts/console/access/users.ts';
import { AccountNames } from '../parts/accounts-choice.tsx';
import { type EntryOf, useChange, useList } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Menu } from '../parts/menu.tsx';
import { Loading } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { useMe } from '../parts/session.ts';
import { More, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { toast } from '../parts/toast.tsx';
import { ShownLink } from './link.tsx';
import { Roles } from './roles.tsx';
import { UserForm } from './user-form.tsx';

type User = EntryOf<'GET /v1/users'>;

export default function UsersPage(): ReactNode {
  const say = useWords(usersWords);
  const users = useList('GET /v1/users', {});
  const [form, setForm] = useState<User | 'new' | null>(null);
  const [link, setLink] = useState<{ name: string; path: string; expiresAt: string } | null>(null);
  return (
    <Page
      title={say('title')}
      about={say('about')}
      actions={
        <Button kind="primary" icon="plus" onPress={() => setForm('new')}>
          {say('create')}
        </Button>
      }
    >
      <Failure error={users.error} onRetry={() => void users.refetch()} />
      <Section isFlush>
        {users.isPending && <Loading />}
        {users.rows !== undefined && <UserTable rows={users.rows} onChange={setForm} onLink={setLink} />}
        <More
          hasMore={users.hasNextPage}
          isLoading={users.isFetchingNextPage}
          onMore={() => void users.fetchNextPage()}
        />
      </Section>
      <Roles />
      {form !== null && (
        <UserForm of={form === 'new' ? null : form} onClose={() => setForm(null)} onLink={setLink} />
      )}
      {link !== null && <ShownLink {...link} onClose={() => setLink(null)} />}
    </Page>
  );
}

function UserTable({
  rows,
  onChange,
  onLink,
}: {
  rows: User[];
  onChange(user: User): void;
  onLink(link: { name: string; path: string; expiresAt: string }): void;
}): ReactNode {
  const say = useWords(usersWords);
  const sayRole = useWords(permissionWords);
  const me = useMe();
  return (
    <Table
      label={say('title')}
      rows={rows}
      rowKey={({ id }) => id}
      columns={[
        {
          id: 'name',
          name: say('name'),
          cell: ({ id, name }) => (
            <>
              <strong>{name}</strong> {me.kind === 'user' && me.id === id && <Tag>{say('you')}</Tag>}
            </>
          ),
        },
        { id: 'role', name: say('role'), cell: ({ role }) => sayRole(`role.${role}`) },
        {
          id: 'accounts',
          name: say('accounts'),
          isExtra: true,
          cell: ({ accounts }) => <AccountNames of={accounts} all={say('allAccounts')} />,
        },
        {
          id: 'last',
          name: say('lastSignIn'),
          isExtra: true,
          cell: ({ lastSignInAt }) => (lastSignInAt === null ? say('never') : <Time at={lastSignInAt} />),
        },
        { id: 'state', name: say('state'), cell: (user) => <State of={user} /> },
        {
          id: 'more',
          name: '',
          align: 'right',
          cell: (user) => <UserMenu of={user} onChange={onChange} onLink={onLink} />,
        },
      ]}
    />
  );
}

function State({ of: { disabledAt, lockedUntil, hasPassword } }: { of: User }): ReactNode {
  const say = useWords(usersWords);
  if (disabledAt !== null) return <Tag>{say('state.disabled')}</Tag>;
  if (lockedUntil !== null && new Date(lockedUntil) > new Date())
    return <Tag tone="warn">{say('state.locked')}</Tag>;
  return hasPassword ? (
    <Tag tone="good">{say('state.active')}</Tag>
  ) : (
    <Tag tone="busy">{say('state.invited')}</Tag>
  );
}

function UserMenu({
  of: user,
  onChange,
  onLink,
}: {
  of: User;
  onChange(user: User): void;
  onLink(link: { name: string; path: string; expiresAt: string }): void;
}): ReactNode {
  const say = useWords(usersWords);
  const rereads = ['GET /v1/users'] as const;
  const change = useChange('PATCH /v1/users/{id}', { rereads, onDone: () => toast(say('saved')) });
  const link = useChange('POST /v1/users/{id}/link', {
    onDone: (made) => onLink({ name: user.name, ...made }),
  });
  const end = useChange('DELETE /v1/users/{id}/sessions', {
    onDone: ({ ended }) => toast(say('ended', { count: ended })),
  });
  const isDisabled = user.disabledAt !== null;
  const params = { id: user.id };
  return (
    <>
      <Menu
        label={say('moreOf', { name: user.name })}
        button={
          <Button kind="quiet" icon="more" aria-label={say('moreOf', { name: user.name })}>
            {say('more')}
          </Button>
        }
        entries={[
          { id: 'change', name: say('change'), onAction: () => onChange(user) },
          { id: 'link', name: say('link'), isDisabled, onAction: () => link.mutate({ params }) },
          { id: 'end', name: say('endSessions'), onAction: () => end.mutate({ params }) },
          {
            id: 'disable',
            name: say(isDisabled ? 'enable' : 'disable'),
            onAction: () => change.mutate({ params, body: { isDisabled: !isDisabled } }),
          },
        ]}
      />
      <Failure error={change.error ?? link.error ?? end.error} />
    </>
  );
}
