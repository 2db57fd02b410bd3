import type { ChildProcess } from 'node:child_process';
import type { MetricsJson, ProcessMetrics } from '../server/metrics/process-metrics.ts';

/** One that is too busy, or stopped, does not hold up the scrape, ms. */
const answerMs = 1_000;
let asked = 0;

interface Question {
  metricsNo: number;
}

/** Asks a process that this one started as a part of itself; null when it does not say so in time. */
export function askMetrics(child: ChildProcess): Promise<MetricsJson | null> {
  const metricsNo = ++asked;
  return new Promise((resolve) => {
    const end = (json: MetricsJson | null): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      resolve(json);
    };
    const onMessage = (message: unknown): void => {
      const answer = message as Partial<Question & { metrics: MetricsJson }>; // our own program is at the other end
      if (answer.metricsNo === metricsNo && answer.metrics !== undefined) end(answer.metrics);
    };
    const timer = setTimeout(end, answerMs, null);
    child.on('message', onMessage);
    if (child.connected) child.send({ metricsNo } satisfies Question, (error) => error && end(null));
    else end(null);
  });
}

/** Answers the process that started this one as a part of itself. Others are not asked. */
export function answerMetrics(metrics: ProcessMetrics): void {
  if (process.send === undefined) return;
  process.on('message', async (message: unknown) => {
    const { metricsNo } = message as Partial<Question>; // our own program is at the other end
    if (metricsNo !== undefined && process.connected)
      process.send?.({ metricsNo, metrics: await metrics.json() }, () => {});
  });
  // Listening must not keep the process alive.
  process.channel?.unref();
}
