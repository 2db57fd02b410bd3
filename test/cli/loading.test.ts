import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/hongyan.js', import.meta.url));

/** Tells at the end which packages and which commands were loaded. */
const listing = `
import { registerHooks } from 'node:module';
const loaded = new Set();
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const [, name] = /(?:node_modules\\/((?:@[^/]+\\/)?[^/]+)|(cli\\/commands\\/[\\w/-]+))/.exec(found.url)?.filter(Boolean) ?? [];
    if (name !== undefined) loaded.add(name);
    return found;
  },
});
process.on('exit', () => process.stderr.write('loaded ' + JSON.stringify([...loaded].sort())));
`;

function loadedBy(...args: string[]): string[] {
  const hook = `data:text/javascript,${encodeURIComponent(listing)}`;
  const { stderr, status } = spawnSync(process.execPath, ['--import', hook, program, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nonexistent' },
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(/loaded (.*)$/.exec(stderr)?.[1] ?? 'null');
}

test('help and version load nothing but commander', () => {
  for (const args of [['--help'], ['help'], ['--version'], ['-h', '--lang', 'zh']])
    assert.deepEqual(loadedBy(...args), ['commander'], args.join(' '));
});

test('a command loads no other command', () => {
  for (const args of [
    ['help', 'suppress'],
    ['suppress', 'add', '--help'],
  ])
    assert.deepEqual(
      loadedBy(...args).filter((one) => one.startsWith('cli/')),
      ['cli/commands/accounts/suppress'],
      args.join(' '),
    );
});
