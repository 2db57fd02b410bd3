/** A real browser over the built console: what a person would see, and what must never be there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import serverless from '@sparticuz/chromium';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { buildConsole, takeLock } from './house/build-console.ts';
import { until } from './in-time.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** For what should be there at once: less than `patienceMs`, so that the page that is waited for is named. */
const timeoutMs = 30_000;

export interface View {
  lang?: 'zh' | 'en';
  dark?: boolean;
  width?: number;
  height?: number;
  /** Sent with every request: a key, where a test is not about signing in. */
  headers?: Record<string, string>;
  /** `name=value`, of somebody who signed in before. */
  cookie?: string;
}

/** Flags of a browser for a small machine in a cloud: one process for all, and a graphics card that the processor plays. */
const skipped =
  /^--(?:single-process|in-process-gpu|ignore-gpu-blocklist|use-gl=|use-angle=|enable-unsafe-swiftshader)/;

/** Unpacking is no work for two at once: the second would start a program that is still being written. */
async function unpacked(): Promise<string> {
  const release = takeLock(join(tmpdir(), 'hongyan-chromium-unpacking.lock'));
  return await serverless.executablePath().finally(release);
}

/** One browser of a test file; `await using` closes it. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<TestBrowser> {
    buildConsole();
    const browser = await chromium.launch({
      executablePath: await unpacked(),
      args: [...serverless.args.filter((arg) => !skipped.test(arg)), '--disable-gpu'],
      headless: true,
      timeout: 120_000,
    });
    return new TestBrowser(browser);
  }

  /** A new person at a new browser: no cookies, nothing remembered. */
  async visit(
    url: string,
    { lang = 'zh', dark = false, width = 1280, height = 900, headers = {}, cookie }: View = {},
  ): Promise<Visit> {
    const context = await this.#browser.newContext({
      locale: lang === 'zh' ? 'zh-CN' : 'en-US',
      colorScheme: dark ? 'dark' : 'light',
      viewport: { width, height },
      timezoneId: 'America/New_York',
      // What fades in or out is half there for a moment: too pale to be read, and still there when it is gone.
      reducedMotion: 'reduce',
      extraHTTPHeaders: headers,
    });
    context.setDefaultTimeout(timeoutMs);
    if (cookie !== undefined) {
      const [name = '', value = ''] = cookie.split('=');
      await context.addCookies([
        { name, value, url: new URL(url).origin, httpOnly: true, sameSite: 'Strict' },
      ]);
    }
    const page = await context.newPage();
    return Visit.open(context, page, url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** One page, and everything that went wrong in it or that it asked others for. */
export class Visit implements AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly problems: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
  }

  static async open(context: BrowserContext, page: Page, url: string): Promise<Visit> {
    const visit = new Visit(context, page);
    const { origin } = new URL(url);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) visit.problems.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => visit.problems.push(`page: ${error.message}`));
    page.on('request', (request) => {
      const address = new URL(request.url());
      if (address.protocol !== 'data:' && address.protocol !== 'blob:' && address.origin !== origin)
        visit.problems.push(`asked ${request.url()}`);
    });
    await page.goto(url);
    return visit;
  }

  /** No console error, no refused style or script, no request off the machine. `expected` are those that a test causes. */
  clean(expected: RegExp | null = null): void {
    const unexpected = this.problems.filter((one) => expected === null || !expected.test(one));
    assert.deepEqual(unexpected, []);
  }

  /** No serious or critical finding of axe-core in what is shown once it is loaded. */
  async accessible(): Promise<void> {
    await this.settled();
    await this.page.evaluate(axeSource);
    const findings = await this.page.evaluate(async () => {
      // axe-core was just put into the page.
      const { axe } = globalThis as unknown as {
        axe: { run(context: object): Promise<{ violations: Finding[] }> };
      };
      interface Finding {
        id: string;
        impact: string | null;
        nodes: { target: unknown; failureSummary?: string }[];
      }
      // React Aria's announcer names for some seconds a button that may be gone by then.
      const { violations } = await axe.run({ exclude: [['[data-live-announcer]']] });
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(
          ({ id, nodes }) =>
            `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`,
        );
    });
    assert.deepEqual(findings, []);
  }

  /** What the page asked for is there: nothing says that it is being loaded. A live page never rests. */
  async settled(): Promise<void> {
    const loading = this.page.getByText(/^(?:正在加载|Loading)$/);
    await this.page.waitForLoadState('load');
    await loading.first().waitFor({ state: 'detached' });
    await this.page.evaluate('document.fonts.ready');
  }

  /** Presses Tab until it is there, as somebody without a mouse would. */
  async tabTo(target: Locator): Promise<void> {
    for (let presses = 0; presses < 200; presses++) {
      await this.page.keyboard.press('Tab');
      if (await isFocused(target)) return;
    }
    assert.fail(`Tab does not lead to ${target}`);
  }

  /** Waits until it has the focus. */
  async hasFocus(target: Locator): Promise<void> {
    await until(`${target} gets the focus`, () => isFocused(target));
  }

  /** Nothing stands out of the window at its right. */
  async fits(): Promise<void> {
    const [content, window] = await this.page.evaluate<number[]>(
      '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
    );
    assert.ok((content ?? 0) <= (window ?? 0), `content is ${content} px wide in a window of ${window} px`);
  }

  /** Chinese as it is set: no space beside a full-width sign, where a text of the page meets the next one. */
  async reads(): Promise<void> {
    const text = await this.page.locator('body').innerText();
    const loose = text
      .split('\n')
      .filter((line) => /[，。；：！？、（）] (?=\S)|(?<=\S) [，。；：！？、（）]/.test(line));
    assert.deepEqual(loose, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
  }
}

function isFocused(target: Locator): Promise<boolean> {
  // In the page an element knows its document; the types of a browser are not loaded here.
  return target.evaluate(
    (element) =>
      (element as { ownerDocument?: { activeElement?: unknown } }).ownerDocument?.activeElement === element,
  );
}
