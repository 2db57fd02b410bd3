import { memo, type ReactNode } from 'react';
import { partsWords } from '../../src/texts/console/parts.ts';
import { Button } from './button.tsx';
import { useWords } from './language.tsx';
import css from './table.module.css';

export interface Column<Row> {
  id: string;
  name: string;
  cell(row: Row): ReactNode;
  /** Numbers stand right. */
  align?: 'right';
  /** Not shown under 700 px. */
  isExtra?: boolean;
  width?: string;
}

/** Rows of one kind. `label` names the table for screen readers; a row that opens something is a link in its first cell. */
export function Table<Row>({
  label,
  columns,
  rows,
  rowKey,
  isDense = false,
}: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  isDense?: boolean;
}): ReactNode {
  return (
    // Wide tables move inside their frame, and by keyboard only if the frame takes the focus.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section className={css.frame} tabIndex={0} aria-label={label}>
      <table className={`${css.table} ${isDense ? css.dense : ''}`}>
        <thead>
          <tr>
            {columns.map(({ id, name, align, isExtra, width }) => (
              <th
                key={id}
                scope="col"
                className={classes(align, isExtra)}
                style={width === undefined ? {} : { width }}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={rowKey(row)} row={row} columns={columns as readonly Column<unknown>[]} />
          ))}
          {/* Columns and rows are of one kind, as the props above say. */}
        </tbody>
      </table>
    </section>
  );
}

/** Drawn again when it or its columns are others; a page with many rows keeps its columns. */
const Row = memo(function Row({
  row,
  columns,
}: {
  row: unknown;
  columns: readonly Column<unknown>[];
}): ReactNode {
  return (
    <tr>
      {columns.map(({ id, name, cell, align, isExtra }) => (
        // On a telephone a row is a block, and each cell says of which column it is.
        <td key={id} className={classes(align, isExtra)} data-column={name}>
          {cell(row)}
        </td>
      ))}
    </tr>
  );
});

function classes(align: 'right' | undefined, isExtra = false): string {
  return `${align === 'right' ? css.right : ''} ${isExtra ? css.extra : ''}`;
}

/** Loads what follows. Lists go on by a key, so there is no number of pages to jump to. */
export function More({
  hasMore,
  isLoading,
  onMore,
}: {
  hasMore: boolean;
  isLoading: boolean;
  onMore(): void;
}): ReactNode {
  const say = useWords(partsWords);
  if (!hasMore) return null;
  return (
    <div className={css.more}>
      <Button kind="quiet" isPending={isLoading} onPress={onMore}>
        {say('more')}
      </Button>
    </div>
  );
}
