/** The relay of two accounts: one of a simulated WeChat, and one of a WeChat that answers what a test tells it to. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { after } from 'node:test';
import { saveAccount } from '../../../src/store/accounts/accounts.ts';
import { setAccountRules } from '../../../src/store/accounts/rules.ts';
import { adminKey, type ContractSite, contractSite } from '../contract.ts';
import { httpServer } from '../wechat/raw-server.ts';
import { templateOf } from '../wechat.ts';

export const sendPath = 'cgi-bin/message/template/send';
/** The account of the scripted WeChat. */
export const other = 'wx00000000000000aa';
export const tokens = ['a-first-token-of-the-test-1', 'a-second-token-of-the-test-2'];

interface Scripted {
  url: string;
  /** Which of the tokens its token server gives. */
  given: number;
  answer(request: IncomingMessage, body: string, response: ServerResponse): void;
  served: { url: string; body: string }[];
}

interface Asked {
  as?: string | null;
  body?: string | Uint8Array<ArrayBuffer> | FormData | ReadableStream<Uint8Array>;
  headers?: Record<string, string>;
}

interface Relayed {
  status: number;
  headers: Headers;
  bytes: Buffer;
  text: string;
  /** Empty where it is none. */
  json: Record<string, unknown>;
}

export interface RelayScene {
  site: ContractSite;
  scripted: Scripted;
  /** Asks a path below /wx/{appid}; with the admin key, unless said otherwise. */
  ask(of: string, path: string, asked?: Asked): Promise<Relayed>;
  /** The body of a template message. */
  message(touser: string): string;
}

export async function relayScene(): Promise<RelayScene> {
  const site = await contractSite({ kind: 'service', followers: 20 });
  const { account, store } = site;
  await setAccountRules(store.pool, account.appid, { wxRelay: true });
  const scripted: Scripted = { url: '', given: 0, answer: () => {}, served: [] };
  const server = await httpServer((request, body, response) => {
    if (request.url === '/token')
      return void response.end(JSON.stringify({ access_token: tokens[scripted.given], expires_in: 7200 }));
    scripted.served.push({ url: request.url ?? '', body });
    scripted.answer(request, body, response);
  });
  after(() => server[Symbol.asyncDispose]());
  scripted.url = server.url;
  await saveAccount(store.pool, store.sealer, {
    ...{ appid: other, kind: 'service', name: '', tokenSource: 'url', secret: `${server.url}/token` },
    ...{ baseUrl: `${server.url}/prefix`, proxy: null },
  });
  await setAccountRules(store.pool, other, { wxRelay: true });
  const template = templateOf(account, '消息通知');
  return {
    site,
    scripted,
    async ask(of, path, { as = adminKey, body, headers = {} } = {}) {
      const given = await fetch(`${site.url}/wx/${of}/${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...(as === null ? {} : { authorization: `Bearer ${as}` }), ...headers },
        ...(body === undefined ? {} : { body, duplex: 'half' }),
      });
      const bytes = Buffer.from(await given.arrayBuffer());
      const text = bytes.toString();
      const json = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>; // a JSON object
      return { status: given.status, headers: given.headers, bytes, text, json };
    },
    message: (touser) =>
      JSON.stringify({ touser, template_id: template, data: { keyword1: { value: '中文' } } }),
  };
}
