import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '../base/logger.ts';
import type { WebPages } from '../base/web-pages.ts';
import { type Answer, type Failure, fail, isFailure } from './api/answers.ts';
import { dispatch, type Incoming, type Outcome, replaceAnswer } from './api/dispatch.ts';
import { queryValue } from './api/route.ts';
import { adminPath, handleAdmin } from './control/http.ts';
import type { FaultRule } from './state/faults.ts';
import type { World } from './state/world.ts';

const jsonType = 'application/json; encoding=utf-8';
/** Larger than any body that WeChat takes (10 MB of video and its frame). */
const maxBodyBytes = 12 * 1024 * 1024;
const empty = Buffer.alloc(0);
/** Node's 5 s would close connections that a client is about to reuse. */
const keepAliveMs = 65_000;

/** The HTTP side: reads requests, lets faults strike, delays and writes answers. */
export class SimulatorServer {
  readonly http: Server;
  readonly #world: World;
  readonly #logger: Logger;
  readonly #phone: WebPages;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(world: World, logger: Logger, phone: WebPages) {
    this.#world = world;
    this.#logger = logger;
    this.#phone = phone;
    this.http = createServer({ keepAliveTimeout: keepAliveMs, noDelay: true }, (request, response) =>
      this.#accept(request, response),
    );
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.http.closeAllConnections();
    await closed;
    for (const { events, holds } of this.#world.accounts.values()) {
      holds.close();
      await events.close();
    }
  }

  #accept(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const query = mark < 0 ? '' : url.slice(mark + 1);
    const isAdmin = path.startsWith(adminPath);
    // No path of WeChat's is one of these, so no fault strikes them.
    if (request.method === 'GET' && (path === '/' || path.startsWith('/assets/'))) {
      void this.#answerPage(path, request, response);
      return;
    }

    let fault: FaultRule | undefined;
    if (!isAdmin && !this.#world.faults.none) fault = this.#world.faults.strike(path, this.#appid(query));
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }

    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBodyBytes) chunks.push(chunk);
      else request.socket.destroy();
    });
    // The client went away or was cut off: there is nobody to answer, and nothing was carried out.
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('end', () => {
      const raw =
        chunks.length === 1 ? (chunks[0] as Buffer) : chunks.length === 0 ? empty : Buffer.concat(chunks);
      const incoming: Incoming = {
        method: request.method ?? 'GET',
        path,
        query,
        contentType: request.headers['content-type'] ?? '',
        raw,
        ip: plainIp(request.socket.remoteAddress),
      };
      if (isAdmin) void handleAdmin(this.#world, incoming, request.headers, response);
      else this.#answer(incoming, request, response, fault);
    });
  }

  /** The phone to look at, at `/`. */
  async #answerPage(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const found =
        path === '/'
          ? await this.#phone.page()
          : await this.#phone.asset(path, request.headers['accept-encoding']);
      if (found === null) response.writeHead(404).end();
      else response.writeHead(found.status, found.headers).end(found.body);
    } catch (error) {
      this.#logger.error({ err: error, path }, 'the phone could not be read');
      response.writeHead(500).end();
    }
  }

  #answer(
    incoming: Incoming,
    request: IncomingMessage,
    response: ServerResponse,
    fault: FaultRule | undefined,
  ): void {
    const outcome = this.#process(incoming, fault);
    const { account, early } = outcome;
    if (early === undefined) this.#delay(incoming, request, response, outcome, fault);
    else {
      account?.events.sender.afterFirstDelivery(early, () =>
        this.#delay(incoming, request, response, outcome, fault),
      );
    }
  }

  #delay(
    incoming: Incoming,
    request: IncomingMessage,
    response: ServerResponse,
    outcome: Outcome,
    fault: FaultRule | undefined,
  ): void {
    const { account } = outcome;
    let delayMs = 0;
    if (account !== undefined) {
      const { latencyMs, jitterMs } = account.options;
      delayMs = latencyMs + (jitterMs > 0 ? account.random() * jitterMs : 0);
    }
    if (fault?.kind === 'slow') delayMs += fault.slowMs ?? 5000;
    if (delayMs === 0) {
      this.#write(incoming, request, response, outcome, fault);
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#write(incoming, request, response, outcome, fault);
    }, delayMs);
    this.#timers.add(timer);
  }

  /** Carries the request out, unless a fault answers in its place. */
  #process(incoming: Incoming, fault: FaultRule | undefined): Outcome {
    if (typeof fault?.kind === 'number' && fault.accepted !== true) {
      return replaceAnswer(this.#world, incoming, this.#appid(incoming.query), fault.kind);
    }
    try {
      return dispatch(this.#world, incoming);
    } catch (error) {
      // A defect of the simulator must look like one, not like a refused message.
      this.#logger.error({ err: error, path: incoming.path }, 'simulated call failed');
      return { answer: fail(-1), account: undefined, locked: undefined, early: undefined };
    }
  }

  #write(
    incoming: Incoming,
    request: IncomingMessage,
    response: ServerResponse,
    outcome: Outcome,
    fault: FaultRule | undefined,
  ): void {
    if (outcome.locked !== undefined) outcome.account?.busy.delete(outcome.locked);
    if (fault?.kind === 'cut') {
      request.socket.resetAndDestroy();
      return;
    }
    if (response.destroyed) return;
    const kind = fault?.kind;
    if (kind === 502 || kind === 503 || kind === 504) {
      writeGatewayPage(response, kind);
      return;
    }
    const answer: Answer = typeof kind === 'number' ? fail(kind) : outcome.answer;
    const body = isFailure(answer) ? this.#failureBody(answer, incoming, outcome) : answer;
    const headers = ['Content-Type', jsonType, 'Content-Length', String(Buffer.byteLength(body))];
    const { clock } = this.#world;
    // WeChat's own clock, by which clients judge theirs. Node gives the machine's.
    if (clock.isMoved) headers.push('Date', new Date(clock.now()).toUTCString());
    response.writeHead(200, headers);
    response.end(body);
  }

  #failureBody(failure: Failure, incoming: Incoming, outcome: Outcome): string {
    const { rids, clock } = this.#world;
    const nowMs = clock.now();
    const rid = rids.next(nowMs);
    const comma = incoming.path.startsWith('/sns/') ? ',' : '';
    const errmsg = JSON.stringify(`${failure.errmsg}${comma} rid: ${rid}`);
    const body = `{"errcode":${failure.errcode},"errmsg":${errmsg}${failure.more ?? ''}}`;
    rids.remember({
      rid,
      appid: outcome.account?.appid,
      invokedAtMs: nowMs,
      requestUrl: incoming.query,
      requestBody: incoming.raw.length > 4096 ? '' : incoming.raw.toString('utf8'),
      responseBody: body,
      clientIp: incoming.ip,
    });
    return body;
  }

  #appid(query: string): string | undefined {
    const token = queryValue(query, 'access_token');
    return token === undefined ? queryValue(query, 'appid') : this.#world.tokens.get(token)?.owner.appid;
  }
}

function writeGatewayPage(response: ServerResponse, status: 502 | 503 | 504): void {
  const reason = { 502: 'Bad Gateway', 503: 'Service Temporarily Unavailable', 504: 'Gateway Time-out' }[
    status
  ];
  const page = `<html>\r\n<head><title>${status} ${reason}</title></head>\r\n<body>\r\n<center><h1>${status} ${reason}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  response.writeHead(status, { 'Content-Type': 'text/html', 'Content-Length': page.length });
  response.end(page);
}

/** `127.0.0.1` for `::ffff:127.0.0.1`. */
function plainIp(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
