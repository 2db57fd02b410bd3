/** How somebody uses a page: with the mouse, or with nothing but the keyboard. */
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import type { Visit } from '../support/browser.ts';
import { until } from '../support/in-time.ts';

export interface Hands {
  press(target: Locator): Promise<void>;
  type(target: Locator, text: string): Promise<void>;
  /** A radio or a checkbox. */
  pick(target: Locator): Promise<void>;
  /** One of the options of a select. */
  choose(select: Locator, option: string): Promise<void>;
}

export const hands: Record<'mouse' | 'keyboard', (visit: Visit) => Hands> = {
  mouse: ({ page }) => ({
    press: (target) => target.click(),
    // The control itself is drawn by its label.
    pick: (target) => target.locator('xpath=ancestor::label').click(),
    type: (target, text) => target.fill(text),
    async choose(select, option) {
      await select.click();
      await page.getByRole('option', { name: option }).click();
    },
  }),
  keyboard: (visit) => ({
    async press(target) {
      await reach(visit, target);
      await visit.page.keyboard.press('Enter');
    },
    async pick(target) {
      await target.waitFor();
      const group = target.locator('xpath=ancestor::*[@role="radiogroup"]');
      if ((await group.count()) === 0) {
        await reach(visit, target);
        await visit.page.keyboard.press('Space');
        return;
      }
      const chosen = group.getByRole('radio', { checked: true });
      // Of a group in which nothing is chosen yet the first one takes the focus.
      await reach(visit, (await chosen.count()) > 0 ? chosen : group.getByRole('radio').first());
      for (let presses = 0; presses < 10 && !(await target.isChecked()); presses++)
        await visit.page.keyboard.press('ArrowDown');
      assert.ok(await target.isChecked());
    },
    async type(target, text) {
      await reach(visit, target);
      await visit.page.keyboard.press('ControlOrMeta+a');
      await visit.page.keyboard.insertText(text);
    },
    async choose(select, option) {
      await reach(visit, select);
      await visit.page.keyboard.press('Enter');
      const wanted = visit.page.getByRole('option', { name: option });
      await wanted.waitFor();
      for (let presses = 0; presses < 50; presses++) {
        if (
          await wanted.evaluate(
            (element) => element === (element as unknown as Element).ownerDocument.activeElement,
          )
        ) {
          await visit.page.keyboard.press('Enter');
          return;
        }
        await visit.page.keyboard.press('ArrowDown');
      }
      assert.fail(`arrows do not lead to ${option}`);
    },
  }),
};

/** The types of a browser are not loaded here. */
interface Element {
  ownerDocument: { activeElement: unknown };
}

/** Types a date, a time or both, `2026-03-08 09:12`, part after part as somebody at a keyboard does. */
export async function typeDate(within: Page | Locator, label: string, text: string): Promise<void> {
  const parts = within.getByRole('group', { name: new RegExp(`^${label}( \\*)?$`) }).getByRole('spinbutton');
  await parts.first().focus();
  await parts.first().page().keyboard.type(text.replaceAll(/\D/g, ''));
}

/** Somebody who sees that a button is at work waits for it: a press would be lost. */
async function reach(visit: Visit, target: Locator): Promise<void> {
  await target.waitFor();
  await until(`${target} can be used`, () => target.isEnabled());
  await visit.tabTo(target);
}
