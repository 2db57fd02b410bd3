import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { environmentKeys, fileKeys } from '../../src/cli/config.ts';
import { installationMeasures, nodeMeasures } from '../../src/texts/metrics.ts';

const known = new Set([...Object.keys(installationMeasures), ...Object.keys(nodeMeasures)]);

/** Measures that a text of PromQL asks for. */
function asked(text: string): string[] {
  return [...text.matchAll(/\bhongyan_(\w+)/g)].map(([, name = '']) =>
    known.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, ''),
  );
}

for (const file of ['deploy/alerts.yml', 'deploy/grafana.json'])
  test(`${file} asks only for what is measured`, async () => {
    const names = asked(await readFile(file, 'utf8'));
    assert.ok(names.length > 10);
    assert.deepEqual(
      names.filter((name) => !known.has(name)),
      [],
    );
  });

test('every measure has a line in docs/operations, in both languages', async () => {
  for (const file of ['docs/operations.md', 'docs/operations.zh-CN.md']) {
    const text = await readFile(file, 'utf8');
    assert.deepEqual(
      [...known].filter((name) => !text.includes(`\`hongyan_${name}\``)),
      [],
      file,
    );
  }
});

test('every setting has its row in README, in both languages, and every row its setting', async () => {
  const variables = new Set<string>(Object.values(environmentKeys));
  for (const file of ['README.md', 'README.zh-CN.md']) {
    const text = await readFile(file, 'utf8');
    const table = text.split('\n').filter((line) => line.startsWith('| `HONGYAN_'));
    for (const [key, name] of Object.entries(environmentKeys))
      assert.ok(
        table.some((line) => line.includes(`\`${name}\``) && line.includes(`\`${key}\``)),
        `${file}: ${name}`,
      );
    const named = table.flatMap((line) => line.split('|')[1]?.match(/HONGYAN_\w+/g) ?? []);
    assert.deepEqual(
      named.filter((name) => !variables.has(name)),
      [],
      file,
    );
    for (const key of fileKeys)
      assert.ok(text.includes(`\`${environmentKeys[key]}_FILE\``), `${file}: ${key}`);
  }
});

test('deploy/alerts.yml is taken by promtool', { skip: lacks('promtool') }, () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', 'deploy/alerts.yml'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout + stderr);
});

test('deploy/hongyan.service is taken by systemd', { skip: lacks('systemd-analyze') }, async () => {
  const unit = await readFile('deploy/hongyan.service', 'utf8');
  assert.match(unit, /^ExecStart=\/usr\/bin\/node .*bin\/hongyan\.js serve$/m);
  assert.doesNotMatch(unit, /ExecStart=.*npx/, 'npx passes no signal on');
  const { status, stdout } = spawnSync(
    'systemd-analyze',
    ['security', '--offline=true', '--threshold=40', 'deploy/hongyan.service'],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stdout);
});

/** Why a check is left out, or false. */
function lacks(program: string): string | false {
  return spawnSync(program, ['--version']).error === undefined ? false : `${program} is not installed`;
}
