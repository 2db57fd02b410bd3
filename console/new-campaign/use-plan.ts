import { useRef, useState } from 'react';
import { type AnswerOf, useRead } from '../parts/api.ts';
import { fingerprint } from './draft.ts';
import type { KeptDraft } from './kept-draft.ts';

export interface PlanView {
  /** This content to these people was planned, and the plan is still there. */
  isChecked: boolean;
  /** Nothing at all changed since, the time neither: it is what would be confirmed. */
  isCurrent: boolean;
  /** It is asked for, or still made. */
  isPlanning: boolean;
  campaign: AnswerOf<'GET /v1/campaigns/{id}'> | undefined;
  plan: AnswerOf<'GET /v1/campaigns/{id}/plan'> | undefined;
  warnings: readonly string[];
  error: unknown;
  start(how?: { again: boolean }): void;
  lookAgain(): void;
}

const planningMs = 700;
const restMs = 10_000;

/** What the server makes of the draft: asked for once, then looked at until it is there, and whether it stays. */
export function usePlan(keeping: KeptDraft): PlanView {
  const { planned, draft } = keeping;
  const [isAsking, setAsking] = useState(false);
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const [error, setError] = useState<unknown>(null);
  const last = useRef<string | undefined>(undefined);
  const isMoving = last.current === undefined || last.current === 'staging' || last.current === 'planning';
  const found = useRead(
    'GET /v1/campaigns/{id}',
    { params: { id: planned?.campaign ?? 0 } },
    { isOn: planned !== null, everyMs: isMoving ? planningMs : restMs },
  );
  last.current = found.data?.state;
  const isThere = found.data?.state === 'planned';
  const plan = useRead(
    'GET /v1/campaigns/{id}/plan',
    { params: { id: planned?.campaign ?? 0 } },
    { isOn: planned !== null && isThere },
  );
  const isOver = found.data?.state === 'cancelled' || found.data?.state === 'failed';
  const isSame = planned !== null && draft.checked === fingerprint(draft);
  return {
    isChecked: isSame && !isOver,
    isCurrent: isSame && !isOver && planned.isCurrent,
    isPlanning:
      isAsking ||
      (planned !== null && isSame && found.error === null && (found.data === undefined || isMoving)),
    campaign: planned === null ? undefined : found.data,
    plan: isSame && isThere ? plan.data : undefined,
    warnings,
    error: error ?? found.error ?? plan.error,
    start({ again } = { again: draft.again }) {
      setAsking(true);
      setError(null);
      keeping
        .plan({ again })
        .then(setWarnings, setError)
        .finally(() => setAsking(false));
    },
    lookAgain() {
      void found.refetch();
      void plan.refetch();
    },
  };
}
