/**
 * `npm run prove:image`: where no Docker runs, does the steps of deploy/Dockerfile in empty roots and starts what comes of them,
 * as root on Linux. What it cannot have is the base image: its place is taken by this machine's /usr, read-only, with the
 * Node that `npm ci` brought. RUN has this machine's network; what is started has none but its loopback.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Copy, DockerfileParser } from 'dockerfile-ast';

const clone = fileURLToPath(new URL('../../..', import.meta.url));
const node = join(clone, 'node_modules/node/bin/node');
const uid = 1000;

interface Stage {
  root: string;
  env: Record<string, string>;
  workdir: string;
  user: string;
  entrypoint: string[];
  command: string[];
  healthcheck: string[];
}

if (process.platform !== 'linux' || process.getuid?.() !== 0) {
  console.log('left out: needs root on Linux, for chroot and mounts');
  process.exit(0);
}
const directory = mkdtempSync(join(tmpdir(), 'hongyan-image-'));
chmodSync(directory, 0o755);
try {
  prove(build());
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** What a base image of Debian with Node has: users, places, node and npm; the rest is mounted when something runs. */
function base(name: string): Stage {
  const root = join(directory, name);
  for (const path of ['etc', 'proc', 'dev', 'tmp', 'run', 'usr', 'root', 'home/node', 'local/bin'])
    mkdirSync(join(root, path), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  for (const path of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${path}`, join(root, path));
  const users = `root:x:0:0::/root:/bin/sh\nnode:x:${uid}:${uid}::/home/node:/bin/sh\n`;
  writeFileSync(join(root, 'etc/passwd'), users);
  writeFileSync(join(root, 'etc/group'), `root:x:0:\nnode:x:${uid}:\n`);
  cpSync(node, join(root, 'local/bin/node'));
  return { root, env: {}, workdir: '/', user: 'root', entrypoint: [], command: [], healthcheck: [] };
}

/** Does each instruction, and gives the last stage. An instruction that it does not know ends it. */
function build(): Stage {
  const context = makeContext();
  const stages = new Map<string, Stage>();
  let stage = base('none');
  let count = 0;
  for (const one of DockerfileParser.parse(
    readFileSync(join(clone, 'deploy/Dockerfile'), 'utf8'),
  ).getInstructions()) {
    const text = one.getArgumentsContent() ?? '';
    console.log(`> ${one.getKeyword()} ${text}`);
    switch (one.getKeyword()) {
      case 'FROM':
        stage = base(`stage-${++count}`);
        stages.set(/ AS (\w+)$/.exec(text)?.[1] ?? 'last', stage);
        break;
      case 'WORKDIR':
        stage.workdir = text;
        mkdirSync(join(stage.root, text), { recursive: true });
        break;
      case 'ENV': {
        const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(text) ?? [];
        stage.env[name] = value;
        break;
      }
      case 'COPY': {
        // Of dockerfile-ast, whose getInstructions gives its base class.
        const from = (one as Copy).getFromFlag()?.getValue();
        const source = from == null ? context : (stages.get(from)?.root ?? '/nowhere');
        const paths = one.getArguments().map((argument) => argument.getValue());
        copy(stage, source, paths.slice(0, -1), paths.at(-1) ?? '');
        break;
      }
      case 'RUN': {
        const { status } = inside(stage, `cd ${stage.workdir} && ${text}`, {
          isReadOnly: false,
          isOnline: true,
        });
        if (status !== 0) throw new Error(`RUN ended with ${status}`);
        break;
      }
      case 'USER':
        stage.user = text;
        break;
      case 'ENTRYPOINT':
        stage.entrypoint = JSON.parse(text) as string[];
        break;
      case 'CMD':
        stage.command = JSON.parse(text) as string[];
        break;
      case 'HEALTHCHECK':
        stage.healthcheck = JSON.parse(text.slice(text.indexOf('['))) as string[];
        break;
      case 'VOLUME':
      case 'EXPOSE':
        break;
      default:
        throw new Error(`${one.getKeyword()} is not known here`);
    }
  }
  return stage;
}

/** What .dockerignore lets in. */
function makeContext(): string {
  const context = join(directory, 'context');
  const lines = readFileSync(join(clone, '.dockerignore'), 'utf8').split('\n');
  for (const path of lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1)))
    cpSync(join(clone, path), join(context, path), { recursive: true });
  return context;
}

function copy(stage: Stage, source: string, paths: readonly string[], target: string): void {
  for (const path of paths) {
    const from = join(source, path);
    const into = resolve('/', stage.workdir, target);
    // As Docker does: of a directory its content; a file into a directory that ends with a slash.
    const to = statSync(from).isDirectory() || !target.endsWith('/') ? into : join(into, path);
    mkdirSync(dirname(join(stage.root, to)), { recursive: true });
    cpSync(from, join(stage.root, to), { recursive: true, verbatimSymlinks: true });
  }
}

/** A shell script in the root, with processes, mounts and, unless it is online, a network of its own. */
function inside(
  { root, env }: Stage,
  script: string,
  options: { isReadOnly: boolean; isOnline: boolean; before?: string },
): { status: number | null; text: string } {
  const cache = spawnSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).stdout.trim();
  const registry = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout.trim();
  const mounts = [
    `mount --bind ${root} ${root}`,
    `mount --bind -o ro /usr ${root}/usr`,
    `mount -o remount,bind,ro ${root}/usr`,
    `mount --bind ${root}/local ${root}/usr/local`,
    `mount -t proc proc ${root}/proc`,
    `mount --rbind /dev ${root}/dev`,
  ];
  if (options.isOnline) {
    mkdirSync(join(root, 'root/.npm'), { recursive: true });
    mkdirSync(join(root, 'etc/ssl'), { recursive: true });
    for (const name of ['hosts', 'resolv.conf', 'nsswitch.conf'])
      if (existsSync(`/etc/${name}`)) cpSync(`/etc/${name}`, join(root, 'etc', name), { dereference: true });
    mounts.push(`mount --bind /etc/ssl ${root}/etc/ssl`, `mount --bind ${cache} ${root}/root/.npm`);
  } else mounts.push('ip link set lo up');
  if (options.isReadOnly)
    mounts.push(
      `mount -o remount,bind,ro ${root}`,
      `mount -o remount,bind,ro ${root}/usr/local`,
      `mount -t tmpfs tmpfs ${root}/tmp`,
    );
  if (options.before !== undefined) mounts.push(options.before);
  writeFileSync(join(directory, 'script.sh'), `${script}\n`);
  const run = spawnSync(
    'unshare',
    [
      ...['--mount', '--pid', '--fork', '--kill-child', '--ipc', ...(options.isOnline ? [] : ['--net'])],
      ...['sh', '-c', `set -e\n${mounts.join('\n')}\nexec chroot ${root} sh -c "$0"`, script],
    ],
    {
      encoding: 'utf8',
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/root',
        ...(options.isOnline
          ? {
              npm_config_registry: registry,
              npm_config_prefer_offline: 'true',
              ...(process.env.NODE_EXTRA_CA_CERTS === undefined
                ? {}
                : { NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS }),
            }
          : {}),
        ...env,
      },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const text = run.stdout + run.stderr;
  console.log(text.trimEnd().replace(/^/gm, '  '));
  return { status: run.status, text };
}

/** As compose.yaml runs it: read-only, two volumes, no rights, a secret in a file; then what a person does, and the end. */
function prove(stage: Stage): void {
  const volumes = ['data', 'state'].map((name) => {
    const path = join(directory, 'volumes', name);
    mkdirSync(path, { recursive: true });
    chownSync(path, uid, uid);
    chmodSync(path, 0o700);
    return `mount --bind ${path} ${stage.root}/${name}`;
  });
  const secrets = join(stage.root, 'run/secrets');
  mkdirSync(secrets, { recursive: true });
  writeFileSync(join(secrets, 'api_token'), `${'0123456789abcdef'.repeat(4)}\n`, { mode: 0o444 });
  stage.env.HONGYAN_API_TOKEN_FILE = '/run/secrets/api_token';
  const as = `setpriv --reuid ${uid} --regid ${uid} --clear-groups --no-new-privs --bounding-set=-all env HOME=/home/node`;
  const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');
  if (stage.user !== 'node') throw new Error('it runs as nobody special');
  const healthy = quoted(stage.healthcheck);
  const { status, text } = inside(
    stage,
    [
      'set -e',
      `cd ${stage.workdir}`,
      `${as} ${quoted([...stage.entrypoint, ...stage.command])} & pid=$!`,
      `i=0; until ${as} ${healthy} /readyz 2>/dev/null; do i=$((i+1)); [ $i -lt 300 ]; kill -0 $pid; sleep 0.2; done; echo "ready"`,
      `${as} ${healthy} && echo "healthy"`,
      `${as} hongyan doctor && echo "doctor is content"`,
      `${as} node -e "fetch('http://127.0.0.1:8790/').then(async (answer) => console.log('console', answer.status, (await answer.text()).includes('/assets/')))"`,
      `${as} node -e "console.log('zone', Intl.DateTimeFormat().resolvedOptions().timeZone, new Date(0).getHours())"`,
      `if ${as} sh -c 'echo x > /opt/hongyan/x' 2>/dev/null; then echo "the program can be changed"; exit 1; fi`,
      'kill -TERM $pid; wait $pid; echo "ended with $?"',
    ].join('\n'),
    { isReadOnly: true, isOnline: false, before: volumes.join('\n') },
  );
  const expected = [
    'ready',
    'healthy',
    'doctor is content',
    'console 200 true',
    'zone Asia/Shanghai 8',
    'ended with 0',
  ];
  const missing = expected.filter((line) => !text.split('\n').includes(line));
  const size = spawnSync('du', ['-sm', join(stage.root, 'opt')], { encoding: 'utf8' }).stdout.split('\t')[0];
  console.log(`what the image adds to its base: ${size} MB in /opt`);
  if (status !== 0 || missing.length > 0)
    throw new Error(`ended with ${status}; not seen: ${missing.join(', ')}`);
  console.log(
    'proven: the steps of deploy/Dockerfile, its health check, its rights, and its end. Not proven: the base image itself.',
  );
}
