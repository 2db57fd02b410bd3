/**
 * Many live streams, read in a process of their own. Told the address and how many, it says when all are open; told to tell, it says
 * what each was told of one campaign and when.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { apiToken } from './site.ts';

export interface StreamTold {
  /** By stream: when each update came (Unix ms), and how many were accepted by then, as it said. */
  updates: [at: number, accepted: number][][];
  /** Streams that ended. */
  ended: number;
}

export interface Streams {
  tell(campaignId: number): Promise<StreamTold>;
  close(): Promise<void>;
}

/** Comparable between processes. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Resolves when each of them was told what is going on. */
export async function openStreams(url: string, count: number): Promise<Streams> {
  const child = fork(fileURLToPath(import.meta.url), ['streams', url, String(count)], { execArgv: [] });
  const gone = once(child, 'exit');
  await once(child, 'message');
  return {
    async tell(campaignId) {
      child.send(campaignId);
      const [told] = await once(child, 'message');
      return told as StreamTold; // the only thing that it sends after the first
    },
    async close() {
      child.disconnect();
      await gone;
    },
  };
}

function run(url: string, count: number): void {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  /** By campaign, by stream. */
  const told = new Map<number, StreamTold['updates']>();
  let ended = 0;
  let open = 0;
  const settle = (): void => {
    if (open + ended === count) process.send?.('open');
  };
  const end = (): void => {
    ended++;
    settle();
  };
  const take = (stream: number, event: string): void => {
    const at = now();
    const text = /^data: (.*)$/m.exec(event)?.[1];
    if (text === undefined) return;
    if (event.startsWith('event: start')) {
      open++;
      settle();
    }
    // The contract's shape.
    for (const { id, accepted } of (JSON.parse(text) as { campaigns: { id: number; accepted: number }[] })
      .campaigns) {
      let updates = told.get(id);
      if (updates === undefined) {
        updates = Array.from({ length: count }, () => []);
        told.set(id, updates);
      }
      updates[stream]?.push([at, accepted]);
    }
  };
  const begin = (stream: number): void => {
    get(`${url}/v1/stream`, { agent, headers: { authorization: `Bearer ${apiToken}` } }, (answer) => {
      if (answer.statusCode !== 200) console.error(`a stream was answered ${answer.statusCode}`);
      let rest = '';
      answer.setEncoding('utf8').on('data', (piece: string) => {
        const events = (rest + piece).split('\n\n');
        rest = events.pop() ?? '';
        for (const event of events) take(stream, event);
      });
      answer.once('end', end);
    }).on('error', end);
  };
  // One caller may begin 200 requests a second.
  for (let stream = 0; stream < count; stream++) setTimeout(() => begin(stream), stream * 10);
  process.on('message', (id) => {
    process.send?.({ updates: told.get(Number(id)) ?? [], ended } satisfies StreamTold);
    told.clear();
  });
  process.once('disconnect', () => process.exit());
}

if (process.argv[2] === 'streams') run(process.argv[3] ?? '', Number(process.argv[4]));
