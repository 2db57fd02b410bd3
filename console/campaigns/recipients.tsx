import { type FormEvent, type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { type EntryOf, useList } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Outcome, type OutcomeName } from '../parts/delivery/outcome.tsx';
import { useWhy } from '../parts/errcodes.ts';
import { Failure } from '../parts/failure.tsx';
import { SearchField } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Menu } from '../parts/menu.tsx';
import { Copyable, Empty, Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { navigate, useSearch, withQuery } from '../parts/router.tsx';
import { Select } from '../parts/select.tsx';
import { type Column, More, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import css from './campaigns.module.css';
import { isMoving, type Report } from './words.ts';

type Recipient = EntryOf<'GET /v1/campaigns/{id}/recipients'>;

/** What can be chosen, in the order of the funnel, and how the server is asked for it. */
const filters = {
  accepted: { outcome: 'accepted' },
  delivered: { receipt: 'delivered' },
  blocked: { receipt: 'blocked' },
  failed: { receipt: 'failed' },
  receiptDue: { receipt: 'waiting' },
  noReceipt: { receipt: 'late' },
  rejected: { outcome: 'rejected' },
  unknown: { outcome: 'unknown' },
  held: { outcome: 'held' },
  unsent: { outcome: 'unsent' },
} as const;
type Filter = keyof typeof filters;
const filterNames = Object.keys(filters) as Filter[]; // the keys of what stands above

/** Who got it and who did not. What is looked at stands in the address: outcome, errcode, person. */
export function Recipients({
  of: report,
  everyMs,
  at,
}: {
  of: Report;
  everyMs: number;
  at: RefObject<HTMLDivElement | null>;
}): ReactNode {
  const say = useWords(campaignsWords);
  const sayPart = useWords(partsWords);
  const search = useSearch();
  const filter = filterNames.find((one) => one === search.get('outcome'));
  const errcode = search.get('errcode') ?? '';
  const q = search.get('q') ?? '';
  const { id } = report;
  const query = {
    ...(filter === undefined ? {} : filters[filter]),
    ...(/^-?\d+$/.test(errcode) ? { errcode: Number(errcode) } : {}),
    ...(q === '' ? {} : /^o[\w-]{27}$/.test(q) ? { openid: q } : { ref: q }),
  };
  const [pages, setPages] = useState(1);
  const found = useList(
    'GET /v1/campaigns/{id}/recipients',
    { params: { id }, query },
    // Whoever has gone far into a long list looks for somebody: all that they have loaded is not read again under their eyes.
    pages > 1 ? {} : { everyMs },
  );
  // Once it stands still the list is read again when anything changes, so that it never contradicts the figures above.
  const { state } = report;
  const figures = isMoving(state) ? '' : `${report.unsent} ${report.receipts.delivered}`;
  const read = useRef({ state, figures });
  const { refetch } = found;
  useEffect(() => {
    const before = read.current;
    read.current = { state, figures };
    // Not because somebody went on to a page: this would end the reading of that page.
    if (before.state !== state || (before.figures !== figures && pages === 1)) void refetch();
  }, [state, figures, pages, refetch]);
  const isFiltered = Object.keys(query).length > 0;
  return (
    <div ref={at}>
      <Section title={say('recipients')} actions={<Export of={report} />} isFlush>
        <div className={css.filters}>
          <Find key={q} q={q} />
          <Select
            label={say('outcome')}
            isLabelHidden
            value={filter ?? 'all'}
            onChange={(next) =>
              navigate(withQuery({ outcome: next === 'all' ? null : next }), { replace: true })
            }
            options={[
              { id: 'all', name: say('all') },
              ...filterNames.map((one) => ({ id: one, name: sayPart(`outcome.${one}`) })),
            ]}
          />
          {errcode !== '' && (
            <Button
              icon="close"
              aria-label={say('withoutErrcode', { errcode })}
              onPress={() => navigate(withQuery({ errcode: null }), { replace: true })}
            >
              errcode {errcode}
            </Button>
          )}
        </div>
        <Failure error={found.error} onRetry={() => void found.refetch()} />
        {found.isPending && <Loading rows={5} />}
        {found.rows?.length === 0 && !found.hasNextPage && (
          <Empty
            title={say('nobody')}
            action={
              isFiltered && (
                <Button
                  onPress={() =>
                    navigate(withQuery({ outcome: null, errcode: null, q: null }), { replace: true })
                  }
                >
                  {say('showAll')}
                </Button>
              )
            }
          />
        )}
        {found.rows !== undefined && found.rows.length > 0 && (
          <Rows rows={found.rows} isMoving={isMoving(report.state)} />
        )}
        <More
          hasMore={found.hasNextPage}
          isLoading={found.isFetchingNextPage}
          onMore={() => {
            setPages(pages + 1);
            void found.fetchNextPage();
          }}
        />
      </Section>
    </div>
  );
}

/** By openid or the caller's own number: whatever begins with o and has 28 characters is an openid. */
function Find({ q }: { q: string }): ReactNode {
  const say = useWords(campaignsWords);
  const [text, setText] = useState(q);
  const find = (event: FormEvent): void => {
    event.preventDefault();
    navigate(withQuery({ q: text.trim() === '' ? null : text.trim() }), { replace: true });
  };
  return (
    <search>
      <form onSubmit={find}>
        <SearchField
          label={say('find')}
          value={text}
          onChange={setText}
          onClear={() => navigate(withQuery({ q: null }), { replace: true })}
        />
      </form>
    </search>
  );
}

/** As a file: for a spreadsheet program or for a program, beside the sheet's own columns where they were kept. */
function Export({ of: { id, hasColumns } }: { of: Report }): ReactNode {
  const say = useWords(campaignsWords);
  const columns = hasColumns ? '&withColumns=true' : '';
  const file = (format: string, more = ''): string =>
    `/v1/campaigns/${id}/export?format=${format}${columns}${more}`;
  const download = (href: string): void => {
    const link = document.createElement('a');
    link.href = href;
    link.download = '';
    link.click();
  };
  const about = say(hasColumns ? 'export.columns' : 'export.noColumns');
  return (
    <Menu
      label={say('export')}
      button={<Button icon="download">{say('export')}</Button>}
      entries={[
        { id: 'xlsx', name: say('export.xlsx'), about, onAction: () => download(file('xlsx')) },
        { id: 'csv', name: say('export.csv'), about, onAction: () => download(file('csv')) },
        { id: 'ndjson', name: say('export.ndjson'), about, onAction: () => download(file('ndjson')) },
      ]}
    />
  );
}

function Rows({ rows, isMoving }: { rows: Recipient[]; isMoving: boolean }): ReactNode {
  const say = useWords(campaignsWords);
  const why = useWhy();
  const hasRefs = rows.some(({ ref }) => ref !== null);
  // The same columns for the same rows: rows that were drawn are not drawn again with each page.
  const columns = useMemo<Column<Recipient>[]>(
    () => [
      { id: 'no', name: say('no'), align: 'right', isExtra: true, cell: ({ no }) => no },
      { id: 'openid', name: say('openid'), cell: ({ openid }) => <Copyable text={openid} isQuiet /> },
      ...(hasRefs
        ? [{ id: 'ref', name: say('ref'), isExtra: true, cell: ({ ref }: Recipient) => <code>{ref}</code> }]
        : []),
      {
        id: 'outcome',
        name: say('outcome'),
        cell: (row) => <Outcome name={outcomeOf(row, isMoving)} />,
      },
      {
        id: 'why',
        name: say('why'),
        isExtra: true,
        cell: (row) => <span className={css.small}>{why(row)}</span>,
      },
      {
        id: 'at',
        name: say('at'),
        isExtra: true,
        cell: ({ at }) => at !== null && <Time at={at} precision="second" />,
      },
    ],
    [say, why, hasRefs, isMoving],
  );
  return (
    <Table label={say('recipients')} isDense rows={rows} rowKey={({ no }) => String(no)} columns={columns} />
  );
}

/** With the receipt's word where there is one: accepted is WeChat's, delivered the receipt's. */
function outcomeOf({ outcome, receipt, reason }: Recipient, isMoving: boolean): OutcomeName {
  if (isMoving && outcome === 'unsent') return 'waiting';
  if (reason === 'dry_run') return 'dryRun';
  if (receipt === 'delivered' || receipt === 'blocked') return receipt;
  if (receipt?.startsWith('failed-')) return 'failed';
  return receipt === 'late' ? 'noReceipt' : outcome;
}
