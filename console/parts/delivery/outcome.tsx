import type { ReactNode } from 'react';
import { partsWords } from '../../../src/texts/console/parts.ts';
import { useWords } from '../language.tsx';
import css from './outcome.module.css';

export type OutcomeName =
  | 'accepted'
  | 'delivered'
  | 'rejected'
  | 'unknown'
  | 'held'
  | 'unsent'
  | 'dryRun'
  | 'blocked'
  | 'failed'
  | 'noReceipt'
  | 'receiptDue'
  | 'waiting';

/** A word, a shape and a colour: never a colour alone. */
const shapes: Record<OutcomeName, { path: string; isFilled?: boolean; tone: string }> = {
  accepted: { path: 'M8 13A5 5 0 1 0 8 3a5 5 0 0 0 0 10z', tone: 'info' },
  delivered: { path: 'M8 13A5 5 0 1 0 8 3a5 5 0 0 0 0 10z', isFilled: true, tone: 'accent' },
  rejected: { path: 'M4 4l8 8M12 4l-8 8', tone: 'danger' },
  blocked: { path: 'M8 13A5 5 0 1 0 8 3a5 5 0 0 0 0 10zM4.500 11.500l7-7', tone: 'danger' },
  failed: { path: 'M8 3v6.500M8 12.500v.01', tone: 'danger' },
  unknown: { path: 'M5.500 6a2.500 2.500 0 1 1 3.600 2.300C8.400 8.700 8 9.200 8 10M8 13v.01', tone: 'warn' },
  waiting: { path: 'M8 13A5 5 0 1 0 8 3a5 5 0 0 0 0 10zM8 5.500V8l2 1.500', tone: 'warn' },
  held: {
    path: 'M4.500 2.500h7M4.500 13.500h7M5.500 2.500c0 3 5 4 5 5.500s-5 2.500-5 5.500M10.500 2.500c0 3-5 4-5 5.500s5 2.500 5 5.500',
    tone: 'held',
  },
  receiptDue: { path: 'M8 13A5 5 0 1 0 8 3a5 5 0 0 0 0 10zM8 5.500V8l2 1.500', tone: 'ink2' },
  noReceipt: { path: 'M3.500 8h2M7 8h2M10.500 8h2', tone: 'ink2' },
  dryRun: { path: 'M4 8h2M7 8h2M10 8h2', tone: 'ink2' },
  unsent: { path: 'M4 8h8', tone: 'ink2' },
};

/** The sign of an outcome without its word, where the word stands beside it anyway. */
export function OutcomeSign({ name }: { name: OutcomeName }): ReactNode {
  const { path, isFilled = false, tone } = shapes[name];
  return (
    <svg
      className={`${css.sign} ${css[tone]} ${isFilled ? css.filled : ''}`}
      viewBox="0 0 16 16"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  );
}

export function Outcome({ name }: { name: OutcomeName }): ReactNode {
  const say = useWords(partsWords);
  return (
    <span className={`${css.outcome} ${css[shapes[name].tone]}`}>
      <OutcomeSign name={name} />
      {say(`outcome.${name}`)}
    </span>
  );
}

/** How something stands that is not a message: a word and a dot. */
export function Tag({
  tone = 'plain',
  children,
}: {
  tone?: 'plain' | 'good' | 'busy' | 'warn' | 'bad';
  children: ReactNode;
}): ReactNode {
  return <span className={`${css.tag} ${css[`tag-${tone}`]}`}>{children}</span>;
}
