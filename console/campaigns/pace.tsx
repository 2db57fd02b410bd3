import { memo, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { useRead } from '../parts/api.ts';
import { LineChart } from '../parts/campaign/line-chart.tsx';
import type { Activity } from '../parts/campaign/pace.ts';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';

/** While it runs; the line moves by one step then. */
const runningMs = 5_000;
const recentSeconds = 600;

/** What goes on at this moment; of one that runs the last ten minutes, else the whole of it. */
export function useActivity(id: number, how: { isRunning: boolean; isOn: boolean }): Activity | undefined {
  const span = how.isRunning ? 'recent' : 'all';
  const found = useRead(
    'GET /v1/campaigns/{id}/activity',
    { params: { id }, query: { span } },
    { isOn: how.isOn, ...(how.isRunning ? { everyMs: runningMs } : {}) },
  );
  return found.data;
}

/**
 * How fast it goes, and how long WeChat takes to answer; drawn again when that moves, not with each count. Latencies are kept by
 * nobody: that line begins when the page is opened.
 */
export const Pace = memo(function Pace({
  activity,
  ceiling,
  isRunning,
}: {
  activity: Activity;
  /** Messages a second. */
  ceiling: number;
  isRunning: boolean;
}): ReactNode {
  const say = useWords(campaignsWords);
  const { stepSeconds, pace } = activity;
  const latencies = useLatencies(activity);
  const { times, rates, waits } = useMemo(() => {
    const byStep = new Map(pace.map(({ at, answered }) => [Date.parse(at) / 1000, answered]));
    const first = Math.min(...byStep.keys());
    const last = isRunning
      ? Math.floor(Date.now() / 1000 / stepSeconds) * stepSeconds - stepSeconds
      : Math.max(...byStep.keys());
    const from = isRunning ? Math.max(first, last - recentSeconds) : first;
    const steps: number[] = [];
    for (let at = from; at <= last; at += stepSeconds) steps.push(at);
    return {
      times: steps,
      rates: steps.map((at) => (byStep.get(at) ?? 0) / stepSeconds),
      waits: steps.map((at) => latencies.get(at) ?? null),
    };
  }, [pace, stepSeconds, isRunning, latencies]);
  if (pace.length === 0 || times.length < 2) return null;
  // One point is no line, and an axis without a line says nothing.
  const hasLatency = waits.some((wait, at) => wait !== null && (waits[at + 1] ?? null) !== null);
  return (
    <Section
      title={say('pace')}
      about={
        isRunning
          ? say(hasLatency ? 'pace.recent' : 'pace.recentRate', { rate: ceiling })
          : say('pace.all', { rate: meanOf(rates) })
      }
    >
      <LineChart
        label={say('pace.label')}
        hasLatest={isRunning}
        times={times}
        lines={[
          { name: say('pace.rate'), unit: say('pace.perSecond'), tone: 'accent', values: rates, digits: 1 },
          ...(hasLatency
            ? [{ name: say('pace.latency'), unit: 'ms', tone: 'warn' as const, values: waits }]
            : []),
        ]}
      />
    </Section>
  );
});

/** Over the whole of the line, one digit. */
function meanOf(rates: readonly number[]): string {
  return (rates.reduce((sum, rate) => sum + rate, 0) / rates.length).toFixed(1);
}

/** The latencies that were told while the page is open, by step; no older than the line is long. */
function useLatencies({ latencyMs, stepSeconds }: Activity): ReadonlyMap<number, number> {
  const kept = useRef(new Map<number, number>());
  const [shown, setShown] = useState<ReadonlyMap<number, number>>(kept.current);
  useEffect(() => {
    if (latencyMs === null) return;
    const now = Math.floor(Date.now() / 1000 / stepSeconds) * stepSeconds;
    kept.current.set(now, latencyMs);
    for (const at of kept.current.keys()) if (at < now - recentSeconds) kept.current.delete(at);
    setShown(new Map(kept.current));
  }, [latencyMs, stepSeconds]);
  return shown;
}
