/** A client that a stranger's generator makes from /v1/openapi.json: it compiles, and it sends a message. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { contractSite } from '../support/contract.ts';
import { until } from '../support/in-time.ts';
import { bodiesOf, templateOf } from '../support/wechat.ts';

const run = promisify(execFile);
const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const site = await contractSite({ kind: 'service', followers: 20 });
const { account } = site;
await syncTemplates(site.app, account.appid);

/** What is used here of what is generated. */
interface Generated {
  OpenAPI: { BASE: string; TOKEN: string };
  MessagesService: {
    messagesSubmit(given: {
      requestBody: object;
      idempotencyKey?: string;
    }): Promise<{ id: number; isRepeat: boolean }>;
    messagesShow(given: { id: number; wait?: number }): Promise<{ state: string }>;
  };
}

test('a client that openapi-typescript-codegen makes compiles, and sends a message', async () => {
  const directory = join(site.directory, 'generated');
  await mkdir(directory);
  const described = await (await fetch(`${site.url}/v1/openapi.json`)).text();
  await writeFile(join(directory, 'openapi.json'), described);
  await run(
    process.execPath,
    [
      ...[
        join(modules, 'openapi-typescript-codegen/bin/index.js'),
        '--input',
        'openapi.json',
        '--output',
        'src',
      ],
      ...['--client', 'fetch', '--useOptions', '--useUnionTypes'],
    ],
    { cwd: directory },
  );
  await writeFile(join(directory, 'package.json'), '{"type":"commonjs"}');
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2022', lib: ['es2023', 'dom'], strict: true },
    ...{ rootDir: 'src', outDir: 'out', types: [] },
  };
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  await run(process.execPath, [join(modules, 'typescript/bin/tsc'), '-p', directory]).catch(
    ({ stdout }: { stdout: string }) => assert.fail(stdout),
  );
  assert.ok((await readdir(join(directory, 'out'))).includes('index.js'));

  const load = createRequire(import.meta.url);
  const { OpenAPI, MessagesService } = load(join(directory, 'out/index.js')) as Generated; // compiled above
  OpenAPI.BASE = site.url;
  OpenAPI.TOKEN = await site.key(['message.send', 'message.read'], [account.appid]);
  const touser = account.openid(1);
  const requestBody = {
    ...{ appid: account.appid, channel: 'template', touser, template_id: templateOf(account, '消息通知') },
    data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
  };
  const sent = await MessagesService.messagesSubmit({ requestBody, idempotencyKey: 'generated-1' });
  const again = await MessagesService.messagesSubmit({ requestBody, idempotencyKey: 'generated-1' });
  assert.deepEqual([again.id, again.isRepeat], [sent.id, true]);
  const state = await until('it has its outcome', async () => {
    const { state } = await MessagesService.messagesShow({ id: sent.id, wait: 10_000 });
    return state !== 'waiting' && state;
  });
  assert.equal(state, 'accepted');
  assert.equal(bodiesOf(account, touser).length, 1);
});
