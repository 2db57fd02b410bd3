import type { ReactNode } from 'react';
import { Link } from 'react-aria-components';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { Icon } from '../parts/icon.tsx';
import { useWords } from '../parts/language.tsx';
import { withQuery } from '../parts/router.tsx';
import css from './rail.module.css';
import { type StepId, stepIds } from './steps.ts';

/** Where one is, what was chosen so far, and where one may go. Below 1,100 px it is a line of numbers. */
export function Rail({
  at,
  furthest,
  seen,
  chosen,
  unchosen,
}: {
  at: StepId;
  /** Every step up to it can be opened. */
  furthest: StepId;
  /** The last one that was opened: those before it were passed. */
  seen: StepId;
  /** In a few words. */
  chosen: Partial<Record<StepId, string>>;
  /** Steps that hold what nobody has chosen: nothing is said of them before they were passed. */
  unchosen: readonly StepId[];
}): ReactNode {
  const say = useWords(newCampaignWords);
  const last = stepIds.indexOf(furthest);
  const now = stepIds.indexOf(at);
  const passed = stepIds.indexOf(seen);
  return (
    <nav aria-label={say('steps')} className={css.rail}>
      <ol className={css.steps}>
        {stepIds.map((id, index) => {
          const isDone = index < Math.min(last, passed) && index !== now;
          const inside = (
            <>
              <span className={css.number}>{isDone ? <Icon name="check" /> : index + 1}</span>
              <span className={css.names}>
                <span className={css.name}>{say(`step.${id}`)}</span>
                {chosen[id] !== undefined && (index <= Math.min(last, passed) || !unchosen.includes(id)) && (
                  <span className={css.chosen}>{chosen[id]}</span>
                )}
              </span>
            </>
          );
          const state = id === at ? css.at : isDone ? css.done : index > last ? css.later : '';
          return (
            <li key={id} className={`${css.step} ${state}`} aria-current={id === at ? 'step' : undefined}>
              {index <= last && id !== at ? (
                <Link href={withQuery({ step: id })} className={css.inside ?? ''}>
                  {inside}
                </Link>
              ) : (
                <span className={css.inside}>{inside}</span>
              )}
            </li>
          );
        })}
      </ol>
      <p className={css.where} aria-hidden="true">
        {say('where', { n: now + 1, of: stepIds.length, name: say(`step.${at}`) })}
      </p>
    </nav>
  );
}
