/** Campaigns over HTTP, for tests that need one and are about something else. */
import assert from 'node:assert/strict';
import type { SimulatedAccount } from '../../../src/simulator/index.ts';
import type { ContractSite } from '../contract.ts';
import { until } from '../in-time.ts';
import { templateOf } from '../wechat.ts';

type Caller = Pick<ContractSite, 'call'>;

/** A request for a campaign that says 消息通知 to these people, whoever had it before. */
export function announcement(account: SimulatedAccount, openids: readonly string[]) {
  return {
    ...{ appid: account.appid, channel: 'oa-template', again: true },
    message: {
      template_id: templateOf(account, '消息通知'),
      data: { keyword1: '三月会员日', keyword2: '您的权益已更新', keyword3: '2026年3月8日' },
    },
    audience: { kind: 'list', openids },
  };
}

/** The account's first people. */
export function firstOf(account: SimulatedAccount, people: number): string[] {
  return Array.from({ length: people }, (_, n) => account.openid(n));
}

/** Waits until the campaign is in that state. */
export async function campaignIs({ call }: Caller, id: number, state: string): Promise<void> {
  await until(`campaign ${id} is ${state}`, async () => {
    const { body } = await call('GET /v1/campaigns/{id}', { params: { id } });
    return (body as { state: string }).state === state; // as its row says
  });
}

/** The number of a campaign that was submitted; it may still be planned. */
export async function submitCampaign({ call }: Caller, request: object): Promise<number> {
  const { status, body } = await call('POST /v1/campaigns', { body: request });
  assert.equal(status, 202, JSON.stringify(body));
  return (body as { campaign: { id: number } }).campaign.id; // as its row says
}

/** The number of a campaign that is planned. */
export async function planCampaign(site: Caller, request: object): Promise<number> {
  const id = await submitCampaign(site, request);
  await campaignIs(site, id, 'planned');
  return id;
}

/** Sends it to as many as its plan says. */
export async function confirmCampaign({ call }: Caller, id: number): Promise<void> {
  const plan = await call('GET /v1/campaigns/{id}/plan', { params: { id } });
  const { planHash, campaign } = plan.body as { planHash: string; campaign: { counts: { planned: number } } }; // as its row says
  const body = { planned: campaign.counts.planned, planHash };
  const confirmed = await call('POST /v1/campaigns/{id}/confirm', { params: { id }, body });
  assert.ok(confirmed.status < 300, JSON.stringify(confirmed.body));
}
