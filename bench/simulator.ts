/**
 * How many sends a second the simulator takes on one core. The load comes from a child process.
 *
 *   node bench/simulator.ts [--seconds 5] [--connections 16] [--kind service|miniprogram]
 *
 * On Linux, `taskset` binds the simulator to core 0 and the load to core 1 if it is there.
 */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { startSimulator } from '../src/simulator/index.ts';

interface Load {
  url: string;
  path: string;
  bodies: string[];
  seconds: number;
  connections: number;
}

const PIPELINE = 1;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '16' },
      kind: { type: 'string', default: 'service' },
    },
  });
  const kind = values.kind === 'miniprogram' ? 'miniprogram' : 'service';
  bind(process.pid, 0);
  await using simulator = await startSimulator({ kind, followers: 1_000_000, creditsPerUser: 65_535 });
  const account = simulator.account();
  account.setQuota('/cgi-bin/message/template/send', null);
  account.setQuota('/cgi-bin/message/subscribe/send', null);
  const answer = await fetch(
    `${simulator.url}/cgi-bin/token?grant_type=client_credential&appid=${account.appid}&secret=${account.secret}`,
  );
  // The simulator's own answer to a right request.
  const { access_token: token } = (await answer.json()) as { access_token: string };

  const order = account.templates().find((template) => template.title === '订单发货通知');
  const bodies = Array.from({ length: 20_000 }, (_, index) =>
    JSON.stringify({
      touser: account.openid(index),
      template_id: order?.template_id,
      ...(kind === 'service'
        ? { url: 'https://example.com/orders/1', client_msg_id: `bench-${index}-` }
        : { page: 'pages/index/index', miniprogram_state: 'formal', lang: 'zh_CN' }),
      data: {
        character_string1: { value: `SF-2026-${index}` },
        thing2: { value: '鸿雁牌毛笔一支' },
        time3: { value: '2026年1月1日 12:00' },
        ...(kind === 'service'
          ? { amount4: { value: '￥100.00' }, const5: { value: '已发货' } }
          : { name4: { value: '张三' } }),
      },
    }),
  );
  const path = `/cgi-bin/message/${kind === 'service' ? 'template' : 'subscribe'}/send?access_token=${token}`;
  const child = fork(import.meta.filename, ['load']);
  bind(child.pid, 1);
  const load: Load = {
    url: simulator.url,
    path,
    bodies,
    seconds: Number(values.seconds),
    connections: Number(values.connections),
  };
  child.send(load);
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const [result] = (await once(child, 'message')) as [{ answers: number; seconds: number }];
  const wall = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  await once(child, 'exit');
  const summary = account.summary();
  process.stdout.write(
    `${JSON.stringify({
      kind,
      answers: result.answers,
      answersPerSecond: Math.round(result.answers / result.seconds),
      simulatorCpu: Number((cpuSeconds / wall).toFixed(2)),
      cpuMicrosPerSend: Number(((cpuSeconds * 1e6) / result.answers).toFixed(1)),
      byErrcode: summary.byErrcode,
      rssMb: Math.round(process.memoryUsage().rss / 1e6),
    })}\n`,
  );
}

/** The child: keeps every connection busy for the given time, without waiting for anything else. */
function load(parent: NodeJS.Process): void {
  parent.once('message', (message) => {
    const { url, path, bodies, seconds, connections } = message as Load; // sent by main above
    const pool = new Pool(url, { connections, pipelining: PIPELINE });
    const endsAt = performance.now() + seconds * 1000;
    const startedAt = performance.now();
    let answers = 0;
    let next = 0;
    let open = 0;
    const finish = (): void => {
      if (--open > 0) return;
      parent.send?.({ answers, seconds: (performance.now() - startedAt) / 1000 });
      void pool.destroy().then(() => parent.disconnect?.());
    };
    const send = (): void => {
      const round = Math.floor(next / bodies.length);
      const body = (bodies[next++ % bodies.length] as string).replace('bench-', `bench-${round}-`);
      pool.dispatch(
        { method: 'POST', path, headers: ['content-type', 'application/json'], body },
        {
          onRequestStart() {},
          onResponseStart() {},
          onResponseData() {},
          onResponseEnd() {
            answers++;
            if (performance.now() < endsAt) send();
            else finish();
          },
          onResponseError(_controller, error) {
            throw error;
          },
        },
      );
    };
    for (; open < connections; open++) send();
  });
}

/** One core for one process, where the system has `taskset`; elsewhere the scheduler decides. */
function bind(pid: number | undefined, core: number): void {
  if (process.platform === 'linux' && pid !== undefined) {
    spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)]);
  }
}

if (process.argv[2] === 'load') load(process);
else await main();
