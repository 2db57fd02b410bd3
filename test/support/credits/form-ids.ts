import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { silentLogger } from '../../../src/base/logger.ts';
import { reportFormIds } from '../../../src/engine/credits/report-form-ids.ts';
import { startEngine } from '../../../src/engine/engine.ts';
import { AccountClients } from '../../../src/engine/sending/account-clients.ts';
import { startServer } from '../../../src/server/server.ts';
import { type FormIdKind, formCreditsOf } from '../../../src/store/credits/form-credits.ts';
import type { Scene } from '../deliver.ts';
import { bodiesOf } from '../wechat.ts';

const dayMs = 86_400_000;

/** The retired form_id messages of a scene: what their tests do and look at. */
export class FormIds {
  /** Refusals before the test. */
  #before = { invalid: 0, used: 0 };
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Nobody has a form_id that we know of, and nobody a message. */
  async fresh(): Promise<void> {
    await this.#scene.pool.query('truncate form_credits, form_reservations');
    this.#scene.account.clearReceived();
    this.#scene.simulator.clearFaults();
    this.#before = { invalid: 0, used: 0 };
    this.#before = this.refusals();
  }

  /** A form_id that WeChat takes, reported as made some days ago. */
  async give(person: number, kind: FormIdKind = 'form', daysAgo = 0): Promise<string> {
    const { account } = this.#scene;
    const formId = account.issueFormId(account.openid(person), kind);
    await this.know(person, formId, kind, daysAgo);
    return formId;
  }

  async know(person: number, formId: string, kind: FormIdKind = 'form', daysAgo = 0): Promise<void> {
    const { pool, account } = this.#scene;
    const { appid } = account;
    const at = new Date(Date.now() - daysAgo * dayMs);
    await reportFormIds(pool, { appid, openid: account.openid(person), formIds: [{ formId, kind, at }] });
  }

  /** The form_ids with which a person was sent messages, oldest first. */
  sentWith(person: number): unknown[] {
    const { account } = this.#scene;
    return bodiesOf(account, account.openid(person)).map((body) => body.form_id);
  }

  async held(campaignId: number): Promise<Map<number, string>> {
    const result = await this.#scene.pool.query<{ no: number; form_id: string }>(
      'select no, form_id from form_reservations where campaign_id = $1',
      [campaignId],
    );
    return new Map(result.rows.map((row) => [row.no, row.form_id]));
  }

  /** Messages that the ledger thinks may still be sent to a person, and those it has set aside. */
  async left(person: number): Promise<[left: number, reserved: number]> {
    const { pool, account } = this.#scene;
    const all = await formCreditsOf(pool, account.appid, account.openid(person));
    return [all.reduce((sum, one) => sum + one.left, 0), all.reduce((sum, one) => sum + one.reserved, 0)];
  }

  async outcomes(campaignId: number): Promise<(string | number | null)[][]> {
    const all = await this.#scene.outcomes(campaignId);
    const report = await this.#scene.report(campaignId);
    const { accepted, rejected, unknown, unsent, campaign } = report;
    assert.equal(accepted + rejected + unknown + unsent, campaign.plannedCount);
    for (const [outcome, n] of Object.entries({ accepted, rejected, unknown, unsent }))
      assert.equal(all.filter((one) => one.outcome === outcome).length, n, outcome);
    return all.map(({ outcome, errcode, reason }) => [outcome, errcode ?? reason]);
  }

  /** Refused form_ids since the test began. */
  refusals(): { invalid: number; used: number } {
    const { '41028': invalid = 0, '41029': used = 0 } = this.#scene.account.summary().byErrcode;
    return { invalid: invalid - this.#before.invalid, used: used - this.#before.used };
  }

  /** The HTTP API, until the test ends. */
  async startApi(t: TestContext): Promise<(openid: string, body?: object) => Promise<Response>> {
    const { store } = this.#scene.site;
    const { appid } = this.#scene.account;
    const token = 'f'.repeat(32);
    const clients = new AccountClients({ store, logger: silentLogger });
    const engine = await startEngine({
      store,
      clients,
      logger: silentLogger,
      role: 'serve',
      version: 'test',
    });
    const server = await startServer({
      ...{ store, clients, engine, logger: silentLogger, version: 'test', apiToken: token },
      listen: { host: '127.0.0.1', port: 0 },
    });
    t.after(async () => {
      await server.close();
      await engine.stop();
      await clients.close();
    });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return (openid, body) =>
      fetch(`${server.url}/v1/contacts/${openid}/credits${body === undefined ? `?appid=${appid}` : ''}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify({ appid, key: 'submit-1', ...body }) }),
      });
  }
}
