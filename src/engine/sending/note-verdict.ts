import type { Span } from '../../base/tracing.ts';
import type { Verdict } from './verdict.ts';

/** Says in the span of a request what follows from its answer. */
export function noteVerdict(span: Span | null, { outcome, reason }: Verdict, waitMs: number | null): void {
  if (span === null) return;
  span.setAttribute('hongyan.outcome', outcome);
  if (waitMs !== null)
    span.addEvent('retry', { 'hongyan.wait_ms': Math.round(waitMs), ...(reason === null ? {} : { reason }) });
}
