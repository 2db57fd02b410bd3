import type { ReactNode } from 'react';
import { overviewWords } from '../../src/texts/console/overview.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { useAccounts } from '../parts/account.tsx';
import { type AnswerOf, useRead } from '../parts/api.ts';
import { OutcomeSign } from '../parts/delivery/outcome.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Loading } from '../parts/notice.tsx';
import { Figure, Figures, Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { formatTime } from '../parts/time.tsx';
import css from './overview.module.css';

type Stat = AnswerOf<'GET /v1/stats'>['data'][number];

const days = 30;
const everyMs = 60_000;
const outcomes = ['accepted', 'rejected', 'unknown', 'held', 'unsent'] as const;
type Outcome = (typeof outcomes)[number];
type Sums = Record<Outcome, number>;

function useStats() {
  return useRead('GET /v1/stats', { query: { days } }, { everyMs });
}

function sum(stats: readonly Stat[]): Sums {
  const total: Sums = { accepted: 0, rejected: 0, unknown: 0, held: 0, unsent: 0 };
  for (const stat of stats) for (const name of outcomes) total[name] += stat[name];
  return total;
}

/** Each account's own today, by outcome. */
export function Today(): ReactNode {
  const say = useWords(overviewWords);
  const sayPart = useWords(partsWords);
  const { all } = useAccounts();
  const found = useStats();
  if (found.data === undefined) return null;
  const now = new Date();
  const todays = new Map(all.map(({ appid, timeZone }) => [appid, formatTime(now, timeZone, 'day')]));
  const today = sum(found.data.data.filter(({ appid, day }) => todays.get(appid) === day));
  return (
    <section aria-label={say('today')}>
      <h2 className={css.heading}>{say('today')}</h2>
      <Figures>
        {outcomes
          .filter((name) => name !== 'held' || today.held > 0)
          .map((name) => (
            <Figure
              key={name}
              name={
                <>
                  <OutcomeSign name={name} /> {sayPart(`outcome.${name}`)}
                </>
              }
              value={today[name].toLocaleString('en-US')}
            />
          ))}
      </Figures>
    </section>
  );
}

/** A bar a day, what went well below, the rest on top of it; the same as a table. */
export function Month(): ReactNode {
  const say = useWords(overviewWords);
  const found = useStats();
  return (
    <Section title={say('month')} about={say('monthHint')}>
      <Failure error={found.error} onRetry={() => void found.refetch()} />
      {found.isPending && <Loading rows={4} />}
      {found.data !== undefined && <Bars stats={found.data.data} />}
    </Section>
  );
}

const height = 120;
const width = 20;

function Bars({ stats }: { stats: readonly Stat[] }): ReactNode {
  const say = useWords(overviewWords);
  const sayPart = useWords(partsWords);
  const { current } = useAccounts();
  const zone = current?.timeZone ?? 'Asia/Shanghai';
  const names = Array.from({ length: days }, (_, back) =>
    formatTime(new Date(Date.now() - (days - 1 - back) * 86_400_000), zone, 'day'),
  );
  const rows = names.map((day) => ({ day, ...sum(stats.filter((one) => one.day === day)) }));
  const total = (row: Sums): number => outcomes.reduce((all, name) => all + row[name], 0);
  const top = Math.max(...rows.map(total));
  if (top === 0) return <p className={css.quiet}>{say('monthEmpty')}</p>;
  return (
    <>
      <div className={css.chart}>
        <div className={css.scale} aria-hidden="true">
          <span>{top.toLocaleString('en-US')}</span>
          <span>0</span>
        </div>
        <svg
          className={css.bars}
          viewBox={`0 0 ${days * width} ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={say('month')}
        >
          {rows.map((row, index) => {
            let y = height;
            return outcomes.map((name) => {
              const size = (row[name] / top) * height;
              y -= size;
              return size === 0 ? null : (
                <rect
                  key={`${row.day} ${name}`}
                  className={css[name]}
                  x={index * width + 3}
                  y={y}
                  width={width - 6}
                  height={Math.max(size, 1)}
                >
                  <title>{`${row.day} · ${sayPart(`outcome.${name}`)} ${row[name].toLocaleString('en-US')}`}</title>
                </rect>
              );
            });
          })}
        </svg>
        <div className={css.days} aria-hidden="true">
          <span>{names[0]?.slice(5)}</span>
          <span>{names[Math.floor(days / 2)]?.slice(5)}</span>
          <span>{names.at(-1)?.slice(5)}</span>
        </div>
      </div>
      <ul className={css.legend}>
        {outcomes.map((name) => (
          <li key={name}>
            <span className={`${css.swatch} ${css[name]}`} /> {sayPart(`outcome.${name}`)}
          </li>
        ))}
      </ul>
      <details className={css.table}>
        <summary>{sayPart('asTable')}</summary>
        <Table
          label={say('month')}
          isDense
          rows={rows.filter((row) => total(row) > 0).reverse()}
          rowKey={({ day }) => day}
          columns={[
            { id: 'day', name: say('day'), cell: ({ day }) => day },
            ...outcomes.map((name) => ({
              id: name,
              name: sayPart(`outcome.${name}`),
              align: 'right' as const,
              cell: (row: Sums & { day: string }) => row[name].toLocaleString('en-US'),
            })),
          ]}
        />
      </details>
    </>
  );
}
