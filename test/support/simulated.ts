import assert from 'node:assert/strict';
import type { SimulatedAccount, Simulator } from '../../src/simulator/index.ts';

/** A bare client for tests of the simulator: fetch and the raw answer text, nothing of ours in between. */
export class Caller {
  readonly #simulator: Simulator;
  readonly account: SimulatedAccount;
  token = '';

  constructor(simulator: Simulator, account: SimulatedAccount = simulator.account()) {
    this.#simulator = simulator;
    this.account = account;
  }

  /** Fetches a classic token for the calls that follow. */
  async login(): Promise<this> {
    this.token = tokenOf(await this.classic());
    return this;
  }

  classic(query: Record<string, string> = {}): Promise<string> {
    const { appid, secret } = this.account;
    const all = new URLSearchParams({ grant_type: 'client_credential', appid, secret, ...query });
    return this.raw('GET', `/cgi-bin/token?${all}`);
  }

  stable(more: object = {}): Promise<string> {
    const { appid, secret } = this.account;
    return this.raw('POST', '/cgi-bin/stable_token', {
      grant_type: 'client_credential',
      appid,
      secret,
      ...more,
    });
  }

  get(path: string, query: Record<string, string> = {}): Promise<string> {
    return this.raw('GET', `${path}?${new URLSearchParams({ access_token: this.token, ...query })}`);
  }

  post(path: string, body: unknown): Promise<string> {
    return this.raw('POST', `${path}?access_token=${this.token}`, body);
  }

  /** Uploads a made-up file of so many bytes; the answer. */
  async upload(type: string, name: string, bytes = 100): Promise<string> {
    const form = new FormData();
    form.set('media', new File([new Uint8Array(bytes)], name));
    const target = `/cgi-bin/media/upload?access_token=${this.token}&type=${type}`;
    return (await fetch(this.#simulator.url + target, { method: 'POST', body: form })).text();
  }

  async raw(method: string, target: string, body?: unknown): Promise<string> {
    const response = await fetch(this.#simulator.url + target, {
      method,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    assert.equal(response.status, 200);
    return response.text();
  }

  /** A template's id, by family and position. */
  template(family: string, position = 0): string {
    const id = this.account.templates().filter((template) => template.family === family)[
      position
    ]?.template_id;
    assert.ok(id !== undefined, `no template ${family} ${position}`);
    return id;
  }
}

/** Holds the simulated clock at noon in Shanghai, so that it moves by `advance` alone and no day ends in a test. */
export async function holdClock(simulator: Simulator): Promise<void> {
  const body = JSON.stringify({ now: Date.parse('2026-06-15T04:00:00Z'), frozen: true });
  const { status } = await fetch(`${simulator.url}/_simulator/clock`, { method: 'POST', body });
  assert.equal(status, 200);
}

const RID = /,? rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}"/;

/** The answer with its rid as ` rid: RID` (or `, rid: RID`); fails if it has none. */
export function withoutRid(answer: string): string {
  const rid = RID.exec(answer)?.[0];
  assert.ok(rid !== undefined, `no rid in ${answer}`);
  return answer.replace(rid, `${rid.startsWith(',') ? ',' : ''} rid: RID"`);
}

/** What a refusal looks like on the wire, its rid replaced. */
export function refusal(errcode: number, text: string): string {
  return `{"errcode":${errcode},"errmsg":"${text} rid: RID"}`;
}

export function errcodeOf(answer: string): number {
  // Every answer of the simulator is an object.
  return (JSON.parse(answer) as { errcode?: number }).errcode ?? 0;
}

export function tokenOf(answer: string): string {
  const token = /"access_token":"([^"]+)"/.exec(answer)?.[1];
  assert.ok(token !== undefined, answer);
  return token;
}
