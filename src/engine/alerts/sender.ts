import { Agent, type Dispatcher } from 'undici';
import type { AddressGuard } from '../../base/address-guard.ts';
import { errorCode } from '../../base/errors.ts';
import type { ClaimedTelling } from '../../store/alerts/tellings.ts';
import { incidentPath } from '../../texts/alerts.ts';
import { createGuard } from '../webhooks/guard.ts';
import { WebhookSender } from '../webhooks/sender.ts';
import { sendMail } from './mail.ts';
import { alertMessage, type Letterhead, testMessage } from './message.ts';
import { postToRobot, type Sent } from './robots.ts';
import { type AlertTarget, checkTarget } from './target.ts';

/** Tells channels, each in its own form. Connects only where the guard allows it, and follows no redirects. */
export class AlertSender {
  readonly #guard: AddressGuard;
  readonly #agent: Dispatcher;
  readonly #webhooks: WebhookSender;

  /** @param allowed addresses and networks that are exempt from the guard */
  constructor(allowed: readonly string[]) {
    this.#guard = createGuard(allowed);
    this.#agent = new Agent({
      connections: 2,
      pipelining: 1,
      allowH2: false,
      connect: { lookup: this.#guard.lookup, timeout: 5_000 },
    });
    this.#webhooks = new WebhookSender(allowed);
  }

  /** Never rejects. A webhook is told the first of them: its limit is one. */
  async tell(target: AlertTarget, tellings: readonly ClaimedTelling[], head: Letterhead): Promise<Sent> {
    const [first] = tellings;
    if (first === undefined) return { kind: 'taken' };
    if (target.kind !== 'webhook') return await this.#send(target, alertMessage(tellings, head));
    const { what, id, kind, subject, appid, details } = first;
    const [part] = alertMessage([first], head).parts;
    const item = {
      ...{ topic: 'incident', what, id, kind, subject, appid, details },
      since: first.seenAt.toISOString(),
      until: first.endedAt?.toISOString() ?? null,
      ...{ title: part?.title ?? '', text: part?.lines.join('\n') ?? '' },
      link: head.publicUrl === null ? null : head.publicUrl + incidentPath(first),
    };
    // The same whenever it is repeated, so that the receiver knows it again.
    return await this.#post(target, `incident-${id}-${what}`, item);
  }

  /** Never rejects. */
  async test(target: AlertTarget, head: Letterhead): Promise<Sent> {
    if (target.kind !== 'webhook') return await this.#send(target, testMessage(head));
    const at = new Date();
    return await this.#post(target, `test-${at.getTime()}`, { topic: 'test', at: at.toISOString() });
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent.close(), this.#webhooks.close()]);
  }

  async #send(
    target: Exclude<AlertTarget, { kind: 'webhook' }>,
    message: ReturnType<typeof alertMessage>,
  ): Promise<Sent> {
    try {
      // An address that is written out is looked up by nobody.
      checkTarget(target, this.#guard);
    } catch (error) {
      return { kind: 'failed', error: errorCode(error) ?? 'unusable' };
    }
    return target.kind === 'email'
      ? await sendMail(this.#guard, target, message)
      : await postToRobot(this.#agent, target, message, Date.now());
  }

  async #post(
    { url, secret }: Extract<AlertTarget, { kind: 'webhook' }>,
    id: string,
    item: Record<string, unknown>,
  ): Promise<Sent> {
    const body = JSON.stringify({ items: [item] });
    const result = await this.#webhooks.send({ id, url, secrets: [secret], body });
    if (result.kind === 'taken') return { kind: 'taken' };
    return { kind: 'failed', error: result.kind === 'gone' ? 'HTTP 410' : result.error };
  }
}
