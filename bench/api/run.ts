/**
 * `npm run bench:api`: how fast the HTTP API is, with load, server, database and WeChat on this one machine.
 *
 *   npm run bench:api [-- --only messages,beside,batch,deliveries,upload,streams] [--data DIR] [--scale 0.01] [--short] [--seconds 180] [--json] [--profile DIR]
 *
 * Open loop: requests leave by a schedule, and each latency counts from when its request was due. The load is a process of its
 * own. The data set of `deliveries` is built once in the directory that --data names and kept there; --scale takes a part of it.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { besideRows } from './beside.ts';
import { deliveriesRows } from './deliveries.ts';
import { type Row, table } from './figures.ts';
import { batchRows, messagesRows, type RowOptions } from './messages.ts';
import { streamsRows } from './streams.ts';
import { uploadRows } from './upload.ts';

const rows: Record<string, (options: RowOptions) => Promise<Row[]>> = {
  messages: messagesRows,
  beside: besideRows,
  batch: batchRows,
  deliveries: deliveriesRows,
  upload: uploadRows,
  streams: streamsRows,
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(rows).join(',') },
    short: { type: 'boolean', default: false },
    /** About how long `streams` takes, s; default: with campaigns of 15 s. */
    seconds: { type: 'string' },
    json: { type: 'boolean', default: false },
    data: { type: 'string' },
    scale: { type: 'string', default: '1' },
    /** Where `hongyan serve` leaves its CPU profiles. */
    profile: { type: 'string' },
  },
});

const wanted = values.only.split(',');
for (const name of wanted)
  if (rows[name] === undefined) throw new Error(`no row ${name}; there are ${Object.keys(rows).join(', ')}`);

const loadBefore = loadavg()[0] ?? 0;
const found: Row[] = [];
if (!values.json)
  console.log(`${cpus().length} cores, load average before ${loadBefore.toFixed(1)}; latencies in ms`);
for (const name of wanted) {
  console.error(`${name} …`);
  const { short, profile, data } = values;
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
  const options = { short, profile, data, seconds, scale: Number(values.scale) };
  const measured = await rows[name]!(options); // it was looked for above
  // At once: a run that is broken off later has not been for nothing.
  if (!values.json) console.log(table(measured));
  found.push(...measured);
}
if (values.json) console.log(JSON.stringify({ cores: cpus().length, loadBefore, rows: found }, null, 2));
