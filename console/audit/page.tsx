import { type FormEvent, type ReactNode, useState } from 'react';
import { auditWords } from '../../src/texts/console/audit.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { type EntryOf, useList } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Copyable, Empty, Loading } from '../parts/notice.tsx';
import { Facts, Page, Section } from '../parts/page.tsx';
import { navigate, useSearch, withQuery } from '../parts/router.tsx';
import { More, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import css from './page.module.css';

type Entry = EntryOf<'GET /v1/audit'>;

const tones = { began: 'warn', done: 'good', refused: 'bad', failed: 'bad' } as const;

export default function AuditPage(): ReactNode {
  const say = useWords(auditWords);
  const search = useSearch();
  const action = search.get('action') ?? '';
  const appid = search.get('appid') ?? '';
  const audit = useList('GET /v1/audit', { query: { action, appid } });
  const [shown, setShown] = useState<Entry | null>(null);
  const isFiltered = action !== '' || appid !== '';
  return (
    <Page title={say('title')} about={say('about')}>
      <Filter key={`${action} ${appid}`} action={action} appid={appid} />
      <Failure error={audit.error} onRetry={() => void audit.refetch()} />
      <Section isFlush>
        {audit.isPending && <Loading rows={6} />}
        {audit.rows?.length === 0 && (
          <Empty
            title={say(isFiltered ? 'emptyFiltered' : 'empty')}
            action={
              isFiltered && (
                <Button onPress={() => navigate(withQuery({ action: null, appid: null }))}>
                  {say('showAll')}
                </Button>
              )
            }
          />
        )}
        {audit.rows !== undefined && audit.rows.length > 0 && (
          <AuditTable rows={audit.rows} onShow={setShown} />
        )}
        <More
          hasMore={audit.hasNextPage}
          isLoading={audit.isFetchingNextPage}
          onMore={() => void audit.fetchNextPage()}
        />
      </Section>
      {shown !== null && <Details of={shown} onClose={() => setShown(null)} />}
    </Page>
  );
}

function Filter({ action, appid }: { action: string; appid: string }): ReactNode {
  const say = useWords(auditWords);
  const [next, setNext] = useState({ action, appid });
  const filter = (event: FormEvent): void => {
    event.preventDefault();
    navigate(withQuery({ action: next.action.trim(), appid: next.appid.trim() }), { replace: true });
  };
  return (
    <form className={css.filter} onSubmit={filter}>
      <Field
        label={say('filterAction')}
        value={next.action}
        onChange={(value) => setNext({ ...next, action: value })}
        placeholder={say('filterHint')}
      />
      <Field
        label={say('filterAccount')}
        value={next.appid}
        onChange={(value) => setNext({ ...next, appid: value })}
        mono
      />
      <Button type="submit">{say('filter')}</Button>
    </form>
  );
}

function AuditTable({ rows, onShow }: { rows: Entry[]; onShow(entry: Entry): void }): ReactNode {
  const say = useWords(auditWords);
  return (
    <Table
      label={say('title')}
      rows={rows}
      rowKey={({ id }) => id}
      columns={[
        { id: 'time', name: say('time'), cell: ({ at }) => <Time at={at} precision="second" /> },
        {
          id: 'who',
          name: say('who'),
          cell: ({ actorName, actorKind }) => (
            <>
              {actorName} <span className={css.small}>{say(`kind.${actorKind}`)}</span>
            </>
          ),
        },
        { id: 'action', name: say('action'), cell: ({ action }) => <code>{action}</code> },
        {
          id: 'target',
          name: say('target'),
          isExtra: true,
          cell: ({ target, appid }) => (
            <span className={css.small}>{[appid, target].filter((one) => one !== null).join(' · ')}</span>
          ),
        },
        {
          id: 'outcome',
          name: say('outcome'),
          cell: ({ outcome, code }) => (
            <>
              <Tag tone={tones[outcome]}>{say(`outcome.${outcome}`)}</Tag>{' '}
              {code !== null && <code className={css.small}>{code}</code>}
            </>
          ),
        },
        { id: 'source', name: say('source'), isExtra: true, cell: ({ source }) => source },
        {
          id: 'details',
          name: '',
          align: 'right',
          cell: (entry) => (
            <Button kind="quiet" onPress={() => onShow(entry)}>
              {say('details')}
            </Button>
          ),
        },
      ]}
    />
  );
}

function Details({ of: entry, onClose }: { of: Entry; onClose(): void }): ReactNode {
  const say = useWords(auditWords);
  const sayPart = useWords(partsWords);
  const blocks = [
    [say('input'), entry.input],
    [say('before'), entry.before],
    [say('after'), entry.after],
  ] as const;
  return (
    <Dialog
      title={entry.action}
      isOpen
      onClose={onClose}
      actions={<Button onPress={onClose}>{sayPart('close')}</Button>}
    >
      <Facts
        rows={[
          [say('time'), <Time key="time" at={entry.at} precision="second" />],
          [say('who'), `${entry.actorName} (${say(`kind.${entry.actorKind}`)})`],
          entry.source === null ? null : [say('source'), entry.source],
          entry.requestId === null ? null : [say('request'), <Copyable key="id" text={entry.requestId} />],
        ]}
      />
      {blocks
        .filter(([, value]) => value !== null && value !== undefined && JSON.stringify(value) !== '{}')
        .map(([name, value]) => (
          <div key={name}>
            <h3>{name}</h3>
            <pre className={css.json}>{JSON.stringify(value, null, 2)}</pre>
          </div>
        ))}
    </Dialog>
  );
}
