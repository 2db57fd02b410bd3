import type { AnswerOf } from '../api.ts';

export type Activity = AnswerOf<'GET /v1/campaigns/{id}/activity'>;

/** Of the last half minute, since the whole is no measure after a pause; null while there is too little to tell. */
export function rateNow(activity: Activity | undefined): number | null {
  if (activity === undefined) return null;
  const { pace, stepSeconds } = activity;
  // The newest step is not over yet.
  const steps = pace.slice(0, -1).slice(-6);
  if (steps.length < 2) return null;
  return steps.reduce((sum, { answered }) => sum + answered, 0) / (steps.length * stepSeconds);
}
