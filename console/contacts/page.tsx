import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Link } from 'react-aria-components';
import { contactsWords } from '../../src/texts/console/contacts.ts';
import { filtersWords } from '../../src/texts/console/filters.ts';
import { type Account, accountName, useAccounts } from '../parts/account.tsx';
import { useList, useRead } from '../parts/api.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Empty, Loading, Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { navigate, useSearch, withQuery } from '../parts/router.tsx';
import { Select } from '../parts/select.tsx';
import { useMay } from '../parts/session.ts';
import { More, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import css from './contacts.module.css';
import { Filters } from './filters.tsx';
import { Followers, type Sync } from './followers.tsx';
import { type Contact, Follows, PersonTags, useTags } from './tags.tsx';
import { UploadSection } from './upload.tsx';

/** A sync takes seconds; what it is at is asked for so often. */
const everyMs = 3_000;
const ways = ['openid', 'unionid'] as const;
const states = ['any', 'true', 'false'] as const;
type Way = (typeof ways)[number];
type State = (typeof states)[number];

interface Wanted {
  q: string;
  by: Way;
  tag: string;
  follows: State;
  /** Number of a saved filter, whose people are shown instead. */
  filter: string;
}

export default function ContactsPage(): ReactNode {
  const say = useWords(contactsWords);
  const { current } = useAccounts();
  if (current !== null) return <People key={current.appid} account={current} />;
  return (
    <Page title={say('title')}>
      <Empty title={say('noAccount')} />
    </Page>
  );
}

function People({ account }: { account: Account }): ReactNode {
  const say = useWords(contactsWords);
  const { appid } = account;
  const may = useMay();
  const hasFollowers = account.kind !== 'miniprogram';
  const wanted = useWanted();
  const tags = useTags(account);
  const { filter, people } = usePeople(appid, wanted);
  const syncs = useRead(
    'GET /v1/accounts/{appid}/follower-syncs',
    { params: { appid }, query: { limit: 5 } },
    { isOn: hasFollowers, everyMs },
  );
  useAfterSync(syncs.data?.data, () => void people.refetch());
  return (
    <Page title={say('title')} about={say('about', { name: accountName(account) })}>
      {hasFollowers ? (
        syncs.data !== undefined && <Followers appid={appid} syncs={syncs.data.data} />
      ) : (
        <Notice>{say('noFollowers')}</Notice>
      )}
      <Filters account={account} />
      {may('campaign.create') && <UploadSection appid={appid} />}
      {filter !== null && <FoundBy of={filter} />}
      <SearchForm key={JSON.stringify(wanted)} wanted={wanted} tags={tags.all} hasFollowers={hasFollowers} />
      <Failure error={syncs.error ?? tags.error} />
      <Failure error={people.error} onRetry={() => void people.refetch()} />
      <Section isFlush>
        {people.isPending && <Loading rows={5} />}
        {people.rows?.length === 0 && <Nobody wanted={wanted} appid={appid} />}
        {people.rows !== undefined && people.rows.length > 0 && (
          <PeopleTable rows={people.rows} appid={appid} tags={tags} />
        )}
        <More
          hasMore={people.hasNextPage}
          isLoading={people.isFetchingNextPage}
          onMore={() => void people.fetchNextPage()}
        />
      </Section>
    </Page>
  );
}

/** What the address asks for. */
function useWanted(): Wanted {
  const search = useSearch();
  return {
    q: search.get('q') ?? '',
    by: ways.find((one) => one === search.get('by')) ?? 'openid',
    tag: search.get('tag') ?? '',
    follows: states.find((one) => one === search.get('follows')) ?? 'any',
    filter: search.get('filter') ?? '',
  };
}

/** Those who are looked for, or whom the filter of the address finds now. */
function usePeople(appid: string, wanted: Wanted) {
  const id = /^\d{1,15}$/.test(wanted.filter) ? Number(wanted.filter) : null;
  const params = { appid, id: id ?? 0 };
  const filter = useRead('GET /v1/accounts/{appid}/filters/{id}', { params }, { isOn: id !== null });
  const query = { limit: 50 };
  const found = useList(
    'GET /v1/accounts/{appid}/filters/{id}/contacts',
    { params, query },
    { isOn: id !== null },
  );
  const all = useList('GET /v1/contacts', { query: queryOf(appid, wanted) }, { isOn: id === null });
  return { filter: id === null ? null : (filter.data ?? null), people: id === null ? all : found };
}

function FoundBy({ of: { name } }: { of: { name: string } }): ReactNode {
  const say = useWords(filtersWords);
  const showAll = (): void => navigate(withQuery({ filter: null }));
  return (
    <Notice
      actions={
        <Button kind="quiet" onPress={showAll}>
          {say('showAll')}
        </Button>
      }
    >
      {say('foundBy', { name })}
    </Notice>
  );
}

function queryOf(appid: string, { q, by, tag, follows }: Wanted) {
  return {
    appid,
    ...(q === '' ? {} : { [by]: q }),
    ...(/^\d+$/.test(tag) ? { tag: Number(tag) } : {}),
    ...(follows === 'any' ? {} : { follows }),
  };
}

/** Reads the people again when a sync that was seen running has come to its end. */
function useAfterSync(syncs: readonly Sync[] | undefined, read: () => void): void {
  const seen = useRef<number | null>(null);
  const done = syncs?.find(({ state }) => state === 'done')?.id ?? null;
  const isThere = syncs !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `read` is a new function each time
  useEffect(() => {
    if (!isThere) return;
    if (seen.current !== null && seen.current !== done) read();
    seen.current = done ?? 0;
  }, [done, isThere]);
}

function SearchForm({
  wanted,
  tags,
  hasFollowers,
}: {
  wanted: Wanted;
  tags: ReturnType<typeof useTags>['all'];
  hasFollowers: boolean;
}): ReactNode {
  const say = useWords(contactsWords);
  const [next, setNext] = useState(wanted);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const { q, by, tag, follows } = next;
    navigate(
      withQuery({
        ...{ q: q.trim(), by: by === 'openid' ? null : by },
        ...{ filter: null, tag: tag === 'any' ? null : tag, follows: follows === 'any' ? null : follows },
      }),
    );
  };
  return (
    <form className={css.search} onSubmit={submit}>
      <Field label={say('find')} value={next.q} onChange={(q) => setNext({ ...next, q })} mono />
      <Select<Way>
        label={say('by')}
        value={next.by}
        onChange={(by) => setNext({ ...next, by })}
        options={ways.map((one) => ({ id: one, name: say(`by.${one}`) }))}
      />
      {hasFollowers && (
        <>
          <Select<string>
            label={say('tag')}
            value={next.tag === '' ? 'any' : next.tag}
            onChange={(tag) => setNext({ ...next, tag })}
            options={[
              { id: 'any', name: say('anyTag') },
              ...tags.map(({ id, name, count }) => ({
                id: String(id),
                name: say('tagOption', { name, count }),
              })),
            ]}
          />
          <Select<State>
            label={say('state')}
            value={next.follows}
            onChange={(follows) => setNext({ ...next, follows })}
            options={states.map((one) => ({ id: one, name: say(`follows.${one}`) }))}
          />
        </>
      )}
      <Button type="submit" kind="primary" icon="search">
        {say('search')}
      </Button>
    </form>
  );
}

function Nobody({
  wanted: { q, by, tag, follows, filter },
  appid,
}: {
  wanted: Wanted;
  appid: string;
}): ReactNode {
  const say = useWords(contactsWords);
  const isAll = q === '' && tag === '' && follows === 'any' && filter === '';
  return (
    <Empty
      title={say(isAll ? 'empty' : 'nothing')}
      action={
        q !== '' &&
        by === 'openid' && <ButtonLink href={personAddress(q, appid)}>{say('openAnyway')}</ButtonLink>
      }
    >
      {say(isAll ? 'emptyHint' : 'nothingHint')}
    </Empty>
  );
}

function PeopleTable({
  rows,
  appid,
  tags,
}: {
  rows: readonly Contact[];
  appid: string;
  tags: ReturnType<typeof useTags>;
}): ReactNode {
  const say = useWords(contactsWords);
  return (
    <Table
      label={say('title')}
      rows={rows}
      rowKey={({ openid }) => openid}
      columns={[
        {
          id: 'openid',
          name: say('person'),
          cell: ({ openid, remark }) => (
            <>
              <Link href={personAddress(openid, appid)}>
                <code className={css.openid}>{openid}</code>
              </Link>
              {remark !== null && remark !== '' && <div className={css.small}>{remark}</div>}
            </>
          ),
        },
        { id: 'state', name: say('state'), cell: (contact) => <Follows of={contact} /> },
        {
          id: 'tags',
          name: say('tags'),
          isExtra: true,
          cell: (contact) => <PersonTags of={contact} tags={tags} />,
        },
        {
          id: 'since',
          name: say('since'),
          isExtra: true,
          cell: ({ subscribedAt }) => subscribedAt !== null && <Time at={subscribedAt} />,
        },
      ]}
    />
  );
}

/** The account belongs to it: an openid is one person in one account. */
const personAddress = (openid: string, appid: string): string =>
  `/contacts/${encodeURIComponent(openid)}?account=${appid}`;
