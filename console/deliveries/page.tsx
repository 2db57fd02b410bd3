import { type FormEvent, type ReactNode, useState } from 'react';
import { deliveriesWords } from '../../src/texts/console/deliveries.ts';
import { useList } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { DayField } from '../parts/date/date-field.tsx';
import { DeliveryTable } from '../parts/delivery/delivery-table.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { navigate, useSearch, withQuery } from '../parts/router.tsx';
import { Select } from '../parts/select.tsx';
import { More } from '../parts/table.tsx';
import { daysBetween, useZone } from '../parts/time.tsx';
import css from './deliveries.module.css';

const ways = ['auto', 'touser', 'ref', 'msgid', 'errcode'] as const;
type Way = (typeof ways)[number];

/** What somebody pasted: an openid has 28 characters and begins with o, a msgid is a long number. */
function recognise(text: string): Exclude<Way, 'auto'> {
  if (/^o[\w-]{27}$/.test(text)) return 'touser';
  if (/^\d{12,19}$/.test(text)) return 'msgid';
  return /^-?\d{1,9}$/.test(text) && Number(text) >= 40_000 && Number(text) < 100_000 ? 'errcode' : 'ref';
}

export default function DeliveriesPage(): ReactNode {
  const say = useWords(deliveriesWords);
  const search = useSearch();
  const zone = useZone();
  const [q, by, from, to] = ['q', 'by', 'from', 'to'].map((name) => search.get(name) ?? '');
  const way = ways.find((one) => one === by && one !== 'auto') ?? recognise(q ?? '');
  const query = {
    [way]: q,
    ...daysBetween(from ?? '', to ?? '', zone),
  };
  const found = useList('GET /v1/deliveries', { query }, { isOn: q !== '' });
  return (
    <Page title={say('title')} about={say('about')}>
      <SearchForm key={search.toString()} q={q ?? ''} by={by ?? ''} from={from ?? ''} to={to ?? ''} />
      <Failure error={found.error} onRetry={() => void found.refetch()} />
      <Section isFlush>
        {q === '' && <Empty title={say('start')}>{say('startHint')}</Empty>}
        {q !== '' && found.isPending && <Loading />}
        {found.rows?.length === 0 && <Empty title={say('nothing')}>{say('nothingHint')}</Empty>}
        {found.rows !== undefined && found.rows.length > 0 && <DeliveryTable rows={found.rows} />}
        <More
          hasMore={found.hasNextPage}
          isLoading={found.isFetchingNextPage}
          onMore={() => void found.fetchNextPage()}
        />
      </Section>
    </Page>
  );
}

function SearchForm(given: { q: string; by: string; from: string; to: string }): ReactNode {
  const say = useWords(deliveriesWords);
  const [text, setText] = useState(given);
  const set = (name: keyof typeof text) => (value: string) => setText({ ...text, [name]: value });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    navigate(withQuery({ ...text, q: text.q.trim(), by: text.by === 'auto' ? null : text.by }));
  };
  return (
    <form className={css.search} onSubmit={submit}>
      <Field label={say('find')} value={text.q} onChange={set('q')} mono autoFocus={given.q === ''} />
      <Select<Way>
        label={say('by')}
        value={ways.find((one) => one === text.by) ?? 'auto'}
        onChange={set('by')}
        options={ways.map((one) => ({ id: one, name: say(`by.${one}`) }))}
      />
      <DayField label={say('from')} value={text.from} onChange={set('from')} />
      <DayField label={say('to')} value={text.to} onChange={set('to')} />
      <Button type="submit" kind="primary" icon="search">
        {say('search')}
      </Button>
    </form>
  );
}
