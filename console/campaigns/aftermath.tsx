import type { ReactNode } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import type { Activity } from '../parts/campaign/pace.ts';
import { useWords } from '../parts/language.tsx';
import { Notice } from '../parts/notice.tsx';
import css from './campaigns.module.css';
import { isOver, type Report } from './words.ts';

/**
 * What goes on with whom while nobody sends, or after a process ended in the middle: who has an answer, who was under way, who
 * was never touched, and what comes next for each.
 */
export function Aftermath({
  of: report,
  activity,
}: {
  of: Report;
  activity: Activity | undefined;
}): ReactNode {
  const say = useWords(campaignsWords);
  const open = (activity?.underWay ?? 0) + (activity?.inDoubt ?? 0);
  const settled = report.counts.planned - report.unsent;
  const crashed = report.byUnknown.crash ?? 0;
  const isKeyed = report.channel === 'oa-template';
  if (report.state === 'running' && !report.isWorkedOn) {
    return (
      <Notice tone="danger" title={say('noWorker')}>
        <ul className={css.list}>
          <li>{say('after.settled', { count: settled })}</li>
          {open > 0 && <li>{say(isKeyed ? 'after.openKeyed' : 'after.open', { count: open })}</li>}
          <li>{say('after.untouched', { count: Math.max(0, report.unsent - open) })}</li>
        </ul>
        {say('after.next')}
      </Notice>
    );
  }
  if (activity !== undefined && activity.inDoubt > 0 && !isOver(report.state)) {
    return (
      <Notice tone="warn" title={say('after.interrupted')}>
        {say(isKeyed ? 'after.openKeyed' : 'after.open', { count: activity.inDoubt })}
      </Notice>
    );
  }
  if (crashed > 0 && isOver(report.state))
    return <Notice tone="warn">{say('after.unknown', { count: crashed })}</Notice>;
  return null;
}
