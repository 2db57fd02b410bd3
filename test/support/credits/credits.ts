/** What the ledger and the simulated WeChat know of the credits of a scene's people. */
import assert from 'node:assert/strict';
import { enterCredits } from '../../../src/engine/credits/ledger.ts';
import { creditBalances } from '../../../src/store/credits/views.ts';
import { inTransaction } from '../../../src/store/database/pool.ts';
import type { Scene } from '../deliver.ts';
import { templateOf } from '../wechat.ts';

export const creditTitle = '订单发货通知';

/** Tells the ledger how many credits each of the first people has: as WeChat has it, or what the test says. */
export async function know(scene: Scene, people: number, count?: number): Promise<Map<string, number>> {
  const { account, pool } = scene;
  const templateId = templateOf(account, creditTitle);
  const truth = new Map<string, number>();
  for (let i = 0; i < people; i++) {
    const openid = account.openid(i);
    if (count !== undefined) {
      account.revokeCredits(openid, templateId);
      if (count > 0) account.grantCredits(openid, templateId, count);
    }
    truth.set(openid, account.credits(openid, templateId));
  }
  const at = new Date();
  const entries = [...truth].map(([openid, sets]) => ({
    openid,
    templateId,
    key: `import:${Math.random()}`,
    kind: 'import' as const,
    delta: 0,
    sets,
    at,
  }));
  await inTransaction(pool, (client) => enterCredits(client, account.appid, entries));
  return truth;
}

export async function ledger(
  scene: Scene,
  openid: string,
): Promise<{ balance: number; reserved: number; left: number | null }> {
  const [found] = await creditBalances(scene.pool, scene.account.appid, openid, [
    templateOf(scene.account, creditTitle),
  ]);
  assert.ok(found);
  const { balance, reserved, left } = found;
  return { balance, reserved, left };
}

/** Who holds a credit of a campaign, or with 0 of a single message. */
export async function reservations(
  scene: Scene,
  campaignId: number,
): Promise<{ no: number; held: string }[]> {
  const result = await scene.pool.query<{ no: number; held: string }>(
    'select no, held from credit_reservations where campaign_id = $1 order by no',
    [campaignId],
  );
  return result.rows;
}
