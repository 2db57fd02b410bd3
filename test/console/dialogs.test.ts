import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { consoleSite } from '../support/console.ts';

const site = await consoleSite({ kind: 'service', followers: 5 });

/** Dialogs that are longer than the window of a phone with its keyboard open. */
const long = [
  { path: '/alerts', opens: '添加渠道', submit: '添加' },
  { path: '/webhooks', opens: '添加 Webhook', submit: '添加' },
  { path: '/accounts', opens: '添加账号', submit: '核对并添加' },
];
const height = 420;

describe('a dialog that is longer than the window', () => {
  for (const { path, opens, submit } of long)
    test(`${opens}: its title and its buttons stay, and all between them can be reached`, async () => {
      await using visit = await site.open(path, { width: 390, height });
      const { page } = visit;
      await page.getByRole('button', { name: opens, exact: true }).first().click();
      const dialog = page.getByRole('dialog');
      const isInside = async (what: 'heading' | 'button', name: string): Promise<void> => {
        const box = await dialog.getByRole(what, { name, exact: true }).boundingBox();
        assert.ok(
          box !== null && box.y >= 0 && box.y + box.height <= height,
          `${name}: ${JSON.stringify(box)}`,
        );
      };
      await dialog.getByRole('button', { name: submit, exact: true }).waitFor();
      await isInside('heading', opens);
      await isInside('button', submit);
      const last = dialog.locator('form > :last-child');
      await last.scrollIntoViewIfNeeded();
      await isInside('heading', opens);
      await isInside('button', submit);
      assert.ok(await last.isVisible());
      await visit.fits();
      await visit.accessible();
      visit.clean();
    });
});
