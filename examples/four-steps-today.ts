/**
 * The tutorials' job as it is done now: tell somebody something, on WeChat, from a server.
 *
 * An Official Account (verified service account 服务号, or a sandbox account 测试号) tells a follower by 模板消息:
 *   WECHAT_APPID=… WECHAT_SECRET=… [WECHAT_BASE_URL=…] [WECHAT_TEMPLATE_ID=…] node examples/four-steps-today.ts
 *
 * A Mini Program (小程序) tells a user by 订阅消息. It has no list of followers: the openid comes from the login
 * (`client.login.codeToSession`), and the user must have accepted `wx.requestSubscribeMessage` for this
 * template, once for every message:
 *   WECHAT_OPENID=… [WECHAT_TEMPLATE_ID=…] WECHAT_APPID=… WECHAT_SECRET=… node examples/four-steps-today.ts
 *
 * Either way the message's keys are those of the template, not always keyword1 to keyword3: they are read
 * from the account here, and filled with the template's own example.
 */
// In your own project: import { … } from 'hongyan/wechat';
import { parseTemplateContent, type TemplateData, WechatClient, WechatError } from '../src/wechat/index.ts';

const { WECHAT_APPID, WECHAT_SECRET, WECHAT_BASE_URL, WECHAT_TEMPLATE_ID, WECHAT_OPENID } = process.env;
if (!WECHAT_APPID || !WECHAT_SECRET) {
  console.error('Set WECHAT_APPID and WECHAT_SECRET; see the top of this file.');
  process.exit(2);
}

const client = new WechatClient({
  appid: WECHAT_APPID,
  token: { kind: 'secret', secret: WECHAT_SECRET },
  baseUrl: WECHAT_BASE_URL ?? 'https://api.weixin.qq.com',
});

/** A value for every key of the template: `examples` has one line of "label:value" for each. */
function exampleData(content: string, examples: string): TemplateData {
  const lines = examples.split('\n');
  const data: TemplateData = {};
  for (const { key } of parseTemplateContent(content).fields) {
    const line = lines[Object.keys(data).length] ?? '';
    data[key] = { value: line.slice(line.search(/[:：]/) + 1).trim() || '示例' };
  }
  return data;
}

async function tellFollower(): Promise<void> {
  // 2. Somebody to tell: the first follower of the first page of 10,000.
  const page = await client.users.page();
  const openid = page.data?.openid?.[0];
  if (openid === undefined) throw new Error('This account has no followers.');
  console.log(`2. ${page.total} followers, the first is ${openid.slice(0, 6)}…`);

  // 3. The message, for a template that this account has.
  const templates = await client.oaTemplates.list();
  const template = templates.find((one) => one.template_id === WECHAT_TEMPLATE_ID) ?? templates[0];
  if (template === undefined) throw new Error('This account has no templates.');
  const data = exampleData(template.content, template.example);
  console.log(`3. 「${template.title}」 with ${Object.keys(data).join(', ')}`);

  // 4. WeChat drops a repeat with the same client_msg_id for 10 minutes, so a retry cannot annoy anybody.
  const { msgid } = await client.messages.oaTemplate({
    touser: openid,
    template_id: template.template_id,
    url: 'https://example.com/orders/1',
    data,
    client_msg_id: 'four-steps-1',
  });
  console.log(`4. accepted by WeChat, msgid ${msgid}`);
}

async function tellUser(openid: string): Promise<void> {
  const templates = await client.subscribeTemplates.list();
  const template = templates.find((one) => one.priTmplId === WECHAT_TEMPLATE_ID) ?? templates[0];
  if (template === undefined) throw new Error('This Mini Program has no templates.');
  const data = exampleData(template.content, template.example);
  console.log(`3. 「${template.title}」 with ${Object.keys(data).join(', ')}`);

  const { msgid } = await client.messages.mpSubscribe({
    touser: openid,
    template_id: template.priTmplId,
    page: 'pages/index/index',
    data,
  });
  console.log(`4. accepted by WeChat, msgid ${msgid}`);
}

try {
  // 1. The access_token, by the stable endpoint; every call fetches and renews it by itself.
  const token = await client.token.get();
  console.log(`1. access_token of ${token.length} characters`);
  await (WECHAT_OPENID ? tellUser(WECHAT_OPENID) : tellFollower());
} catch (error) {
  if (!(error instanceof WechatError)) throw error;
  console.error(`${error.message}\n${error.info.zh}\n${error.info.en}`);
  process.exitCode = 1;
} finally {
  await client.close();
}
