import { type ReactNode, useState } from 'react';
import { alertsWords } from '../../src/texts/console/alerts.ts';
import { AccountNames } from '../parts/accounts-choice.tsx';
import { type EntryOf, useChange, useList } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { QuestionDialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Menu } from '../parts/menu.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { More, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { toast } from '../parts/toast.tsx';
import css from './alerts.module.css';

type Channel = EntryOf<'GET /v1/alerts'>;

const everyMs = 10_000;
const rereads = ['GET /v1/alerts'] as const;

/** Who is told, and how telling them fares. */
export function Channels(): ReactNode {
  const say = useWords(alertsWords);
  const found = useList('GET /v1/alerts', {}, { everyMs });
  const test = useChange('POST /v1/alerts/{id}/test', {
    rereads,
    onDone: ({ host }) => toast(say('tested', { host })),
  });
  return (
    <Section title={say('channels')} isFlush>
      <Failure error={found.error ?? test.error} onRetry={() => void found.refetch()} />
      {found.isPending && <Loading />}
      {found.rows?.length === 0 && <Empty title={say('empty')}>{say('emptyHint')}</Empty>}
      {found.rows !== undefined && found.rows.length > 0 && (
        <Table
          label={say('channels')}
          rows={found.rows}
          rowKey={({ id }) => String(id)}
          columns={[
            {
              id: 'name',
              name: say('name'),
              cell: ({ name, host, kind }) => (
                <>
                  {name === '' ? host : name}
                  <div className={css.small}>
                    {say(`kind.${kind}`)} · {host}
                  </div>
                </>
              ),
            },
            {
              id: 'accounts',
              name: say('accounts'),
              isExtra: true,
              cell: ({ appids }) => <AccountNames of={appids} all={say('allAccounts')} />,
            },
            {
              id: 'last',
              name: say('last'),
              isExtra: true,
              cell: ({ toldAt }) => (toldAt === null ? say('never') : <Time at={toldAt} />),
            },
            {
              id: 'waiting',
              name: say('waiting'),
              align: 'right',
              isExtra: true,
              cell: ({ waiting }) => waiting,
            },
            { id: 'state', name: say('state'), cell: (channel) => <ChannelState of={channel} /> },
            {
              id: 'do',
              name: '',
              align: 'right',
              cell: (channel) => (
                <>
                  <Button
                    kind="quiet"
                    isPending={test.isPending && test.variables?.params.id === channel.id}
                    onPress={() => test.mutate({ params: { id: channel.id } })}
                  >
                    {say('test')}
                  </Button>
                  <Actions of={channel} />
                </>
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
    </Section>
  );
}

function ChannelState({ of: { state, failingSince, lastError } }: { of: Channel }): ReactNode {
  const say = useWords(alertsWords);
  if (state === 'paused') return <Tag tone="warn">{say('state.paused')}</Tag>;
  return (
    <>
      <Tag tone={failingSince === null ? 'good' : 'bad'}>
        {say(failingSince === null ? 'state.active' : 'state.failing')}
      </Tag>
      {lastError !== null && <div className={css.small}>{lastError}</div>}
    </>
  );
}

function Actions({ of: { id, host, state } }: { of: Channel }): ReactNode {
  const say = useWords(alertsWords);
  const [isRemoving, setRemoving] = useState(false);
  const change = useChange('PUT /v1/alerts/{id}/state', { rereads });
  const remove = useChange('DELETE /v1/alerts/{id}', { rereads, onDone: () => setRemoving(false) });
  const next = state === 'active' ? 'paused' : 'active';
  return (
    <>
      <Menu
        label={say('moreOf', { host })}
        button={
          <Button kind="quiet" aria-label={say('moreOf', { host })}>
            {say('more')}
          </Button>
        }
        entries={[
          {
            id: 'state',
            name: say(state === 'active' ? 'pause' : 'resume'),
            onAction: () => change.mutate({ params: { id }, body: { state: next } }),
          },
          { id: 'remove', name: say('remove'), onAction: () => setRemoving(true) },
        ]}
      />
      {isRemoving && (
        <QuestionDialog
          title={say('removeTitle', { host })}
          yes={say('remove')}
          change={remove}
          onYes={() => remove.mutate({ params: { id } })}
          onClose={() => setRemoving(false)}
        >
          <p>{say('removeHint')}</p>
        </QuestionDialog>
      )}
    </>
  );
}
