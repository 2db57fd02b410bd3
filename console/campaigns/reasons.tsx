import type { ReactNode } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { Button } from '../parts/button.tsx';
import { Outcome, type OutcomeName } from '../parts/delivery/outcome.tsx';
import { useErrcodeTable, useWhy } from '../parts/errcodes.ts';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import css from './campaigns.module.css';
import { grouped, type Report } from './words.ts';

interface Row {
  outcome: OutcomeName;
  /** An errcode, or our word for what happened. */
  reason: string;
  count: number;
}

/** Why not, the commonest first: WeChat's words, what they mean, what to do, and who it is. */
export function Reasons({
  of: { byErrcode, byUnknown, byUnsent },
  onShow,
}: {
  of: Report;
  onShow(errcode: number): void;
}): ReactNode {
  const say = useWords(campaignsWords);
  const errcode = useErrcodeTable();
  const why = useWhy();
  const rows: Row[] = [
    ...rowsOf('rejected', byErrcode),
    ...rowsOf('unknown', byUnknown),
    // Whose turn has not come needs no reason.
    ...rowsOf('unsent', byUnsent).filter(({ reason }) => reason !== 'not-started'),
  ].sort((one, other) => other.count - one.count);
  if (rows.length === 0) return null;
  return (
    <Section title={say('reasons')} isFlush>
      <Table
        label={say('reasons')}
        rows={rows}
        rowKey={({ outcome, reason }) => `${outcome} ${reason}`}
        columns={[
          {
            id: 'code',
            name: say('errcode'),
            isExtra: true,
            cell: ({ outcome, reason }) => (
              <span className={css.code}>
                <Outcome name={outcome} /> {isNumber(reason) && <code>{reason}</code>}
              </span>
            ),
          },
          {
            id: 'meaning',
            name: say('meaning'),
            cell: ({ reason }) => {
              const known = isNumber(reason) ? errcode(Number(reason)) : undefined;
              return (
                <>
                  {isNumber(reason) && (
                    <span className={css.narrow}>
                      <code>{reason}</code>{' '}
                    </span>
                  )}
                  {known?.meaning ?? why({ errcode: null, reason })}
                  {known !== undefined && known.errmsg !== '' && (
                    <div className={css.small}>{known.errmsg}</div>
                  )}
                </>
              );
            },
          },
          { id: 'count', name: say('count'), align: 'right', cell: ({ count }) => grouped(count) },
          {
            id: 'who',
            name: '',
            align: 'right',
            cell: ({ reason }) =>
              isNumber(reason) && (
                <Button
                  kind="quiet"
                  aria-label={say('whoOf', { errcode: reason })}
                  onPress={() => onShow(Number(reason))}
                >
                  {say('who')}
                </Button>
              ),
          },
        ]}
      />
    </Section>
  );
}

function rowsOf(outcome: OutcomeName, by: Record<string, number>): Row[] {
  return Object.entries(by).map(([reason, count]) => ({ outcome, reason, count }));
}

const isNumber = (reason: string): boolean => /^-?\d+$/.test(reason);
