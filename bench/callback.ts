/**
 * `npm run bench:callback`: signed and encrypted events at a steady rate against a `hongyan serve` process on its
 * embedded PostgreSQL, as WeChat pushes them; how long each answer took, and how many events are stored.
 * Everything runs on this machine, so the load's own CPU is part of what the cores carry.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { appid, quantile, runLoad, startServe } from './callback-load.ts';
import { cpuSeconds } from './cpu.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '3000' },
    seconds: { type: 'string', default: '30' },
    connections: { type: 'string', default: '64' },
    /** Part of the events that are follows, each of another person; the rest are receipts. */
    follows: { type: 'string', default: '0.2' },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const follows = Number(values.follows);
const options = { rate, connections: Number(values.connections), follows };

const serve = await startServe();
try {
  const { url, pid, pool } = serve;
  const loadBefore = loadavg()[0] ?? 0;
  await runLoad(url, rate * 2, options); // warms both processes up
  const [cpuBefore, ownBefore] = [await cpuSeconds(pid), process.cpuUsage()];
  const load = await runLoad(url, rate * seconds, options);
  const [cpu, own] = [(await cpuSeconds(pid)) - cpuBefore, process.cpuUsage(ownBefore)];
  const counted = await pool.query<{ stored: number; followers: number }>(
    `select (select count(*) from events where appid = $1) + (select count(*) from receipts where appid = $1) as stored,
       (select count(*) from contacts where appid = $1 and follows) as followers`,
    [appid],
  );
  const sorted = load.latencies.toSorted();
  const at = (part: number): string => quantile(sorted, part).toFixed(1);
  const { stored, followers } = counted.rows[0] ?? { stored: 0, followers: 0 };
  process.stdout.write(
    [
      `${cpus().length} cores, load average before ${loadBefore.toFixed(1)}; ${rate}/s for ${seconds} s, ${values.connections} connections, ${follows * 100} % follows`,
      `answered success  ${load.accepted} of ${rate * seconds} (${(load.accepted / load.elapsedS).toFixed(0)}/s), other answers ${load.refused}, errors ${load.failed}`,
      `latency ms        p50 ${at(0.5)}  p90 ${at(0.9)}  p99 ${at(0.99)}  p99.9 ${at(0.999)}  max ${at(1)}`,
      `stored            ${stored} events with the warm-up's, ${followers} followers`,
      `CPU               serve ${((cpu / load.accepted) * 1e6).toFixed(0)} µs an event, this load ${((own.user + own.system) / load.accepted).toFixed(0)} µs`,
      '',
    ].join('\n'),
  );
} finally {
  await serve.stop();
}
