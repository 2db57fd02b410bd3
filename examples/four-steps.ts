/**
 * The four steps of the tutorials, with this client: token, openid, message, send.
 *
 * What the tutorials don't say:
 * - `user/get` lists the followers of an Official Account, and a form_id comes from a person inside a Mini
 *   Program. The two have different appids and different openids for the same person, so on real accounts
 *   step 2 never gives an openid that step 4 can use.
 * - Step 4's endpoint was retired on 2020-01-10. Today it answers an error whatever you send.
 * - A form_id works once, within 7 days, only for the person who submitted the form.
 * - `color` has not been shown since about 2018.
 *
 * So these steps run only against a simulator whose account has `legacy` switched on: a Mini Program that also
 * answers `user/get`, which no real account ever did. `four-steps-today.ts` does the same job as it is done now.
 *
 * Run: WECHAT_BASE_URL=http://127.0.0.1:PORT WECHAT_APPID=… WECHAT_SECRET=… \
 *      WECHAT_TEMPLATE_ID=… WECHAT_FORM_ID=… node examples/four-steps.ts
 */
// In your own project: import { WechatClient } from 'hongyan/wechat';
import { WechatClient } from '../src/wechat/index.ts';

const { WECHAT_APPID, WECHAT_SECRET, WECHAT_BASE_URL, WECHAT_TEMPLATE_ID, WECHAT_FORM_ID } = process.env;
if (!WECHAT_APPID || !WECHAT_SECRET || !WECHAT_BASE_URL || !WECHAT_TEMPLATE_ID || !WECHAT_FORM_ID) {
  console.error(
    'Set WECHAT_APPID, WECHAT_SECRET, WECHAT_BASE_URL, WECHAT_TEMPLATE_ID and WECHAT_FORM_ID; see the top of this file.',
  );
  process.exit(2);
}

const client = new WechatClient({
  appid: WECHAT_APPID,
  token: { kind: 'secret', secret: WECHAT_SECRET },
  baseUrl: WECHAT_BASE_URL,
});

// 1. The access_token. Every call fetches and renews it by itself; this only shows that it is there.
const token = await client.token.get();
console.log(`1. access_token of ${token.length} characters`);

// 2. The followers' openids, of which the tutorials take the first.
const page = await client.users.page();
const openid = page.data?.openid?.[0];
if (openid === undefined) throw new Error('This account has no followers.');
console.log(`2. ${page.total} followers, the first is ${openid.slice(0, 6)}…`);

// 3. The message.
const color = '#173177';
const message = {
  touser: openid,
  template_id: WECHAT_TEMPLATE_ID,
  page: 'pages/index/index',
  form_id: WECHAT_FORM_ID,
  data: {
    keyword1: { value: '系统通知', color },
    keyword2: { value: '您的订单已发货', color },
    keyword3: { value: '2026年1月1日 12:00', color },
  },
};
console.log(`3. message with ${Object.keys(message.data).join(', ')}`);

// 4. Send it. Accepted is not delivered: WeChat reports that later, as an event.
await client.messages.mpForm(message);
console.log('4. accepted by WeChat');

await client.close();
