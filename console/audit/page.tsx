import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { actionWords } from '../../src/texts/console/access/actions.ts';
import { auditWords } from '../../src/texts/console/access/audit.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { accountName, useAccounts } from '../parts/account.tsx';
import { AccountNames } from '../parts/accounts-choice.tsx';
import { type EntryOf, useList } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { DayField } from '../parts/date/date-field.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Copyable, Empty, Loading } from '../parts/notice.tsx';
import { Facts, Page, Section } from '../parts/page.tsx';
import { navigate, useSearch, withQuery } from '../parts/router.tsx';
import { Select } from '../parts/select.tsx';
import { More, Table } from '../parts/table.tsx';
import { daysBetween, Time, useZone } from '../parts/time.tsx';
import css from './page.module.css';

type Entry = EntryOf<'GET /v1/audit'>;

const knownActions = Object.keys(actionWords) as (keyof typeof actionWords)[]; // its own keys
const tones = { began: 'warn', done: 'good', refused: 'bad', failed: 'bad' } as const;

const outcomes = ['done', 'refused', 'failed', 'began'] as const;
const parts = ['who', 'action', 'appid', 'outcome', 'from', 'to'] as const;
type Wanted = Record<(typeof parts)[number], string>;

export default function AuditPage(): ReactNode {
  const say = useWords(auditWords);
  const search = useSearch();
  const zone = useZone();
  const wanted = Object.fromEntries(parts.map((part) => [part, search.get(part) ?? ''])) as Wanted; // one each
  const outcome = outcomes.find((one) => one === wanted.outcome);
  const { who, action, appid, from, to } = wanted;
  const query = {
    ...{ who, action, appid },
    ...(outcome === undefined ? {} : { outcome }),
    ...daysBetween(from, to, zone),
  };
  const audit = useList('GET /v1/audit', { query });
  const [shown, setShown] = useState<Entry | null>(null);
  const isFiltered = parts.some((part) => wanted[part] !== '');
  const nothing = { who: null, action: null, appid: null, outcome: null, from: null, to: null };
  return (
    <Page title={say('title')} about={say('about')}>
      <Filter wanted={wanted} />
      <Failure error={audit.error} onRetry={() => void audit.refetch()} />
      <Section isFlush>
        {audit.isPending && <Loading rows={6} />}
        {audit.rows?.length === 0 && (
          <Empty
            title={say(isFiltered ? 'emptyFiltered' : 'empty')}
            action={
              isFiltered && <Button onPress={() => navigate(withQuery(nothing))}>{say('showAll')}</Button>
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

/** It stays the same form when the address changes: whoever works by keyboard stays where they were. */
function Filter({ wanted }: { wanted: Wanted }): ReactNode {
  const say = useWords(auditWords);
  const sayAction = useWords(actionWords);
  const { all } = useAccounts();
  const [next, setNext] = useState(wanted);
  const asked = JSON.stringify(wanted);
  useEffect(() => setNext(JSON.parse(asked) as Wanted), [asked]); // the text of one
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    navigate(withQuery({ ...next, who: next.who.trim() }), { replace: true });
  };
  const any = { id: 'any', name: say('any') };
  const field = (part: keyof Wanted) => ({
    label: say(part),
    value: next[part],
    onChange: (value: string) => setNext({ ...next, [part]: value }),
  });
  const chosen = (part: keyof Wanted) => ({
    label: say(part),
    value: next[part] || 'any',
    onChange: (id: string) => setNext({ ...next, [part]: id === 'any' ? '' : id }),
  });
  const isStrange = wanted.action !== '' && !knownActions.some((one) => one === wanted.action);
  return (
    <form className={css.filter} onSubmit={submit}>
      <Field {...field('who')} placeholder={say('whoHint')} />
      <Select<string>
        {...chosen('action')}
        options={[
          any,
          ...(isStrange ? [{ id: wanted.action, name: wanted.action }] : []),
          ...knownActions.map((id) => ({ id, name: sayAction(id), about: id })),
        ]}
      />
      <Select<string>
        {...chosen('appid')}
        options={[any, ...all.map((one) => ({ id: one.appid, name: accountName(one), about: one.appid }))]}
      />
      <Select<string>
        {...chosen('outcome')}
        options={[any, ...outcomes.map((id) => ({ id, name: say(`outcome.${id}`) }))]}
      />
      <DayField {...field('from')} />
      <DayField {...field('to')} />
      <Button type="submit">{say('filter')}</Button>
    </form>
  );
}

/** The action in words; of one that has none, a refused reading for example, its name. */
function ActionName({ of: action }: { of: string }): ReactNode {
  const say = useWords(actionWords);
  const known = knownActions.find((one) => one === action);
  return known === undefined ? <code>{action}</code> : <span title={action}>{say(known)}</span>;
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
        { id: 'action', name: say('action'), cell: ({ action }) => <ActionName of={action} /> },
        {
          id: 'target',
          name: say('target'),
          isExtra: true,
          cell: ({ target, appid }) => (
            <span className={css.small}>
              {appid !== null && <AccountNames of={[appid]} all="" />}
              {appid !== null && target !== null && ' · '}
              {target}
            </span>
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
  const sayAction = useWords(actionWords);
  const known = knownActions.find((one) => one === entry.action);
  const blocks = [
    [say('input'), entry.input],
    [say('before'), entry.before],
    [say('after'), entry.after],
  ] as const;
  return (
    <Dialog
      title={known === undefined ? entry.action : sayAction(known)}
      isOpen
      onClose={onClose}
      actions={<Button onPress={onClose}>{sayPart('close')}</Button>}
    >
      <Facts
        rows={[
          [say('action'), <code key="action">{entry.action}</code>],
          entry.appid === null
            ? null
            : [say('appid'), <AccountNames key="account" of={[entry.appid]} all="" />],
          entry.target === null ? null : [say('target'), entry.target],
          [say('time'), <Time key="time" at={entry.at} precision="second" />],
          [say('who'), say('actor', { name: entry.actorName, kind: say(`kind.${entry.actorKind}`) })],
          entry.source === null ? null : [say('source'), entry.source],
          entry.requestId === null
            ? null
            : [say('request'), <Copyable key="id" text={entry.requestId} />, 'long'],
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
