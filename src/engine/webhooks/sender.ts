import { Agent, type Dispatcher, request } from 'undici';
import type { AddressGuard } from '../../base/address-guard.ts';
import { errorCode } from '../../base/errors.ts';
import { failPost, postSpan } from '../../base/post-span.ts';
import { headersOf, hiddenFromOthers, noParent, type Span } from '../../base/tracing.ts';
import { checkWebhookUrl, createGuard } from './guard.ts';
import { signatureHeaders } from './sign.ts';

/** From the request to the end of its answer. */
export const answerMs = 10_000;
/** More of an answer is not read; nothing in it is used. */
const answerBytes = 64 * 1024;

/** What became of one POST: taken (2xx), or why not. `gone`: 410, the receiver wants no more. */
export type SendResult = { kind: 'taken' } | { kind: 'failed'; error: string } | { kind: 'gone' };

/** POSTs deliveries. Follows no redirects, and connects only where the guard allows it. */
export class WebhookSender {
  readonly #guard: AddressGuard;
  readonly #agent: Dispatcher;

  /** @param allowed addresses and networks that are exempt from the guard */
  constructor(allowed: readonly string[]) {
    this.#guard = createGuard(allowed);
    this.#agent = new Agent({
      // As many as the windows of all webhooks ask for: two on one host must not wait for each other.
      connections: null,
      pipelining: 1,
      allowH2: false,
      connect: { lookup: this.#guard.lookup, timeout: 5_000 },
    });
  }

  /** Never rejects. The receiver goes on with the trace of its span, which is no part of any other trace. */
  async send(
    delivery: { id: string; url: string; secrets: readonly string[]; body: string },
    signal?: AbortSignal,
  ): Promise<SendResult> {
    const { id, url } = delivery;
    const origin = { parent: noParent, attributes: { 'hongyan.delivery.id': id } };
    return await postSpan(url, origin, async (span) => {
      const result = await this.#post(delivery, span, signal);
      if (result.kind !== 'taken') failPost(span, result.kind === 'gone' ? 'HTTP 410' : result.error);
      return result;
    });
  }

  async #post(
    delivery: { id: string; url: string; secrets: readonly string[]; body: string },
    span: Span | null,
    signal?: AbortSignal,
  ): Promise<SendResult> {
    try {
      const url = checkWebhookUrl(delivery.url, this.#guard);
      const seconds = Math.floor(Date.now() / 1000);
      const timeout = AbortSignal.timeout(answerMs);
      const wish = {
        dispatcher: this.#agent,
        method: 'POST',
        headers: {
          'content-type': 'application/json;charset=utf-8',
          'user-agent': 'Hongyan',
          ...signatureHeaders(delivery.secrets, delivery.id, seconds, delivery.body),
          ...headersOf(span),
        },
        body: delivery.body,
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      } as const;
      const answer = await hiddenFromOthers(() => request(url, wish));
      span?.setAttribute('http.response.status_code', answer.statusCode);
      await answer.body.dump({ limit: answerBytes }).catch(() => {});
      const { statusCode } = answer;
      if (statusCode >= 200 && statusCode < 300) return { kind: 'taken' };
      return statusCode === 410 ? { kind: 'gone' } : { kind: 'failed', error: `HTTP ${statusCode}` };
    } catch (error) {
      // The code alone: a message may name the URL with its query.
      return { kind: 'failed', error: reasonOf(error) };
    }
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'timeout';
  if (error instanceof DOMException && error.name === 'AbortError') return 'stopped';
  return errorCode(error) ?? 'no-connection';
}
