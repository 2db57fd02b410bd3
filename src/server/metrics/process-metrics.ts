import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AnswerClass, Measures } from '../../engine/sending/measures.ts';
import type { AccountActivity } from '../../engine/sending/pacing.ts';
import { nodeMeasures } from '../../texts/metrics.ts';
import { channelOfPath } from '../../wechat/channels.ts';

/** What one process has counted, as prom-client passes it between processes. */
export type MetricsJson = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** Seconds: WeChat takes 20-300 ms, and at most the answer timeout of 10 s. */
const answerBuckets = [0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5, 10];
const commitBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5];

/** Gauges that are named like counters, which promtool refuses; the same by type stays. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

function named(measure: keyof typeof nodeMeasures): { name: string; help: string } {
  return { name: `hongyan_${measure}`, help: nodeMeasures[measure] };
}

/** What one process counts, beside what Node says of itself: memory, event loop, garbage collection. */
export class ProcessMetrics implements Measures {
  readonly #registry = new Registry();
  readonly #answers = new Counter({
    ...named('answers_total'),
    labelNames: ['appid', 'channel', 'result'],
    registers: [this.#registry],
  });
  readonly #answerSeconds = new Histogram({
    ...named('answer_seconds'),
    labelNames: ['appid', 'channel'],
    buckets: answerBuckets,
    registers: [this.#registry],
  });
  readonly #facts = new Counter({
    ...named('facts_stored_total'),
    labelNames: ['of'],
    registers: [this.#registry],
  });
  readonly #commitSeconds = new Histogram({
    ...named('commit_seconds'),
    labelNames: ['of'],
    buckets: commitBuckets,
    registers: [this.#registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    for (const name of misnamed) this.#registry.removeSingleMetric(name);
  }

  answered(appid: string, path: string, result: AnswerClass, ms: number): void {
    const channel = channelOfPath(path);
    this.#answers.inc({ appid, channel, result });
    // What never left took no time of WeChat's.
    if (result !== 'not-sent') this.#answerSeconds.observe({ appid, channel }, ms / 1000);
  }

  stored(of: 'campaign' | 'message', facts: number, ms: number): void {
    this.#facts.inc({ of }, facts);
    this.#commitSeconds.observe({ of }, ms / 1000);
  }

  /** Says from now on what the node does at the moment of each scrape. */
  watch(activity: () => AccountActivity[]): void {
    const registers = [this.#registry];
    const labelNames = ['appid'] as const;
    new Gauge({
      ...{ ...named('in_flight'), labelNames, registers },
      collect() {
        for (const { appid, inFlight } of activity()) this.set({ appid }, inFlight);
      },
    });
    new Gauge({
      ...{ ...named('window'), labelNames, registers },
      collect() {
        for (const { appid, window } of activity()) this.set({ appid }, window);
      },
    });
  }

  json(): Promise<MetricsJson> {
    return this.#registry.getMetricsAsJSON();
  }
}
