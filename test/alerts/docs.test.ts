import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { conditionLimits, diskLimits, kindRules } from '../../src/engine/alerts/kinds.ts';

const pages = [
  ['docs/alerts.md', 'at once', 'min'],
  ['docs/alerts.zh-CN.md', '立即', '分钟'],
] as const;

test('docs/alerts say of each kind how long it lasts before it is told, in both languages', async () => {
  for (const [page, atOnce, unit] of pages) {
    const text = await readFile(page, 'utf8');
    const said = [...text.matchAll(/^\| `([a-z-]+)` \|.*\| ([^|]+) \| ([^|]+) \|$/gm)].map((row) =>
      row.slice(1),
    );
    const time = (ms: number): string => (ms === 0 ? atOnce : `${ms / 60_000} ${unit}`);
    assert.deepEqual(
      said,
      kindRules.map(({ kind, opensAfterMs, endsAfterMs }) => [kind, time(opensAfterMs), time(endsAfterMs)]),
      page,
    );
    const gibibytes = (bytes: number): string => `${bytes / 1024 ** 3} GiB`;
    for (const limit of [
      gibibytes(diskLimits.bytes),
      gibibytes(conditionLimits.keptLogBytes),
      String(conditionLimits.connectionShare * 100),
      String(diskLimits.share * 100),
      `${conditionLimits.silentMinutes} `,
      `${conditionLimits.silentMessages} `,
    ])
      assert.ok(text.includes(limit), `${page}: ${limit}`);
  }
});

test('deploy/alerts.yml asks for what Hongyan calls an incident, and has no second rule for any of it', async () => {
  const rules = await readFile('deploy/alerts.yml', 'utf8');
  const [, but, only] =
    /hongyan_incidents\{kind!~"(.*?)"\}[\s\S]*?hongyan_incidents\{kind=~"(.*?)"\}/.exec(rules) ?? [];
  assert.ok(but !== undefined && but === only, 'the two rules are of all kinds together');
  for (const part of but.split('|'))
    assert.ok(
      kindRules.some(({ kind }) => new RegExp(`^${part}$`).test(kind)),
      part,
    );
  for (const measure of [
    'hongyan_accounts',
    'hongyan_campaigns{',
    'hongyan_quota_parked',
    'hongyan_database_connections',
    'hongyan_backup_',
  ])
    assert.ok(!rules.includes(measure), measure);
});
