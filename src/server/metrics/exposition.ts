import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client';
import type { Measured } from '../../store/metrics/installation.ts';
import { installationMeasures, nodeMeasures } from '../../texts/metrics.ts';
import type { MetricsJson } from './process-metrics.ts';

export const expositionType = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * Prometheus' text format: what processes counted, added up, and how the installation stands.
 *
 * @param installation null: the database does not answer
 * @param sees whether whoever asks may see this account
 */
export async function exposition(
  processes: readonly MetricsJson[],
  installation: readonly Measured[] | null,
  sees: (appid: string) => boolean,
): Promise<string> {
  const registry = new Registry();
  for (const [name, help] of Object.entries(installationMeasures)) {
    const values = (installation ?? []).filter((one) => one.name === name);
    if (values.length === 0) continue;
    const labelNames = Object.keys(values[0]?.labels ?? {});
    const Kind = name.endsWith('_total') ? Counter : Gauge;
    const metric = new Kind({ name: `hongyan_${name}`, help, labelNames, registers: [registry] });
    for (const { labels, value } of values) metric.inc(labels, value);
  }
  new Gauge({
    name: 'hongyan_database_answers',
    help: nodeMeasures.database_answers,
    registers: [registry],
  }).set(installation === null ? 0 : 1);
  const counted = processes.map((json) =>
    json.map((metric) => ({
      ...metric,
      values: metric.values.filter(({ labels }) => {
        const appid = (labels as { appid?: string }).appid; // prom-client types the names of labels as never
        return appid === undefined || sees(appid);
      }),
    })),
  );
  const ofProcesses = await AggregatorRegistry.aggregate(counted).metrics();
  return `${await registry.metrics()}\n${ofProcesses}`;
}
