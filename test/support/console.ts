/** The console over a real server: its database, its engine and a simulated WeChat behind it. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { Role } from '../../src/contract/permissions.ts';
import type { SimulatorOptions } from '../../src/simulator/index.ts';
import { TestBrowser, type View, type Visit } from './browser.ts';
import { type Answered, adminKey, type ContractSite, contractSite } from './contract.ts';

export interface ConsoleSite extends ContractSite {
  /** Opens an address of the console as somebody with every permission, as whoever has that key or cookie, or as nobody. */
  open(path: string, view?: View & { as?: string | null }): Promise<Visit>;
  /** Of everybody whom `signedIn` made. */
  password: string;
  /** A new session of a member, who is made if there is none of that name. */
  signedIn(name: string, role?: Role, accounts?: string[] | null): Promise<string>;
}

/** One server and one browser for a test file. */
export async function consoleSite(options?: SimulatorOptions): Promise<ConsoleSite> {
  const site = await contractSite(options);
  const password = 'a goose flies south in autumn';
  let browser: TestBrowser;
  before(async () => {
    browser = await TestBrowser.launch();
  });
  after(() => browser[Symbol.asyncDispose]());
  return {
    ...site,
    password,
    open: (path, { as = adminKey, ...view } = {}) =>
      browser.visit(site.url + path, {
        ...view,
        ...(as === null ? {} : { headers: { authorization: `Bearer ${as}` } }),
      }),
    async signedIn(name, role = 'admin', accounts = null) {
      const made = await site.call('POST /v1/users', { body: { name, role, accounts } });
      const headers = { 'x-requested-with': 'hongyan' };
      if (made.status !== 201) {
        const signIn = { as: null, headers, body: { name, password } };
        return cookieOf(await site.call('POST /v1/sessions', signIn));
      }
      const [, token = ''] = (made.body as { link: { path: string } }).link.path.split('#'); // as its row says
      const use = { as: null, headers, body: { token, password } };
      return cookieOf(await site.call('POST /v1/sessions/link', use));
    },
  };
}

function cookieOf({ status, headers, body }: Answered): string {
  assert.equal(status, 201, JSON.stringify(body));
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** Each way in which a page is looked at: both languages, light and dark, and as narrow as a telephone. */
export const views: readonly (View & { lang: 'zh' | 'en'; name: string })[] = [
  { name: 'zh, light', lang: 'zh' },
  { name: 'en, dark', lang: 'en', dark: true },
  { name: 'zh, dark, 390 px', lang: 'zh', dark: true, width: 390 },
  { name: 'en, light, 390 px', lang: 'en', width: 390 },
];
