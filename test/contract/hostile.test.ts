/** What no honest client sends, to every route of the table: a problem says what is wrong with it, and nothing breaks. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, test } from 'node:test';
import { isBytes, type Route, splitKey } from '../../src/contract/route.ts';
import { routes } from '../../src/contract/routes.ts';
import { adminKey, contractSite } from '../support/contract.ts';
import { inTime } from '../support/in-time.ts';

const site = await contractSite();
const { hostname, port } = new URL(site.url);

/** As written, since URLs and fetch clean and refuse some of it. */
function ask(
  method: string,
  path: string,
  body?: string,
  type = 'application/json',
): Promise<[number, string]> {
  const answered = new Promise<[number, string]>((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${adminKey}`,
      ...(body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
    };
    const asked = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        // A stream never ends; how it began is enough.
        if (String(answer.headers['content-type']).startsWith('text/event-stream')) answer.destroy();
      });
      answer.on('close', () => resolve([answer.statusCode ?? 0, text]));
    });
    asked.on('error', reject);
    asked.end(body);
  });
  return inTime(`${method} ${path} is answered`, answered);
}

const odd = [
  '%00',
  'a%00b',
  '%EF%BF%BF',
  '%ED%A0%80',
  '99999999999999999999999',
  '-1',
  '1e9',
  "';--",
  'x'.repeat(90),
];
const deep = '['.repeat(100_000);
/** Every value that is a text in a body of these is odd. */
const oddTexts = ['a\u0000b', '\ud800', '\u0000'];

describe('each route takes what nobody should send for what it is', () => {
  for (const [key, row] of Object.entries<Route>(routes)) {
    if (row.permission === 'public') continue;
    const { method, path } = splitKey(key);
    const filled = (value: string): string => path.replace(/\{\w+\}/g, value);
    const honest = filled('1');
    test(key, async () => {
      const asked: [string, string, string?, string?][] = [];
      for (const value of odd) {
        asked.push([method, filled(value)]);
        for (const name of Object.keys(row.query?.shape ?? {}))
          asked.push([method, `${honest}?${name}=${value}`]);
      }
      if (row.body !== undefined && !isBytes(row.body)) {
        const names = [...namesOf(row.body), 'other'];
        for (const text of oddTexts)
          for (const value of [text, { [text]: text }, [text]])
            asked.push([
              method,
              honest,
              JSON.stringify(Object.fromEntries(names.map((name) => [name, value]))),
            ]);
        for (const name of names) {
          asked.push(
            [method, honest, `{"${name}":${deep}`],
            [method, honest, `{"${name}":${deep}${']'.repeat(100_000)}}`],
          );
          asked.push([method, honest, `{"${name}":1e999}`], [method, honest, `{"${name}":"\\ud800\\u0000"}`]);
        }
        for (const body of ['', '{', 'null', '"a"', '[]', '\u0000', '{"__proto__":{"a":1}}', '{"a":1,"a":2}'])
          asked.push([method, honest, body]);
      }
      for (const [how, where, body, type] of asked) {
        const [status, text] = await ask(how, where, body, type);
        const what = `${how} ${where.slice(0, 120)} ${body?.slice(0, 120) ?? ''}`;
        assert.ok(
          status < 500 || /"code":"(?:WEBHOOK_FAILED|WECHAT_\w+)"/.test(text),
          `${what}: ${status} ${text.slice(0, 300)}`,
        );
      }
    });
  }
});

function namesOf(shape: unknown): string[] {
  if (typeof shape !== 'object' || shape === null || !('shape' in shape)) return [];
  const { shape: fields } = shape;
  return typeof fields === 'object' && fields !== null ? Object.keys(fields) : [];
}

test('the server still answers', async () => {
  assert.equal((await ask('GET', '/healthz'))[0], 200);
});
