import { type ReactNode, useEffect, useState } from 'react';
import { checksWords, confirmWords } from '../../src/texts/console/checks.ts';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { type Account, accountName } from '../parts/account.tsx';
import { useChange, useRead } from '../parts/api.ts';
import { durationOf, type Planned } from '../parts/campaign/checks.tsx';
import { Confirm, TypeNumber } from '../parts/campaign/confirm.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import type { Template } from '../parts/message/field-rule.ts';
import { Copyable, Loading, Notice } from '../parts/notice.tsx';
import { Facts, Section } from '../parts/page.tsx';
import { navigate } from '../parts/router.tsx';
import { useMay } from '../parts/session.ts';
import { formatTime, useZone } from '../parts/time.tsx';
import { toast } from '../parts/toast.tsx';
import { PlanTrouble, usePlanned } from './checks-step.tsx';
import type { Draft } from './draft.ts';
import type { KeptDraft } from './kept-draft.ts';
import css from './new-campaign.module.css';
import { minutesOf } from './steps.ts';
import type { PlanView } from './use-plan.ts';
import { useWhenName } from './words.ts';

/** What was decided in the steps before. */
interface Decided {
  account: Account;
  template: Template;
  draft: Draft;
  isTested: boolean;
  audience: string;
}

/** What, to whom, when; then the number is typed. A schedule is made of the same, and asks for the number of today. */
export function ConfirmStep({
  keeping,
  plan,
  ...decided
}: Decided & { keeping: KeptDraft; plan: PlanView }): ReactNode {
  const { draft } = decided;
  const say = useWords(newCampaignWords);
  const sayConfirm = useWords(confirmWords);
  const may = useMay();
  // A schedule has a plan of its own at each run: the time that was chosen since changes nothing of this one.
  const isSchedule = draft.when === 'cron';
  usePlanned(plan, isSchedule ? plan.isChecked : plan.isCurrent || !keeping.isKept);
  const seen = useSeen(plan, keeping);
  const ready = isSchedule || plan.isCurrent ? plan.plan : undefined;
  const now = ready?.campaign.counts.planned;
  return (
    <>
      <PlanTrouble plan={plan} />
      {ready === undefined || now === undefined ? (
        plan.isPlanning && (
          <Section>
            <p role="status">{say('replanning')}</p>
            <Loading rows={4} />
          </Section>
        )
      ) : (
        <Section>
          <Summary {...decided} plan={ready} />
          {seen !== null && seen !== now && (
            <Notice tone="warn" title={sayConfirm('changed')}>
              {sayConfirm('changedNumber', {
                before: seen.toLocaleString('en-US'),
                now: now.toLocaleString('en-US'),
              })}
            </Notice>
          )}
          {now === 0 ? (
            <Notice tone="danger">{say('missing.nobody')}</Notice>
          ) : isSchedule ? (
            <MakeSchedule draft={draft} keeping={keeping} planned={now} />
          ) : (
            <Confirm
              key={ready.planHash}
              id={ready.campaign.id}
              planned={now}
              planHash={ready.planHash}
              onLookAgain={plan.lookAgain}
              onDone={() => navigate(`/campaigns/${ready.campaign.id}`)}
            />
          )}
          {!may('campaign.send') && (
            <p>
              {say('handOver')} <Copyable text={`${location.origin}/campaigns/${ready.campaign.id}`} />
            </p>
          )}
        </Section>
      )}
    </>
  );
}

/** How many it was when somebody came here; null: nobody has seen a number. */
function useSeen(plan: PlanView, { planned }: KeptDraft): number | null {
  const count = plan.plan?.campaign.counts.planned ?? null;
  const campaign = planned?.campaign ?? null;
  const [first, setFirst] = useState<{ campaign: number | null; count: number } | null>(null);
  useEffect(() => {
    if (first === null && count !== null) setFirst({ campaign, count });
  }, [first, count, campaign]);
  return first === null || first.campaign === campaign ? null : first.count;
}

function Summary({
  account,
  template,
  draft,
  plan,
  isTested,
  audience,
}: Decided & { plan: Planned }): ReactNode {
  const say = useWords(newCampaignWords);
  const sayCheck = useWords(checksWords);
  const zone = useZone();
  const when = useWhenName(draft);
  const next = useRead(
    'GET /v1/accounts/{appid}/schedule-times',
    { params: { appid: account.appid }, query: { cron: draft.cron } },
    { isOn: draft.when === 'cron' },
  ).data?.runs[0];
  const { quietHours } = account;
  return (
    <div className={css.summary}>
      <Facts
        rows={[
          [say('sum.account'), accountName(account)],
          [say('sum.template'), template.title],
          [say('sum.audience'), audience],
          [
            say('sum.planned'),
            say('people', { count: plan.campaign.counts.planned.toLocaleString('en-US') }),
          ],
          [say('sum.time'), draft.when === 'now' ? when : `${when} ${zone}`],
          draft.when === 'cron'
            ? [say('sum.next'), next === undefined ? '–' : formatTime(new Date(next), zone, 'minute')]
            : [
                say('sum.until'),
                draft.validUntil === '' ? say('sixHours') : draft.validUntil.replace('T', ' '),
              ],
          [say('sum.duration'), durationOf(sayCheck, plan.seconds)],
          quietHours === null ? null : [say('sum.quiet'), `${quietHours.from} – ${quietHours.to}`],
          [say('sum.test'), say(isTested ? 'tested' : 'untested')],
        ]}
      />
    </div>
  );
}

function MakeSchedule({
  draft,
  keeping,
  planned,
}: {
  draft: Draft;
  keeping: KeptDraft;
  planned: number;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const sayConfirm = useWords(confirmWords);
  const may = useMay();
  const [isMaking, setMaking] = useState(false);
  const [unkept, setUnkept] = useState<unknown>(null);
  const schedule = useChange('POST /v1/drafts/{id}/schedule', {
    rereads: ['GET /v1/schedules', 'GET /v1/drafts'],
    onDone() {
      toast(say('scheduled'));
      navigate('/schedules');
    },
  });
  const make = async (): Promise<void> => {
    setMaking(true);
    try {
      const { id, revision } = await keeping.settled();
      const { cron, sync } = draft;
      const body = { revision, cron, sync, validMinutes: minutesOf(draft) ?? 60 };
      schedule.mutate({ params: { id }, body });
    } catch (thrown) {
      setUnkept(thrown);
    } finally {
      setMaking(false);
    }
  };
  if (!may('campaign.send')) return <Notice>{sayConfirm('maySend')}</Notice>;
  return (
    <>
      <Notice>{say('scheduleNumber', { planned })}</Notice>
      <TypeNumber
        planned={planned}
        button={say('schedule')}
        isPending={isMaking || schedule.isPending}
        onConfirm={() => void make()}
      />
      <Failure error={schedule.error ?? unkept} />
    </>
  );
}
