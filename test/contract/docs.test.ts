import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { type Route, splitKey } from '../../src/contract/route.ts';
import { routes } from '../../src/contract/routes.ts';
import { openApi } from '../../src/server/openapi.ts';
import { contractSite } from '../support/contract.ts';

const site = await contractSite();

interface Described {
  paths: Record<string, Record<string, { operationId: string; summary: string; responses: object }>>;
  components: { schemas: Record<string, unknown> };
}

async function described(lang: string): Promise<Described> {
  const answer = await fetch(`${site.url}/v1/openapi.json`, { headers: { 'accept-language': lang } });
  assert.equal(answer.status, 200);
  return (await answer.json()) as Described; // compared below
}

test('OpenAPI has every route of the table and no other, in both languages', async () => {
  for (const lang of ['en', 'zh'] as const) {
    const { paths } = await described(lang);
    const found = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { summary }]) => [`${method.toUpperCase()} ${path}`, summary]),
    );
    const expected = Object.entries<Route>(routes).map(([key, { summary }]) => [key, summary[lang]]);
    assert.deepEqual(found.sort(), expected.sort());
  }
});

test('OpenAPI passes Redocly’s linter', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: JSON.stringify(await described('en')), config });
  const shown = problems.map(({ ruleId, severity, message, location }) => ({
    ...{ ruleId, severity, message },
    at: location[0]?.pointer,
  }));
  assert.deepEqual(shown, []);
});

test('an id of a shape names one shape', () => {
  for (const lang of ['en', 'zh'] as const) assert.doesNotThrow(() => openApi('test', lang));
});

test('every reference leads somewhere', async () => {
  const api = await described('en');
  const names = [...JSON.stringify(api).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name]) => name ?? '',
  );
  assert.ok(names.length > 3);
  assert.deepEqual(
    names.filter((name) => !(name in api.components.schemas)),
    [],
  );
});

test('the pages need nothing from elsewhere, run no script, and have an anchor for each code', async () => {
  for (const path of ['/docs', '/docs/errors']) {
    const answer = await fetch(site.url + path, { headers: { 'accept-language': 'zh-CN,zh;q=0.9' } });
    const text = await answer.text();
    assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(
      answer.headers.get('content-security-policy') ?? '',
      /^default-src 'none'; style-src 'sha256-/,
    );
    assert.doesNotMatch(text, /<script|<link|<img|<iframe|@import|url\(|src=/i);
    for (const [, href = ''] of text.matchAll(/href="([^"]*)"/g)) assert.match(href, /^\/(?:docs|v1)/);
    assert.match(text, /lang="zh-CN"/);
  }
  const errors = await (await fetch(`${site.url}/docs/errors`)).text();
  const refused = await site.call('GET /v1/nodes', { as: null });
  const { type } = refused.body as { type: string };
  assert.equal(type, '/docs/errors#UNAUTHORIZED');
  assert.ok(errors.includes(`id="${type.replace(/^.*#/, '')}"`));
  const all = await (await fetch(`${site.url}/docs`)).text();
  for (const key of Object.keys(routes)) assert.ok(all.includes(`<code>${key}</code>`), splitKey(key).path);
});
