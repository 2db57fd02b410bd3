/**
 * Two SDKs that others wrote, as their manuals say: with the base URL of the account at Hongyan in the place of WeChat's, and
 * an API key in the place of the AppSecret.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
// With node-socialite 1.4.1 (`overrides` of package.json): later ones lack a file that it wants.
import { OfficialAccount } from 'node-easywechat';
import { setAccountRules } from '../../src/store/accounts/rules.ts';
import { contractSite } from '../support/contract.ts';
import { bodiesOf, callsOf, templateOf } from '../support/wechat.ts';

/** What is used here of co-wechat-api, which brings no types. */
interface CoWechatApi {
  prefix: string;
  getFollowers(next?: string): Promise<{ total: number; data: { openid: string[] } }>;
  getUser(openid: string): Promise<{ openid: string; subscribe: number }>;
  sendTemplate(
    openid: string,
    template: string,
    url: string,
    topColor: string,
    data: object,
  ): Promise<{ errcode: number; msgid: unknown }>;
  uploadImageMedia(path: string): Promise<{ type: string; media_id: string }>;
}
// CommonJS, and its class is all it exports.
const CoWechat = createRequire(import.meta.url)('co-wechat-api') as new (
  appid: string,
  appsecret: string,
) => CoWechatApi;

const site = await contractSite({ kind: 'service', followers: 20 });
const { account, store } = site;
const { appid } = account;
await setAccountRules(store.pool, appid, { wxRelay: true });
const template = templateOf(account, '消息通知');
const data = { keyword1: { value: '发货通知' } };
const key = async (): Promise<string> => await site.key(['wx.relay', 'message.send'], [appid]);

test('co-wechat-api lists followers, sends a template message and uploads a picture', async () => {
  const api = new CoWechat(appid, await key());
  api.prefix = `${site.url}/wx/${appid}/cgi-bin/`;
  const followers = await api.getFollowers();
  assert.equal(followers.total, 20);
  const [openid = ''] = followers.data.openid;
  assert.equal((await api.getUser(openid)).subscribe, 1);
  const sent = await api.sendTemplate(openid, template, 'https://example.com/', '#173177', data);
  assert.equal(sent.errcode, 0);
  assert.equal(bodiesOf(account, openid).length, 1);
  const path = join(site.directory, 'picture.png');
  await writeFile(path, Buffer.alloc(2 * 1024 * 1024, 'p'));
  assert.equal((await api.uploadImageMedia(path)).type, 'image');
  assert.equal(callsOf(account, '/cgi-bin/token'), 0, 'WeChat is asked for no token by it');
});

test('co-wechat-api goes on when the account’s token ended meanwhile, and when its own did', async () => {
  const api = new CoWechat(appid, await key());
  api.prefix = `${site.url}/wx/${appid}/cgi-bin/`;
  await api.getFollowers();
  account.endTokens('expired');
  assert.equal((await api.getFollowers()).total, 20);
  Object.assign(api, {
    store: { accessToken: 'hyw_of-another-installation', expireTime: Date.now() + 60_000 },
  });
  assert.equal((await api.getFollowers()).total, 20);
});

test('EasyWechat for Node, with stable_token or without, calls and sends', async () => {
  for (const use_stable_access_token of [false, true]) {
    const app = new OfficialAccount({
      ...{ app_id: appid, secret: await key(), use_stable_access_token },
      http: { baseURL: `${site.url}/wx/${appid}/` },
      file_cache: { path: site.directory },
    } as ConstructorParameters<typeof OfficialAccount>[0]);
    const client = app.getClient();
    const list = (await client.get('cgi-bin/user/get')).toObject() as { total: number };
    assert.equal(list.total, 20);
    const openid = account.openid(use_stable_access_token ? 5 : 6);
    const json = { touser: openid, template_id: template, data };
    const sent = (await client.postJson('cgi-bin/message/template/send', json)).toObject() as {
      errcode: number;
    };
    assert.equal(sent.errcode, 0);
    assert.equal(bodiesOf(account, openid).length, 1);
  }
});
