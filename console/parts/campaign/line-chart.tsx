import { type ReactNode, useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { partsWords } from '../../../src/texts/console/parts.ts';
import { useWords } from '../language.tsx';
import { Table } from '../table.tsx';
import { formatTime, useZone } from '../time.tsx';
import css from './line-chart.module.css';

export interface Line {
  name: string;
  unit: string;
  tone: 'accent' | 'warn';
  /** One for each of the times; null where nothing is known. */
  values: readonly (number | null)[];
  digits?: number;
}

const height = 180;
/** Rows of the table: what a person reads, not each point. */
const tableRows = 20;

/** One or two lines over time, each with an axis of its own, and the same as a table for whoever does not see them. */
export function LineChart({
  label,
  times,
  lines,
  hasLatest = true,
}: {
  label: string;
  /** Says the last value of each line: what holds now, and nothing of what is over. */
  hasLatest?: boolean;
  /** Unix seconds, ascending. */
  times: readonly number[];
  lines: readonly Line[];
}): ReactNode {
  const say = useWords(partsWords);
  const zone = useZone();
  const [isTable, setTable] = useState(false);
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shape = lines.map(({ name, unit, tone }) => `${name} ${unit} ${tone}`).join('|');
  const data = [times, ...lines.map(({ values }) => values)] as uPlot.AlignedData; // uPlot changes none of them
  const latest = useRef({ data, lines });
  latest.current = { data, lines };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is made anew when its lines are others, not with each point
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const made = new uPlot(optionsOf(latest.current.lines, zone, element), latest.current.data, element);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    const repaint = (): void => made.redraw(false);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', repaint);
    const themed = new MutationObserver(repaint);
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      dark.removeEventListener('change', repaint);
      themed.disconnect();
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, zone]);
  useEffect(() => plot.current?.setData(data), [data]);
  const every = Math.max(1, Math.ceil(times.length / tableRows));
  const rows = times.map((at, index) => ({ at, index })).filter(({ index }) => index % every === 0);
  return (
    <figure className={css.chart}>
      <figcaption className={css.legend}>
        {lines.map(({ name, unit, tone, values, digits = 0 }) => {
          const last = values.findLast((value) => value !== null);
          return (
            <span key={name} className={css.line}>
              <span className={`${css.stroke} ${css[tone]}`} />
              {name}
              {hasLatest && last != null && (
                <strong>
                  {last.toFixed(digits)} {unit}
                </strong>
              )}
            </span>
          );
        })}
      </figcaption>
      <div ref={host} className={css.plot} role="img" aria-label={label} />
      <details className={css.table} onToggle={(event) => setTable(event.currentTarget.open)}>
        <summary>{say('asTable')}</summary>
        {isTable && (
          <Table
            label={label}
            isDense
            rows={rows}
            rowKey={({ at }) => String(at)}
            columns={[
              {
                id: 'at',
                name: say('time'),
                cell: ({ at }) => formatTime(new Date(at * 1000), zone, 'second'),
              },
              ...lines.map(({ name, unit, values, digits = 0 }) => ({
                id: name,
                name: `${name} (${unit})`,
                align: 'right' as const,
                cell: ({ index }: { at: number; index: number }) => values[index]?.toFixed(digits) ?? '–',
              })),
            ]}
          />
        )}
      </details>
    </figure>
  );
}

/** A canvas knows no variables: what a token is just now is asked of the page. */
function colour(element: HTMLElement, token: string): string {
  element.style.color = `var(--${token})`;
  const found = getComputedStyle(element).color;
  element.style.removeProperty('color');
  return found;
}

/** Between two times of the axis, seconds: of parts of one the same time would be written twice. */
const wholeSeconds = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
];

function optionsOf(lines: readonly Line[], zone: string, element: HTMLElement): uPlot.Options {
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const axis = {
    font,
    stroke: () => colour(element, 'ink-2'),
    ticks: { show: false },
    grid: { stroke: () => colour(element, 'line'), width: 1 },
  };
  return {
    width: element.clientWidth,
    height,
    // Half of the last time stands beyond the line.
    padding: [12, lines.length > 1 ? 0 : 32, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), zone),
    scales: Object.fromEntries([
      ['x', { time: true }],
      ...lines.map(({ name }) => [name, { range: (_: uPlot, __: number, most: number) => [0, top(most)] }]),
    ]),
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 80,
        incrs: wholeSeconds,
        size: 32,
        gap: 10,
        values: (_, splits) => clocks(splits, zone),
      },
      // The colour says whose axis it is, and the legend above has the unit.
      ...lines.map(({ name, tone }, index) => ({
        ...axis,
        stroke: () => colour(element, lines.length > 1 ? tone : 'ink-2'),
        scale: name,
        side: index === 0 ? 3 : 1,
        size: 48,
        ...(index === 0 ? {} : { grid: { show: false } }),
        values: (_: uPlot, splits: number[]) => splits.map((value) => value.toLocaleString('en-US')),
      })),
    ],
    series: [
      {},
      ...lines.map(({ name, tone }) => ({
        scale: name,
        width: 2,
        stroke: () => colour(element, tone),
        points: { show: false },
        spanGaps: false,
      })),
    ],
  };
}

/** Some room above, and never an axis of nothing. */
function top(most: number): number {
  return most > 0 ? most * 1.15 : 1;
}

/** `09:12:30` where they are close, `09:12` else, with the day where it changes. */
function clocks(splits: readonly number[], zone: string): string[] {
  const [first = 0, second = 60] = splits;
  const isClose = second - first < 60;
  let day = '';
  return splits.map((at) => {
    const text = formatTime(new Date(at * 1000), zone, 'second');
    const isNewDay = day !== '' && text.slice(0, 10) !== day;
    day = text.slice(0, 10);
    return isNewDay ? text.slice(5, 10) : text.slice(11, isClose ? 19 : 16);
  });
}
