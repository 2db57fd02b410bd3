import { Agent, type Dispatcher, request } from 'undici';
import { checkForwardTo, forwardGuard } from '../../app/callback/rules.ts';
import { errorCode } from '../../base/errors.ts';
import { failPost, postSpan } from '../../base/post-span.ts';
import { headersOf, hiddenFromOthers, type Span } from '../../base/tracing.ts';

/** Names the installations that a request has passed, so that two that forward to each other do not do so for ever. */
export const passedHeader = 'x-hongyan-passed';

const maxReplyBytes = 1024 * 1024;
/** More at once than this wait, and then come too late: the URL behind is not what they wait for. */
const maxConnections = 64;

/** A request of WeChat's, as it came. */
export interface RawRequest {
  /** Behind the question mark, unchanged: the signature is in it. */
  rawQuery: string;
  body: Buffer;
  contentType: string | undefined;
  userAgent: string | undefined;
  passed: string;
}

export interface ForwardedReply {
  contentType: string | undefined;
  body: Buffer;
}

/** Relays requests to the URL that an account had before Hongyan. */
export class Forwarder {
  readonly #agent: Dispatcher = new Agent({
    connections: maxConnections,
    connect: { timeout: 3_000, lookup: forwardGuard.lookup },
    keepAliveTimeout: 30_000,
  });

  /**
   * Relays one request, once; redirects are not followed. The reply as it came, or why there is none: an HTTP status
   * other than 2xx, or the code of an error (`TIMEOUT` after `timeoutMs`).
   */
  async forward(
    url: string,
    request: RawRequest,
    timeoutMs: number,
  ): Promise<ForwardedReply | { failed: string }> {
    return await postSpan(url, {}, async (span) => {
      const answer = await this.#forward(url, request, timeoutMs, span);
      if ('failed' in answer) failPost(span, answer.failed);
      return answer;
    });
  }

  async #forward(
    url: string,
    { rawQuery, body, contentType, userAgent, passed }: RawRequest,
    timeoutMs: number,
    span: Span | null,
  ): Promise<ForwardedReply | { failed: string }> {
    // It takes whole milliseconds only.
    const signal = AbortSignal.timeout(Math.max(1, Math.round(timeoutMs)));
    try {
      // Written out it is not looked up; what an older version stored was not checked either.
      const target = new URL(checkForwardTo(url));
      target.search = [target.search.slice(1), rawQuery].filter((part) => part !== '').join('&');
      const wish = {
        method: 'POST',
        body,
        headers: {
          'content-type': contentType ?? 'text/xml',
          'user-agent': userAgent ?? 'Mozilla/4.0',
          [passedHeader]: passed,
          ...headersOf(span),
        },
        signal,
        dispatcher: this.#agent,
      } as const;
      const answer = await hiddenFromOthers(() => request(target, wish));
      span?.setAttribute('http.response.status_code', answer.statusCode);
      if (answer.statusCode < 200 || answer.statusCode > 299) {
        await answer.body.dump();
        return { failed: `HTTP ${answer.statusCode}` };
      }
      const parts: Buffer[] = [];
      let bytes = 0;
      for await (const part of answer.body as AsyncIterable<Buffer>) {
        // a body without an encoding gives buffers
        bytes += part.length;
        if (bytes > maxReplyBytes) {
          answer.body.destroy();
          return { failed: 'REPLY_TOO_LARGE' };
        }
        parts.push(part);
      }
      const type = answer.headers['content-type'];
      return { contentType: Array.isArray(type) ? type[0] : type, body: Buffer.concat(parts) };
    } catch (error) {
      return { failed: signal.aborted ? 'TIMEOUT' : (errorCode(error) ?? 'FAILED') };
    }
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}
