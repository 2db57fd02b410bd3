import { type ReactNode, useRef, useState } from 'react';
import { Link } from 'react-aria-components';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { deliveriesWords } from '../../src/texts/console/deliveries.ts';
import { useRead } from '../parts/api.ts';
import { ButtonLink } from '../parts/button.tsx';
import { byWhom } from '../parts/campaign/by-whom.ts';
import { CampaignState } from '../parts/campaign/campaign-state.tsx';
import { type Activity, rateNow } from '../parts/campaign/pace.ts';
import { channelName } from '../parts/delivery/delivery.ts';
import type { OutcomeName } from '../parts/delivery/outcome.tsx';
import { useErrcodes, useStandstill } from '../parts/errcodes.ts';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { type Told, useLiveState, useTold } from '../parts/live.ts';
import { Bar, Loading, Notice } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { navigate, withQuery } from '../parts/router.tsx';
import { formatTime, ZoneProvider } from '../parts/time.tsx';
import { Actions } from './actions.tsx';
import { Aftermath } from './aftermath.tsx';
import css from './campaigns.module.css';
import { Funnel } from './funnel.tsx';
import { Pace, useActivity } from './pace.tsx';
import { Plan } from './plan.tsx';
import { Reasons } from './reasons.tsx';
import { Recipients } from './recipients.tsx';
import { Resend } from './resend.tsx';
import { audienceName, duration, isMoving, isOver, type Report, type SayCampaign } from './words.ts';

/** Without the stream; with it, what it does not tell of is read again more seldom: receipts and reasons. */
const movingMs = 2_000;
const restingMs = 10_000;
const liveMovingMs = 5_000;
const liveWaitingMs = 10_000;
const liveRestingMs = 60_000;
const countsMs = 1_000;
/** Recipients are many rows, and the figures above them tell that something goes on. */
const rowsMs = 5_000;

/** Messages a second that it may send: the account's rate, or its own where that is lower. */
function ceilingOf(report: Report, activity: Activity): number {
  return Math.min(activity.ratePerS, report.ratePerS ?? activity.ratePerS);
}

/** How often it is read again although the stream tells that something happened to it. */
function liveEvery(report: Report | undefined): number {
  if (report === undefined || isMoving(report.state)) return liveMovingMs;
  const { expected, waiting } = report.receipts;
  return expected === 'yes' && waiting > 0 ? liveWaitingMs : liveRestingMs;
}

export default function CampaignPage({ params }: { params: Record<string, string> }): ReactNode {
  const say = useWords(campaignsWords);
  const id = Number(params.id);
  const last = useRef<Report | undefined>(undefined);
  const counts = useLiveCounts(id);
  const isLive = useLiveState() === 'live';
  const found = useRead(
    'GET /v1/campaigns/{id}',
    { params: { id } },
    {
      everyMs: last.current === undefined || isMoving(last.current.state) ? movingMs : restingMs,
      // Its counts come with the stream; it is read again when something else of it changed.
      isConcerned: ({ campaigns }: Told) =>
        campaigns.some((one) => one.id === id && one.state !== last.current?.state),
      liveEveryMs: liveEvery(last.current),
    },
  );
  last.current = found.data;
  const report = found.data === undefined ? undefined : withCounts(found.data, counts);
  const isRunning = report?.state === 'running';
  const activity = useActivity(id, {
    isRunning,
    isOn: report !== undefined && report.startedAt !== null && report.prunedAt === null,
  });
  const recipients = useRef<HTMLDivElement>(null);
  const title = say('name', { id: String(id) });
  if (report === undefined) {
    return (
      <Page title={title} actions={<ButtonLink href="/campaigns">{say('title')}</ButtonLink>}>
        {found.isPending ? (
          <Loading rows={6} />
        ) : (
          <Failure error={found.error} onRetry={() => void found.refetch()} />
        )}
      </Page>
    );
  }
  const isSent = report.startedAt !== null;
  const show = (query: Record<string, string | null>): void => {
    navigate(withQuery({ outcome: null, errcode: null, q: null, ...query }), { replace: true });
    recipients.current?.scrollIntoView({ block: 'start' });
  };
  return (
    <ZoneProvider zone={report.timeZone}>
      <Page
        title={title}
        about={<About of={report} />}
        actions={<Actions of={report} ratePerS={activity?.ratePerS} />}
      >
        <Aftermath of={report} activity={activity} />
        <Warnings of={report} />
        {(report.state === 'staging' || report.state === 'planning') && (
          <Notice>{say('plan.planning')}</Notice>
        )}
        {report.state === 'planned' && <Plan id={id} />}
        {isSent && (
          <>
            <Progress of={report} activity={activity} />
            <Funnel of={report} onShow={(name: OutcomeName) => show({ outcome: name })} />
            {activity !== undefined && (
              <Pace activity={activity} ceiling={ceilingOf(report, activity)} isRunning={isRunning} />
            )}
            <Reasons of={report} onShow={(errcode) => show({ errcode: String(errcode) })} />
            {isOver(report.state) && <Resend of={report} />}
            {report.prunedAt === null ? (
              <Recipients
                of={report}
                everyMs={isMoving(report.state) || !isLive ? rowsMs : liveEvery(report)}
                at={recipients}
              />
            ) : (
              <Notice>{say('pruned')}</Notice>
            )}
          </>
        )}
      </Page>
    </ZoneProvider>
  );
}

type Counts = Told['campaigns'][number];

/** What the stream told of it last, a second apart at least. */
function useLiveCounts(id: number): Counts | null {
  const [counts, setCounts] = useState<Counts | null>(null);
  const shownAt = useRef(0);
  useTold(({ campaigns }) => {
    const told = campaigns.find((one) => one.id === id);
    if (told === undefined || performance.now() - shownAt.current < countsMs) return;
    shownAt.current = performance.now();
    setCounts(told);
  });
  return counts;
}

/** The report with newer counts, if they are newer: outcomes only grow while it runs. */
function withCounts(report: Report, counts: Counts | null): Report {
  if (counts === null || report.state !== 'running' || counts.state !== 'running') return report;
  const { accepted, rejected, unknown, held } = counts;
  const unsent = report.counts.planned - accepted - rejected - unknown - held;
  if (unsent > report.unsent) return report;
  const { receipts } = report;
  // Receipts are not told one by one: whoever was accepted since has none yet.
  const waiting = receipts.waiting + accepted - report.accepted;
  return { ...report, accepted, rejected, unknown, held, unsent, receipts: { ...receipts, waiting } };
}

function About({ of: report }: { of: Report }): ReactNode {
  const say = useWords(campaignsWords);
  const sayChannel = useWords(deliveriesWords);
  const { confirmedBy, approvedBy, linkedTo, startedAt, finishedAt, timeZone } = report;
  const at = (time: string): string => formatTime(new Date(time), timeZone, 'minute');
  return (
    <>
      <CampaignState of={report} /> {audienceName(say, report.audience)} ·{' '}
      {channelName(sayChannel, report.channel)}
      {confirmedBy !== null && <> · {say('confirmedBy', { name: byWhom(say, confirmedBy) })}</>}
      {approvedBy !== null && <> · {say('approvedBy', { name: byWhom(say, approvedBy) })}</>}
      {startedAt !== null && <> · {say('startedAt', { time: at(startedAt) })}</>}
      {finishedAt !== null && <> · {say('finishedAt', { time: at(finishedAt) })}</>}
      {linkedTo !== null && (
        <>
          {' '}
          · <Link href={`/campaigns/${linkedTo}`}>{say('linkedTo', { id: String(linkedTo) })}</Link>
        </>
      )}
    </>
  );
}

function Warnings({ of: report }: { of: Report }): ReactNode {
  const say = useWords(campaignsWords);
  const errcodes = useErrcodes();
  const standstill = useStandstill();
  const { waitsFor, reason, detail, state, dryRun, counts } = report;
  const until = waitsFor?.until;
  return (
    <>
      {waitsFor !== null && (
        <Notice tone="warn">
          {waitText(say, waitsFor, errcodes)}
          {until != null &&
            ` ${say('wait.until', { time: formatTime(new Date(until), report.timeZone, 'minute') })}`}
        </Notice>
      )}
      {dryRun && <Notice>{say('dryRunHint')}</Notice>}
      {reason !== null && state !== 'done' && reason !== 'operator' && !dryRun && (
        <Notice tone={state === 'failed' ? 'danger' : 'warn'}>
          {say(state === 'paused' ? 'pausedBecause' : 'stopped', {
            reason: standstill({ reason, detail, invalid: counts.invalid }),
          })}
        </Notice>
      )}
      {report.maybeTwice > 0 && (
        <Notice tone="warn">{say('maybeTwice', { count: report.maybeTwice })}</Notice>
      )}
      {report.state === 'running' && report.receipts.share < 1 && (
        <Notice tone="warn">
          {say('share', { percent: Math.max(1, Math.floor(report.receipts.share * 100)) })}
        </Notice>
      )}
    </>
  );
}

/** What a running campaign waits for, in words; the code itself of a newer server's. */
function waitText(
  say: SayCampaign,
  { what, errcode, held = 0, of = 0 }: NonNullable<Report['waitsFor']>,
  errcodes: (errcode: number) => string,
): string {
  if (errcode !== undefined) return errcodes(errcode);
  switch (what) {
    case 'canary-held':
      return say('wait.canary-held', { held, of });
    case 'account':
    case 'start':
    case 'quiet':
    case 'canary':
    case 'quota':
    case 'reserve':
    case 'minute':
    case 'ip':
    case 'circuit':
      return say(`wait.${what}`);
    default:
      return say('waits', { what });
  }
}

function Progress({ of: report, activity }: { of: Report; activity: Activity | undefined }): ReactNode {
  const say = useWords(campaignsWords);
  const { planned } = report.counts;
  const done = planned - report.unsent;
  const rate = rateNow(activity) ?? report.messagesPerSecond;
  return (
    <div className={css.progress}>
      <Bar value={done} of={planned} label={say('progress')} />
      <div className={css.line}>
        <span>{say('settled', { done, planned })}</span>
        {report.state === 'running' && rate !== null && rate > 0 && (
          <span>
            {say('left', { time: duration(say, report.unsent / rate) })} ·{' '}
            {activity === undefined
              ? say('speed', { rate: Math.round(rate) })
              : say('speedOf', { rate: Math.round(rate), limit: ceilingOf(report, activity) })}
          </span>
        )}
      </div>
    </div>
  );
}
