import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { until } from '../cli.ts';
import { freePort } from '../store/free-port.ts';

/** A reverse proxy of deploy/, in front of nodes on this machine. */
export interface ProxyKind {
  name: 'caddy' | 'nginx';
  /** Its file of deploy/, with other addresses. */
  configure(nodes: readonly string[], port: number): Promise<string>;
  start(directory: string, file: string): ChildProcess;
}

export const proxies: ProxyKind[] = [
  {
    name: 'caddy',
    async configure(nodes, port) {
      const text = await readFile('deploy/Caddyfile', 'utf8');
      return text.replace('node-1:8790 node-2:8790', nodes.join(' ')).replace(/^:8080 /m, `:${port} `);
    },
    start: (directory, file) =>
      spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', file], {
        env: { PATH: process.env.PATH, HOME: directory },
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
  },
  {
    name: 'nginx',
    async configure(nodes, port) {
      const text = await readFile('deploy/nginx.conf', 'utf8');
      const [first = '', second = ''] = nodes;
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path .;`);
      return text
        .replace('127.0.0.1:8790', first)
        .replace('127.0.0.1:8791', second)
        .replace('listen 8080', `listen 127.0.0.1:${port}`)
        .replace('http {', `http {\n${paths.join('\n')}`);
    },
    start: (directory, file) =>
      spawn(
        'nginx',
        [
          '-p',
          directory,
          '-c',
          file,
          '-e',
          'stderr',
          '-g',
          `daemon off; master_process off; pid ${directory}/pid;`,
        ],
        { stdio: ['ignore', 'ignore', 'pipe'] },
      ),
  },
];

/** Why a test of it is left out, or false. */
export function lacks({ name }: ProxyKind): string | false {
  const asked = spawnSync(name, [name === 'nginx' ? '-v' : 'version']);
  return asked.error === undefined ? false : `${name} is not installed`;
}

/** Starts it in front of nodes (`HOST:PORT`), and gives its address. Ended after the test file. */
export async function startProxy(kind: ProxyKind, nodes: readonly string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-proxy-'));
  // A free port may be taken by somebody else before it listens: then it ends, and another one is tried.
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const file = join(directory, `${kind.name}.conf`);
    await writeFile(file, await kind.configure(nodes, port));
    const child = kind.start(directory, file);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    after(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    const url = `http://127.0.0.1:${port}`;
    const answers = await until(`${kind.name} answers`, async () => {
      if (child.exitCode !== null) return 'ended';
      return (await fetch(`${url}/healthz`).catch(() => null))?.status === 200 && 'answers';
    });
    if (answers === 'answers') return url;
    if (attempt === 5) throw new Error(`${kind.name} does not start: ${said}`);
  }
}
