import { type ReactNode, useEffect, useRef } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { Button } from '../parts/button.tsx';
import { isProblem } from '../parts/call.ts';
import { Checks } from '../parts/campaign/checks.tsx';
import { useStandstill } from '../parts/errcodes.ts';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Loading, Notice } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import type { PlanView } from './use-plan.ts';

/** The plan is made when the step is opened, once; what is looked at is the server's word. */
export function ChecksStep({ plan }: { plan: PlanView }): ReactNode {
  const say = useWords(newCampaignWords);
  usePlanned(plan, plan.isChecked);
  return (
    <>
      <PlanTrouble plan={plan} />
      {plan.warnings.map((text) => (
        <Notice key={text} tone="warn">
          {text}
        </Notice>
      ))}
      {plan.plan !== undefined && <Checks of={plan.plan} />}
      {plan.plan === undefined && plan.isPlanning && (
        <Section>
          <p role="status">{say('planning')}</p>
          <Loading rows={6} />
        </Section>
      )}
    </>
  );
}

/** Asks for a plan where there is none yet; what failed, or was replaced, is asked for by a person. */
export function usePlanned(plan: PlanView, isThere: boolean): void {
  const isAsked = useRef(false);
  const { start } = plan;
  const isOver = plan.campaign?.state === 'cancelled' || plan.campaign?.state === 'failed';
  const isNeeded = !isThere && !plan.isPlanning && plan.error === null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is needed
  useEffect(() => {
    if (!isNeeded || isAsked.current) return;
    isAsked.current = true;
    start();
  }, [isNeeded, isOver]);
}

/** Why there is no plan, and the button that tries again. */
export function PlanTrouble({ plan }: { plan: PlanView }): ReactNode {
  const say = useWords(newCampaignWords);
  const standstill = useStandstill();
  const { error, campaign, isPlanning } = plan;
  const again = <Button onPress={() => plan.start()}>{say('planAgain')}</Button>;
  if (isPlanning) return null;
  if (isProblem(error, 'CAMPAIGN_TWIN')) {
    return (
      <Notice
        tone="danger"
        title={say('twin')}
        actions={<Button onPress={() => plan.start({ again: true })}>{say('sendAgain')}</Button>}
      >
        {error.message}
      </Notice>
    );
  }
  if (error !== null) return <Failure error={error} onRetry={() => plan.start()} />;
  if (campaign?.state === 'failed') {
    const { reason, detail, counts } = campaign;
    return (
      <Notice tone="danger" actions={again}>
        {say('planFailed', { reason: standstill({ reason: reason ?? '', detail, invalid: counts.invalid }) })}
      </Notice>
    );
  }
  if (campaign?.state === 'cancelled') {
    return (
      <Notice tone="warn" actions={again}>
        {say('planReplaced')}
      </Notice>
    );
  }
  return null;
}
