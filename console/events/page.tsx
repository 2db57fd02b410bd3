import { type ReactNode, useState } from 'react';
import { eventsWords } from '../../src/texts/console/events.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { type Account, accountName, useAccounts } from '../parts/account.tsx';
import { type EntryOf, useList, useRead } from '../parts/api.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { Switch } from '../parts/field.tsx';
import { type Say, useWords } from '../parts/language.tsx';
import type { Told } from '../parts/live.ts';
import { Empty, Loading } from '../parts/notice.tsx';
import { Facts, Page, Section } from '../parts/page.tsx';
import { useQueryValue } from '../parts/router.tsx';
import { Select } from '../parts/select.tsx';
import { More, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import css from './events.module.css';

type Event = EntryOf<'GET /v1/accounts/{appid}/events'>;

const liveMs = 2_000;
const types = [
  ...['all', 'follow', 'unfollow', 'scan', 'message', 'credit-popup', 'credit-change'],
  ...['session', 'mass-receipt', 'unknown', 'unreadable'],
] as const;

export default function EventsPage(): ReactNode {
  const say = useWords(eventsWords);
  const { current } = useAccounts();
  if (current === null) {
    return (
      <Page title={say('title')}>
        <Empty title={say('noAccount')} />
      </Page>
    );
  }
  return <Events key={current.appid} account={current} />;
}

function Events({ account }: { account: Account }): ReactNode {
  const say = useWords(eventsWords);
  const [type, setType] = useQueryValue('type', 'all');
  const [isLive, setLive] = useState(true);
  const { appid } = account;
  const events = useList(
    'GET /v1/accounts/{appid}/events',
    { params: { appid }, query: { type: type === 'all' ? '' : type } },
    isLive
      ? { everyMs: liveMs, isConcerned: ({ events: told }: Told) => told.some((one) => one.appid === appid) }
      : {},
  );
  const [shown, setShown] = useState<Event | null>(null);
  return (
    <Page
      title={say('title')}
      about={say('about', { name: accountName(account) })}
      actions={
        <>
          <Switch isSelected={isLive} onChange={setLive}>
            {say('live')}
          </Switch>
          <Select
            label={say('type')}
            isLabelHidden
            value={type}
            onChange={setType}
            options={types.map((one) => ({ id: one, name: typeName(say, one) }))}
          />
        </>
      }
    >
      <Failure error={events.error} onRetry={() => void events.refetch()} />
      <Section isFlush>
        {events.isPending && <Loading />}
        {events.rows?.length === 0 && (
          <Empty
            title={say('empty')}
            action={<ButtonLink href={`/accounts/${appid}`}>{say('toAccount')}</ButtonLink>}
          >
            {say('emptyHint')}
          </Empty>
        )}
        {events.rows !== undefined && events.rows.length > 0 && (
          <Table
            label={say('title')}
            isDense
            rows={events.rows}
            rowKey={({ id }) => id}
            columns={[
              {
                id: 'time',
                name: say('time'),
                cell: ({ createdAt }) => <Time at={createdAt} precision="second" />,
              },
              { id: 'type', name: say('type'), cell: (event) => typeName(say, event.type) },
              {
                id: 'person',
                name: say('person'),
                isExtra: true,
                cell: ({ openid }) => <code>{openid}</code>,
              },
              {
                id: 'says',
                name: say('says'),
                cell: ({ fields }) => {
                  const says = String(fields.Content ?? fields.EventKey ?? '');
                  return says === '' ? null : <span className={css.small}>{says}</span>;
                },
              },
              {
                id: 'raw',
                name: '',
                align: 'right',
                cell: (event) => (
                  <Button kind="quiet" onPress={() => setShown(event)}>
                    {say('raw')}
                  </Button>
                ),
              },
            ]}
          />
        )}
        <More
          hasMore={events.hasNextPage}
          isLoading={events.isFetchingNextPage}
          onMore={() => void events.fetchNextPage()}
        />
      </Section>
      {shown !== null && <Raw appid={appid} event={shown} onClose={() => setShown(null)} />}
    </Page>
  );
}

function typeName(say: Say<typeof eventsWords>, type: string): string {
  const known = types.find((one) => one === type);
  // Each of the list has its word; a newer server may tell of others.
  return known === undefined ? type : say(`type.${known}` as 'type.all');
}

function Raw({ appid, event, onClose }: { appid: string; event: Event; onClose(): void }): ReactNode {
  const say = useWords(eventsWords);
  const sayPart = useWords(partsWords);
  const found = useRead('GET /v1/accounts/{appid}/events/{id}', { params: { appid, id: event.id } });
  return (
    <Dialog
      title={typeName(say, event.type)}
      isOpen
      onClose={onClose}
      actions={<Button onPress={onClose}>{sayPart('close')}</Button>}
    >
      <Failure error={found.error} />
      <pre className={css.raw}>{found.data?.raw?.text ?? JSON.stringify(event.fields, null, 2)}</pre>
      {found.data !== undefined && found.data.did.effects.length > 0 && (
        <>
          <h3>{say('effects')}</h3>
          <Facts
            rows={found.data.did.effects.map(({ name, state }) => [
              name,
              <Tag key={name} tone={state === 'done' ? 'good' : 'warn'}>
                {say(`effect.${state}`)}
              </Tag>,
            ])}
          />
        </>
      )}
    </Dialog>
  );
}
