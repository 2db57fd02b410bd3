import { readEvents, type StreamedEvent } from './events.ts';
import { HongyanProblem, HongyanUnreachable, problemFrom } from './problem.ts';
import type { Answer, Entry, EventRoute, Input, JsonRoute, ListRoute, StreamRoute } from './types.ts';

export interface ClientOptions {
  /** Where `hongyan serve` is, e.g. `http://127.0.0.1:8790`. In the console: empty. */
  baseUrl: string;
  /** An API key. Without one the browser's cookie says who asks. */
  key?: string | undefined;
  /** Language of what the server says: `en` (default) or `zh`. */
  lang?: 'en' | 'zh' | undefined;
  /** Instead of the global one. */
  fetch?: typeof fetch;
}

/** The API. Everything throws `HongyanProblem` where the server refuses, `HongyanUnreachable` where there is no answer. */
export interface Client {
  /** One call. */
  call<K extends JsonRoute>(route: K, ...input: Arguments<K>): Promise<Answer<K>>;
  /** Every entry of a list, page after page; `query.limit` is the size of a page. */
  each<K extends ListRoute>(route: K, ...input: Arguments<K>): AsyncGenerator<Entry<K>>;
  /** A call whose answer is bytes: read its `body` as a stream. */
  open<K extends StreamRoute>(route: K, ...input: Arguments<K>): Promise<Response>;
  /**
   * Server-sent events until the server ends them or `signal` aborts; go on with the last id. A connection that breaks off, or on
   * which not even the heartbeat comes for `silenceMs` (default 45,000), throws `HongyanUnreachable`.
   */
  events<K extends EventRoute>(
    route: K,
    input: Input<K> & { lastEventId?: string; silenceMs?: number },
  ): AsyncGenerator<StreamedEvent>;
}

/** What may be left out as a whole is left out. */
type Arguments<K extends JsonRoute | StreamRoute> =
  Record<never, never> extends Input<K> ? [input?: Input<K>] : [input: Input<K>];

/** Any input, as it is read here: the types of each route are checked where it is called. */
interface Given {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  key?: string;
  type?: string;
  signal?: AbortSignal;
  lastEventId?: string;
  silenceMs?: number;
}

/** Three heartbeats. */
const defaultSilenceMs = 45_000;

export function createClient(options: ClientOptions): Client {
  const ask = async (route: string, given: Given, accept: string): Promise<Response> => {
    const { url, init } = requestOf(options, route, given, accept);
    const answer = await (options.fetch ?? fetch)(url, init).catch((cause: unknown) => {
      throw given.signal?.aborted ? cause : new HongyanUnreachable(url, cause);
    });
    if (answer.ok) return answer;
    const retryAfter = Number(answer.headers.get('retry-after') ?? Number.NaN);
    const text = await answer.text().catch(() => '');
    throw new HongyanProblem(problemFrom(answer.status, text), Number.isNaN(retryAfter) ? null : retryAfter);
  };
  const call = async (route: string, given: Given): Promise<unknown> => {
    const answer = await ask(route, given, 'application/json');
    const text = await answer.text().catch((cause: unknown) => {
      throw given.signal?.aborted ? cause : new HongyanUnreachable(answer.url, cause);
    });
    return text === '' ? undefined : JSON.parse(text);
  };
  async function* each(route: string, given: Given): AsyncGenerator<unknown> {
    for (let cursor: unknown = given.query?.cursor; ; ) {
      const query = { ...given.query, cursor };
      const page = (await call(route, { ...given, query })) as { data: unknown[]; next: string | null }; // a ListRoute
      yield* page.data;
      if (page.next === null) return;
      cursor = page.next;
    }
  }
  async function* events(route: string, given: Given): AsyncGenerator<StreamedEvent> {
    const { body, url } = await ask(route, given, 'text/event-stream');
    if (body === null) return;
    try {
      yield* readEvents(body, given.silenceMs ?? defaultSilenceMs);
    } catch (cause) {
      throw given.signal?.aborted ? cause : new HongyanUnreachable(url, cause);
    }
  }
  return {
    call: (route, input: Given = {}) => call(route, input),
    each: (route, input: Given = {}) => each(route, input),
    open: (route, input: Given = {}) => ask(route, input, '*/*'),
    events: (route, input: Given) => events(route, input),
  } as Client; // each is typed by its route above, and knows nothing of it at run time
}

function requestOf(
  { baseUrl, key, lang = 'en' }: ClientOptions,
  route: string,
  { params = {}, query = {}, body, type, signal, ...given }: Given,
  accept: string,
): { url: string; init: RequestInit } {
  const [method = '', pattern = ''] = route.split(' ');
  const path = pattern.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null) search.set(name, String(value));
  const isBytes = typeof body === 'string' || (typeof body === 'object' && body !== null && isBinary(body));
  const headers: Record<string, string> = { accept, 'accept-language': lang };
  if (key !== undefined) headers.authorization = `Bearer ${key}`;
  // A page of another site cannot send it with the cookie.
  else headers['x-requested-with'] = 'hongyan';
  if (body !== undefined) headers['content-type'] = isBytes ? (type ?? 'text/csv') : 'application/json';
  if (given.key !== undefined) headers['idempotency-key'] = given.key;
  if (given.lastEventId !== undefined) headers['last-event-id'] = given.lastEventId;
  const init: RequestInit = { method, headers };
  if (signal !== undefined) init.signal = signal;
  if (body !== undefined)
    init.body = isBytes ? (body as NonNullable<RequestInit['body']>) : JSON.stringify(body); // isBinary
  // A stream is sent as it comes; not all types of fetch know the word.
  if (body instanceof ReadableStream) Object.assign(init, { duplex: 'half' });
  const address = `${baseUrl.replace(/\/+$/, '')}${path}`;
  return { url: search.size === 0 ? address : `${address}?${search}`, init };
}

function isBinary(body: object): boolean {
  return body instanceof Uint8Array || body instanceof Blob || body instanceof ReadableStream;
}
