/**
 * A campaign as a program runs it: a file of people is uploaded, planned, looked at, confirmed, waited for, and exported.
 *
 * `npx hongyan serve` is running; the account is added and its templates are synced. The key may `campaign.create`, `campaign.read`
 * and `campaign.send`.
 *
 *   HONGYAN_URL=http://127.0.0.1:8790 HONGYAN_KEY=… WECHAT_APPID=… WECHAT_TEMPLATE_ID=… node examples/campaign.ts orders.csv
 *
 * The file has the columns openid, order and time.
 */
import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
// In your own project: import { … } from 'hongyan/client';
import { createClient } from '../src/client/index.ts';

const {
  HONGYAN_URL: baseUrl,
  HONGYAN_KEY: apiKey,
  WECHAT_APPID: appid,
  WECHAT_TEMPLATE_ID: templateId,
} = process.env;
const file = process.argv[2];
if (!baseUrl || !apiKey || !appid || !templateId || !file) {
  console.error(
    'Set HONGYAN_URL, HONGYAN_KEY, WECHAT_APPID and WECHAT_TEMPLATE_ID, and name a file; see its top.',
  );
  process.exit(2);
}
const hongyan = createClient({ baseUrl, key: apiKey });

// 1. The file goes up as it is read, and is judged row by row.
const upload = await hongyan.call('POST /v1/audiences', {
  query: { appid, name: basename(file) },
  body: await openAsBlob(file),
});
console.log(`1. ${upload.name}: ${upload.good} good rows, ${upload.bad} bad`);
for (const { line, detail } of upload.badRows) console.log(`   line ${line}: ${detail}`);

// 2. What they will read, with values from the columns. Under the same key it is one campaign, however often this is repeated.
const { campaign } = await hongyan.call('POST /v1/campaigns', {
  body: {
    ...{ appid, channel: 'template', audience: { kind: 'upload', id: upload.id } },
    message: {
      template_id: templateId,
      data: { keyword1: '发货通知', keyword2: '订单 {{order}} 已发货', keyword3: '{{time}}' },
    },
  },
  key: `shipped-${createHash('sha256').update(basename(file)).digest('hex')}`,
});
const { id } = campaign;
const { state } = await when((now) => now !== 'staging' && now !== 'planning');
console.log(`2. campaign ${id} is ${state}`);

// Started before under this key, it may be further already; nothing is confirmed twice.
if (state === 'planned') {
  // 3. Nobody has been sent to. What would be sent, as its readers will see it:
  const plan = await hongyan.call('GET /v1/campaigns/{id}/plan', { params: { id } });
  const { planned, audience, duplicate, invalid } = plan.campaign.counts;
  console.log(
    `3. ${planned} of ${audience} rows (${duplicate} duplicate, ${invalid} invalid), ${plan.seconds} s`,
  );
  for (const { card } of plan.examples.slice(0, 1))
    for (const { label, value } of card.lines) console.log(`   ${label} ${value}`);

  // 4. Confirmed by what was seen: if the plan or the template changed meanwhile, this is refused.
  const { awaitsApproval } = await hongyan.call('POST /v1/campaigns/{id}/confirm', {
    params: { id },
    body: { planned, planHash: plan.planHash },
  });
  console.log(`4. ${awaitsApproval ? 'somebody else has to approve it' : 'it has started'}`);
}

// 5. Everybody is counted once. A paused one waits for a person; start this again afterwards.
const report = await when((now) => now !== 'planned' && now !== 'running');
const { accepted, rejected, unknown, held, unsent } = report;
console.log(
  `5. ${report.state}: accepted ${accepted}, rejected ${rejected}, unknown ${unknown}, held ${held}, unsent ${unsent}`,
);

// 6. Who got what, as a stream that is never whole in memory.
const rows = await hongyan.open('GET /v1/campaigns/{id}/export', {
  params: { id },
  query: { format: 'ndjson' },
});
let rest = '';
for await (const text of rows.body?.pipeThrough(new TextDecoderStream()) ?? []) {
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) console.log(`6. ${line}`);
}

process.exitCode = report.state === 'done' ? 0 : 1;

/** Asks until it is so; gives the campaign and what became of it. */
async function when(isSo: (state: string) => boolean) {
  for (;;) {
    const found = await hongyan.call('GET /v1/campaigns/{id}', { params: { id } });
    if (isSo(found.state)) return found;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
