/**
 * A shop's backend tells a customer that an order was sent, and learns what became of the message.
 *
 * `npx hongyan serve` is running and has printed a link at its first start; the account is added, its templates are synced, and its
 * callback points at Hongyan (docs/callback.md). Webhooks to this machine need HONGYAN_WEBHOOK_ALLOW=127.0.0.1 there.
 *
 *   HONGYAN_LINK='http://127.0.0.1:8790/first-start#…' WECHAT_APPID=… WECHAT_OPENID=… WECHAT_TEMPLATE_ID=… \
 *     node examples/backend.ts
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
// In your own project: import { … } from 'hongyan/client';
import { createClient } from '../src/client/index.ts';

const {
  HONGYAN_LINK,
  WECHAT_APPID: appid,
  WECHAT_OPENID: touser,
  WECHAT_TEMPLATE_ID: templateId,
} = process.env;
if (!HONGYAN_LINK || !appid || !touser || !templateId) {
  console.error(
    'Set HONGYAN_LINK, WECHAT_APPID, WECHAT_OPENID and WECHAT_TEMPLATE_ID; see the top of this file.',
  );
  process.exit(2);
}
const link = new URL(HONGYAN_LINK);
const baseUrl = link.origin;

// 1. The link works once: whoever opens it sets the password. A browser keeps the cookie; here we do.
let cookie = '';
const person = createClient({
  baseUrl,
  fetch: async (url, init) => {
    const answer = await fetch(url, { ...init, headers: { ...init?.headers, cookie } });
    cookie = answer.headers.get('set-cookie')?.replace(/;.*/, '') ?? cookie;
    return answer;
  },
});
const me = await person.call('POST /v1/sessions/link', {
  body: { token: link.hash.slice(1), password: 'wild geese carry letters' },
});
console.log(`1. signed in as ${me.name} (${me.role})`);

// 2. The shop gets a key that can do one thing, for one account. It is shown now and never again.
const key = await person.call('POST /v1/keys', {
  body: { name: 'shop', permissions: ['message.send'], accounts: [appid] },
});
console.log(`2. key ${key.id} may ${key.permissions.join(', ')} for ${key.accounts?.join(', ')}`);

// 3. What happens later is told to us: signed, and repeated until we answer.
const told: { topic: string; messageId?: number; status?: string }[] = [];
let secret = '';
const receiver = createServer(async (request, response) => {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  try {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    // Throws for what was not signed with our secret, or is old.
    const { items } = new Webhook(secret).verify(body, headers) as { items: typeof told };
    told.push(...items);
    response.writeHead(204).end();
  } catch {
    response.writeHead(401).end();
  }
}).listen(0, '127.0.0.1');
await once(receiver, 'listening');
const { port } = receiver.address() as AddressInfo; // it listens on TCP
const webhook = await person.call('POST /v1/webhooks', {
  body: { appid, url: `http://127.0.0.1:${port}/hongyan`, topics: ['receipt', 'outcome'] },
});
secret = webhook.secret ?? '';
console.log(`3. webhook ${webhook.id} is told of receipts and outcomes`);

// 4. The message, under the order's number: sent once, however often this is repeated.
const shop = createClient({ baseUrl, key: key.key });
const body = {
  ...{ appid, channel: 'template', touser, template_id: templateId, ref: 'order-1024' },
  data: { keyword1: '发货通知', keyword2: '您的订单已发货', keyword3: '2026年1月1日 12:00' },
};
const sent = await shop.call('POST /v1/messages', {
  body: { ...body, wait: 10_000 },
  key: 'order-1024-shipped',
});
const again = await shop.call('POST /v1/messages', {
  body: { ...body, wait: 10_000 },
  key: 'order-1024-shipped',
});
console.log(
  `4. message ${sent.id} is ${sent.message?.state}; sent again: ${again.isRepeat ? 'a repeat' : 'a second one'}`,
);

// 5. The shop's key may do nothing else.
const refused = await shop.call('GET /v1/deliveries', { query: { ref: 'order-1024' } }).then(
  () => 'allowed',
  (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'failed'),
);
console.log(`5. the shop looks for deliveries: ${refused}`);

// 6. "Accepted" is not "delivered": WeChat's receipt comes later, and is passed on.
while (!told.some(({ topic, messageId }) => topic === 'receipt' && messageId === sent.id))
  await setTimeout(200);
const receipt = told.find(({ topic, messageId }) => topic === 'receipt' && messageId === sent.id);
console.log(`6. told, signed: ${receipt?.status}`);

// 7. What users ask most: did order 1024 get its message?
const { data } = await person.call('GET /v1/deliveries', { query: { ref: 'order-1024' } });
for (const one of data)
  console.log(`7. order-1024: ${one.state}, ${one.receipt?.status ?? 'no receipt yet'}`);

// 8. And who did all this.
for await (const entry of person.each('GET /v1/audit', { query: { limit: 10 } }))
  console.log(`8. ${entry.actorName} ${entry.action} ${entry.outcome}`);
receiver.close();
receiver.closeAllConnections();
