/** What containers and units are made from names only what there is. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DCLinter } from 'dclint';
import { type Copy, DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { environmentKeys, fileKeys } from '../../src/cli/config.ts';

const dockerfile = await readFile('deploy/Dockerfile', 'utf8');
const parsed = DockerfileParser.parse(dockerfile);
const instructions = parsed.getInstructions();

/** The arguments of an instruction, as text. */
function argumentsOf(keyword: string): string[] {
  return instructions
    .filter((one) => one.getKeyword() === keyword)
    .map((one) => one.getArgumentsContent() ?? '');
}

test('deploy/Dockerfile is taken by a linter', () => {
  assert.deepEqual(validate(dockerfile), []);
  assert.notDeepEqual(validate(dockerfile.replace('USER node', 'USR node')), [], 'it can refuse');
});

test('deploy/Dockerfile builds from what is there, and runs as nobody special', async () => {
  const { devDependencies } = JSON.parse(await readFile('package.json', 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const froms = argumentsOf('FROM');
  assert.equal(froms.length, 3);
  for (const from of froms)
    assert.match(from, new RegExp(`^node:${devDependencies.node}-bookworm-slim(?: AS \\w+)?$`));
  const copied = instructions
    // Of dockerfile-ast, whose getInstructions gives its base class.
    .filter((one) => one.getKeyword() === 'COPY' && (one as Copy).getFromFlag() === null)
    .flatMap((one) =>
      one
        .getArguments()
        .slice(0, -1)
        .map((argument) => argument.getValue()),
    );
  assert.deepEqual(
    copied.filter((path) => !existsSync(path)),
    [],
  );
  // The context is what is copied: no secret and no build of the host's.
  const context = (await readFile('.dockerignore', 'utf8')).split('\n').filter((line) => /^[^#]/.test(line));
  assert.equal(context[0], '*');
  assert.deepEqual(
    context
      .slice(1)
      .map((line) => line.replace(/^!/, ''))
      .sort(),
    [...new Set(copied)].sort(),
  );
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  assert.match(last, /^USER node$[\s\S]*^ENTRYPOINT \["node", "\/opt\/hongyan\/bin\/hongyan\.js"\]$/m);
  const set = new Map(argumentsOf('ENV').map((one) => one.split('=') as [string, string]));
  assert.equal(set.get('TZ'), 'Asia/Shanghai');
  assert.deepEqual(argumentsOf('VOLUME'), [
    JSON.stringify([set.get('HONGYAN_DATA_DIR'), set.get('HONGYAN_STATE_DIR')]).replace(',', ', '),
  ]);
  assert.deepEqual(argumentsOf('EXPOSE'), [set.get('HONGYAN_LISTEN')?.split(':')[1]]);
  assert.match(argumentsOf('HEALTHCHECK').join(), /"\/opt\/hongyan\/deploy\/healthcheck\.js"/);
});

test('the compose files are taken by a linter, which knows their schema', async () => {
  const linter = new DCLinter({
    rules: {
      // The image is built here, under a name; an address in a variable is an address.
      'no-build-and-image': 0,
      'service-image-require-explicit-tag': 0,
      'no-unbound-port-interfaces': 0,
      // Read from the top: what it is, when it ends, what it is given.
      'service-keys-order': 0,
      'services-alphabetical-order': 0,
      'top-level-properties-order': 0,
    },
    quiet: false,
    debug: false,
    exclude: [],
  });
  const files = (await readdir('deploy')).filter((name) => /^compose.*\.yaml$/.test(name));
  assert.equal(files.length, 2);
  const results = files.flatMap((name) => linter.lintFiles([`deploy/${name}`], false));
  assert.equal(results.length, 2);
  for (const { filePath, messages } of results) assert.deepEqual(messages, [], filePath);
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-compose-'));
  after(() => rm(directory, { recursive: true }));
  const broken = join(directory, 'compose.yaml');
  const text = await readFile('deploy/compose.yaml', 'utf8');
  await writeFile(broken, text.replace('stop_grace_period: 40s', 'stop_grace_time: 40s'));
  const [refused] = linter.lintFiles([broken], false);
  assert.match(refused?.messages[0]?.message ?? '', /stop_grace_time|additional/);
});

test('files in deploy name settings, secrets and paths that there are', async () => {
  const known = new Set<string>([
    ...Object.values(environmentKeys),
    ...fileKeys.map((key) => `${environmentKeys[key]}_FILE`),
  ]);
  const names = (await readdir('deploy')).filter((name) => !/^(?:\.env|secrets)$/.test(name));
  let seen = 0;
  for (const name of names) {
    const text = await readFile(`deploy/${name}`, 'utf8');
    for (const [variable] of text.matchAll(/\bHONGYAN_[A-Z_]+\b/g)) {
      seen++;
      assert.ok(known.has(variable), `${name}: ${variable}`);
    }
  }
  assert.ok(seen > 20);
  const cluster = await readFile('deploy/compose.cluster.yaml', 'utf8');
  const makes = await readFile('deploy/make-secrets.sh', 'utf8');
  const secrets = [...cluster.matchAll(/file: \.\/secrets\/(\w+)/g)].map(([, secret = '']) => secret);
  assert.equal(secrets.length, 4);
  for (const secret of secrets) assert.match(makes, new RegExp(`^make ${secret} `, 'm'));
  for (const [, secret = ''] of cluster.matchAll(/\/run\/secrets\/(\w+)/g))
    assert.ok(secrets.includes(secret));
  assert.match(cluster, /\/opt\/hongyan\/deploy\/healthcheck\.js, \/readyz\]/);
  assert.ok(existsSync('deploy/Caddyfile'));
  const { files } = JSON.parse(await readFile('package.json', 'utf8')) as { files: string[] };
  assert.ok(files.includes('deploy'));
});
