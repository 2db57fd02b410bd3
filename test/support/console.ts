/** The console over a real server: its database, its engine and a simulated WeChat behind it. */
import { after, before } from 'node:test';
import type { SimulatorOptions } from '../../src/simulator/index.ts';
import { TestBrowser, type View, type Visit } from './browser.ts';
import { adminKey, type ContractSite, contractSite } from './contract.ts';

export interface ConsoleSite extends ContractSite {
  /** Opens an address of the console as somebody with every permission, or as whoever has that key. */
  open(path: string, view?: View & { as?: string }): Promise<Visit>;
}

/** One server and one browser for a test file. */
export async function consoleSite(options?: SimulatorOptions): Promise<ConsoleSite> {
  const site = await contractSite(options);
  let browser: TestBrowser;
  before(async () => {
    browser = await TestBrowser.launch();
  });
  after(() => browser[Symbol.asyncDispose]());
  return {
    ...site,
    open: (path, { as = adminKey, ...view } = {}) =>
      browser.visit(site.url + path, { ...view, headers: { authorization: `Bearer ${as}` } }),
  };
}

/** Each way in which a page is looked at: both languages, light and dark, and as narrow as a telephone. */
export const views: readonly (View & { lang: 'zh' | 'en'; name: string })[] = [
  { name: 'zh, light', lang: 'zh' },
  { name: 'en, dark', lang: 'en', dark: true },
  { name: 'zh, dark, 390 px', lang: 'zh', dark: true, width: 390 },
  { name: 'en, light, 390 px', lang: 'en', width: 390 },
];
