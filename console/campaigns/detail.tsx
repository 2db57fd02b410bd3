import type { ReactNode } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { useRead } from '../parts/api.ts';
import { ButtonLink } from '../parts/button.tsx';
import { useErrcodes, useStandstill } from '../parts/errcodes.ts';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Bar, Loading, Notice } from '../parts/notice.tsx';
import { OutcomeSign } from '../parts/outcome.tsx';
import { Figure, Figures, Page, Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { formatTime, ZoneProvider } from '../parts/time.tsx';
import { Actions } from './actions.tsx';
import css from './campaigns.module.css';
import { Plan } from './plan.tsx';
import { Recipients } from './recipients.tsx';
import { Resend } from './resend.tsx';
import { CampaignState } from './state.tsx';
import {
  audienceName,
  duration,
  grouped,
  isMoving,
  type Report,
  type SayCampaign,
  waitName,
} from './words.ts';

/** While it moves; twice a second is more than anybody reads. */
const movingMs = 1_000;
const restingMs = 10_000;

/** Who confirmed or approved; a key is called one. */
function person(say: SayCampaign, who: string): string {
  return who.startsWith('key ') ? say('byKey', { name: who.slice('key '.length) }) : who;
}

export default function CampaignPage({ params }: { params: Record<string, string> }): ReactNode {
  const say = useWords(campaignsWords);
  const id = Number(params.id);
  const found = useRead('GET /v1/campaigns/{id}', { params: { id } }, { everyMs: movingMs });
  const report = found.data;
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
  return (
    <ZoneProvider zone={report.timeZone}>
      <Page
        title={title}
        about={
          <>
            <CampaignState of={report} /> {audienceName(say, report.audience)} · <code>{report.channel}</code>
            {report.confirmedBy !== null && (
              <> · {say('confirmedBy', { name: person(say, report.confirmedBy) })}</>
            )}
            {report.approvedBy !== null && (
              <> · {say('approvedBy', { name: person(say, report.approvedBy) })}</>
            )}
          </>
        }
        actions={<Actions of={report} />}
      >
        <Warnings of={report} />
        {(report.state === 'staging' || report.state === 'planning') && (
          <Notice>{say('plan.planning')}</Notice>
        )}
        {report.state === 'planned' && <Plan id={id} planned={report.counts.planned} />}
        {isSent && <Progress of={report} />}
        {isSent && <Reasons of={report} />}
        {isSent &&
          (report.prunedAt === null ? (
            <Recipients
              id={id}
              everyMs={isMoving(report.state) ? 5_000 : restingMs}
              stand={`${report.state} ${report.unsent} ${report.receipts.delivered}`}
              isMoving={isMoving(report.state)}
            />
          ) : (
            <Notice>{say('pruned')}</Notice>
          ))}
        {['done', 'cancelled', 'failed'].includes(report.state) && isSent && <Resend of={report} />}
      </Page>
    </ZoneProvider>
  );
}

function Warnings({ of: report }: { of: Report }): ReactNode {
  const say = useWords(campaignsWords);
  const standstill = useStandstill();
  const { waitsFor, reason, detail, state, dryRun, counts } = report;
  const until = waitsFor?.until;
  return (
    <>
      {state === 'running' && !report.isWorkedOn && <Notice tone="danger">{say('noWorker')}</Notice>}
      {waitsFor !== null && (
        <Notice tone="warn">
          {until == null
            ? say('waits', { what: waitName(say, waitsFor.what) })
            : say('waitsUntil', {
                what: waitName(say, waitsFor.what),
                time: formatTime(new Date(until), report.timeZone, 'minute'),
              })}
        </Notice>
      )}
      {dryRun && <Notice>{say('dryRunHint')}</Notice>}
      {reason !== null && state !== 'done' && !dryRun && (
        <Notice tone={state === 'failed' ? 'danger' : 'warn'}>
          {say('stopped', { reason: standstill({ reason, detail, invalid: counts.invalid }) })}
        </Notice>
      )}
      {report.maybeTwice > 0 && (
        <Notice tone="warn">{say('maybeTwice', { count: report.maybeTwice })}</Notice>
      )}
      {report.receipts.expected === 'callback' && report.accepted > 0 && (
        <Notice tone="warn">{say('noReceipts')}</Notice>
      )}
    </>
  );
}

function Progress({ of: report }: { of: Report }): ReactNode {
  const say = useWords(campaignsWords);
  const sayOutcome = useWords(partsWords);
  const { planned } = report.counts;
  const done = planned - report.unsent;
  const rate = report.messagesPerSecond;
  const { receipts } = report;
  const failed = receipts.failed.system + receipts.failed.frequency + receipts.failed.other;
  const figures = [
    ['accepted', report.accepted],
    ['delivered', receipts.delivered],
    ['blocked', receipts.blocked],
    ['failed', failed],
    ['noReceipt', receipts.waiting + receipts.late],
    ['rejected', report.rejected],
    ['unknown', report.unknown],
    ['held', report.held],
    ['unsent', report.unsent],
  ] as const;
  return (
    <>
      <div className={css.progress}>
        <Bar value={done} of={planned} label={say('progress')} />
        <div className={css.line}>
          <span>{say('settled', { done, planned })}</span>
          {report.state === 'running' && rate !== null && rate > 0 && (
            <span>
              {say('left', { time: duration(say, report.unsent / rate) })} ·{' '}
              {say('speed', { rate: Math.round(rate) })}
            </span>
          )}
        </div>
      </div>
      <Figures>
        {figures
          .filter(
            ([name, value]) =>
              value > 0 ||
              ['accepted', 'rejected', 'unsent'].includes(name) ||
              // Where no receipt can come, nobody knows how many it reached.
              (name === 'delivered' && receipts.expected !== 'callback'),
          )
          .map(([name, value]) => (
            <Figure
              key={name}
              name={
                <>
                  <OutcomeSign name={name} /> {sayOutcome(`outcome.${name}`)}
                </>
              }
              value={grouped(value)}
              about={
                name === 'delivered' && planned > 0 && receipts.expected !== 'callback'
                  ? say('share', { share: ((receipts.delivered / planned) * 100).toFixed(1) })
                  : undefined
              }
            />
          ))}
      </Figures>
    </>
  );
}

/** Outcomes by errcode, the commonest first, each with what to do. */
function Reasons({ of: { byErrcode } }: { of: Report }): ReactNode {
  const say = useWords(campaignsWords);
  const errcodes = useErrcodes();
  const rows = Object.entries(byErrcode).sort(([, one], [, other]) => other - one);
  if (rows.length === 0) return null;
  return (
    <Section title={say('reasons')} isFlush>
      <Table
        label={say('reasons')}
        rows={rows}
        rowKey={([errcode]) => errcode}
        columns={[
          { id: 'meaning', name: say('meaning'), cell: ([errcode]) => errcodes(Number(errcode)) },
          { id: 'count', name: say('count'), align: 'right', cell: ([, count]) => grouped(count) },
        ]}
      />
    </Section>
  );
}
