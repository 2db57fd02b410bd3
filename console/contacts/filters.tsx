import { type ReactNode, useEffect, useState } from 'react';
import { Link } from 'react-aria-components';
import { filtersWords } from '../../src/texts/console/filters.ts';
import type { Account } from '../parts/account.tsx';
import { useChange, useList } from '../parts/api.ts';
import { type Filter, FilterDialog, useFilterCount } from '../parts/audience/filter-dialog.tsx';
import { useRulesInWords } from '../parts/audience/rules-in-words.ts';
import { Button, ButtonLink, IconButton } from '../parts/button.tsx';
import { QuestionDialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Menu } from '../parts/menu.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { withQuery } from '../parts/router.tsx';
import { useMay } from '../parts/session.ts';
import { More, Table } from '../parts/table.tsx';
import css from './contacts.module.css';

const limit = 20;

/** The saved filters, each with how many it finds now, its people a link away; made, changed, used and removed here. */
export function Filters({ account }: { account: Account }): ReactNode {
  const say = useWords(filtersWords);
  const { appid, kind } = account;
  const may = useMay();
  const mayChange = may('campaign.create');
  const found = useList('GET /v1/accounts/{appid}/filters', { params: { appid }, query: { limit } });
  const inWords = useRulesInWords(account);
  const [form, setForm] = useState<Filter | 'new' | null>(null);
  const [removing, setRemoving] = useState<Filter | null>(null);
  // Counts are asked for one after the other: the server takes few at a time.
  const [counted, setCounted] = useState(0);
  const rows = (found.rows ?? []).map((filter, at) => ({
    filter,
    isCounted: at <= counted,
    onCounted: () => setCounted((before) => Math.max(before, at + 1)),
  }));
  return (
    <Section
      title={say('saved')}
      about={say('savedAbout')}
      actions={
        mayChange && (
          <Button icon="plus" onPress={() => setForm('new')}>
            {say('create')}
          </Button>
        )
      }
      isFlush
    >
      {found.isPending && <Loading rows={2} />}
      <Failure error={found.error} onRetry={() => void found.refetch()} />
      {found.rows?.length === 0 && <Empty title={say('none')}>{mayChange && say('noneHint')}</Empty>}
      {rows.length > 0 && (
        <Table
          label={say('saved')}
          rows={rows}
          rowKey={({ filter }) => String(filter.id)}
          columns={[
            {
              id: 'name',
              name: say('name'),
              cell: ({ filter }) => (
                <Link
                  href={withQuery({ filter: String(filter.id), q: null, by: null, tag: null, follows: null })}
                >
                  {filter.name}
                </Link>
              ),
            },
            {
              id: 'rules',
              name: say('rulesColumn'),
              isExtra: true,
              cell: ({ filter }) => <span className={css.small}>{inWords(filter.rules)}</span>,
            },
            {
              id: 'count',
              name: say('countColumn'),
              align: 'right',
              cell: ({ filter, isCounted, onCounted }) => (
                <Count appid={appid} of={filter} isOn={isCounted} onCounted={onCounted} />
              ),
            },
            {
              id: 'use',
              name: '',
              align: 'right',
              cell: ({ filter }) =>
                mayChange && (
                  <span className={css.buttons}>
                    <ButtonLink kind="quiet" href={`/campaigns/new?filter=${filter.id}`}>
                      {say('use')}
                    </ButtonLink>
                    <Menu
                      label={say('more', { name: filter.name })}
                      button={<IconButton icon="more" label={say('more', { name: filter.name })} />}
                      entries={[
                        { id: 'edit', name: say('edit'), onAction: () => setForm(filter) },
                        { id: 'remove', name: say('remove'), onAction: () => setRemoving(filter) },
                      ]}
                    />
                  </span>
                ),
            },
          ]}
        />
      )}
      <More
        hasMore={found.hasNextPage}
        isLoading={found.isFetchingNextPage}
        onMore={() => void found.fetchNextPage()}
      />
      {form !== null && (
        <FilterDialog
          appid={appid}
          of={form === 'new' ? null : form}
          hasFollowers={kind !== 'miniprogram'}
          onSaved={() => {}}
          onClose={() => setForm(null)}
        />
      )}
      {removing !== null && <Remove of={removing} onClose={() => setRemoving(null)} />}
    </Section>
  );
}

function Count({
  appid,
  of: { rules },
  isOn,
  onCounted,
}: {
  appid: string;
  of: Filter;
  isOn: boolean;
  onCounted(): void;
}): ReactNode {
  const say = useWords(filtersWords);
  const { data, error } = useFilterCount(appid, isOn ? rules : null);
  const isAnswered = data !== undefined || error !== null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `onCounted` is a new function each time
  useEffect(() => {
    if (isAnswered) onCounted();
  }, [isAnswered]);
  if (data !== undefined) return say('people', { count: data.count.toLocaleString('en-US') });
  return error === null ? <span className={css.small}>{say('counting')}</span> : <Failure error={error} />;
}

function Remove({ of: { appid, id, name }, onClose }: { of: Filter; onClose(): void }): ReactNode {
  const say = useWords(filtersWords);
  const remove = useChange('DELETE /v1/accounts/{appid}/filters/{id}', {
    rereads: ['GET /v1/accounts/{appid}/filters'],
    onDone: onClose,
  });
  return (
    <QuestionDialog
      title={say('removeTitle', { name })}
      yes={say('remove')}
      change={remove}
      onYes={() => remove.mutate({ params: { appid, id } })}
      onClose={onClose}
    >
      <p>{say('removeHint')}</p>
    </QuestionDialog>
  );
}
