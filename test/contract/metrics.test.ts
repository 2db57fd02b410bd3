import assert from 'node:assert/strict';
import { syncTemplates } from '../../src/engine/content/templates.ts';
import { contractSite, row } from '../support/contract.ts';
import { until } from '../support/in-time.ts';
import { templateOf } from '../support/wechat.ts';

const site = await contractSite({ kind: 'service', followers: 20 });
const { account } = site;
await syncTemplates(site.app, account.appid);

async function sendOne(no: number): Promise<string> {
  const { message } = await site.sent({
    ...{ appid: account.appid, channel: 'template', touser: account.openid(no) },
    template_id: templateOf(account, '消息通知'),
    data: { keyword1: '标题', keyword2: '内容', keyword3: '2026-11-22' },
  });
  return message.state;
}

/** The values of a measure by its labels, as the text has them. */
function valuesOf(text: string, name: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return new Map(
    lines.map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

row('GET /metrics', 'says what was answered, how long it took, and how the installation stands', async () => {
  assert.equal(await sendOne(1), 'accepted');
  site.wechat.addFault({ kind: 43004, at: [1], path: '/cgi-bin/message/template/send' });
  assert.equal(await sendOne(2), 'rejected');
  const as = await site.key(['metrics.read']);
  // Whoever waits for an outcome reads it in the database, perhaps before the process that stored it has heard so.
  const { body, headers } = await until('both are stored', async () => {
    const answer = await site.call('GET /metrics', { as });
    const stored = valuesOf(String(answer.body), 'hongyan_facts_stored_total').get('{of="message"}') ?? 0;
    return stored >= 2 && answer;
  });
  assert.match(headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = String(body);
  const place = `appid="${account.appid}",channel="oa-template"`;
  const answers = valuesOf(text, 'hongyan_answers_total');
  assert.equal(answers.get(`{${place},result="accepted"}`), 1, text);
  assert.equal(
    [...answers].filter(([labels]) => labels.includes('refused-')).reduce((sum, [, n]) => sum + n, 0),
    1,
    text,
  );
  assert.equal(valuesOf(text, 'hongyan_answer_seconds_count').get(`{${place}}`), 2);
  assert.equal(valuesOf(text, 'hongyan_nodes').get(''), 1);
  const quota = valuesOf(text, 'hongyan_quota_used');
  assert.ok(
    [...quota].some(([labels, n]) => labels.includes('/cgi-bin/message/template/send') && n >= 2),
    text,
  );
  assert.ok((valuesOf(text, 'hongyan_database_bytes').get('') ?? 0) > 1_000_000);
  assert.ok((valuesOf(text, 'process_resident_memory_bytes').get('') ?? 0) > 1_000_000);
});

row('GET /metrics', 'tells nothing of accounts that the key may not see', async () => {
  await sendOne(3);
  const as = await site.key(['metrics.read'], ['wx00000000000000ff']);
  const { body } = await site.call('GET /metrics', { as });
  assert.doesNotMatch(String(body), new RegExp(account.appid));
  assert.match(String(body), /hongyan_nodes/);
});
