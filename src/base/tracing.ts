/**
 * Traces by OpenTelemetry. Spans are made only where an SDK was registered with `@opentelemetry/api`; without one everything
 * here gives null, or calls what it was given. This is the only file that knows the API.
 *
 * What goes into attributes is read by whoever may read traces: no openid, no secret, no token, no content, no error's text.
 */
import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  createTraceState,
  isSpanContextValid,
  ProxyTracerProvider,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { errorCode } from './errors.ts';
import { within } from './within.ts';

export type { Attributes, Context, Span, SpanContext } from '@opentelemetry/api';

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

export interface SpanOptions {
  kind: keyof typeof kinds;
  attributes?: Attributes;
  /** Default: the span that is active where it is started. */
  parent?: Context | undefined;
  links?: readonly SpanContext[];
  /** Unix ms; default: now. */
  startedAt?: number | undefined;
}

/** The parent of a span that begins a trace. */
export const noParent: Context = ROOT_CONTEXT;

let known: { provider: TracerProvider; tracer: Tracer } | null = null;

/** Null without an SDK. Asked for each message: 30 ns then. */
function tracerNow(): Tracer | null {
  const provider = trace.getTracerProvider();
  if (known?.provider === provider) return known.tracer;
  // A stand-in gives spans that record nothing; whether there is something behind it, only it can say.
  const tracer =
    provider instanceof ProxyTracerProvider
      ? provider.getDelegateTracer('hongyan')
      : provider.getTracer('hongyan');
  if (tracer === undefined) return null;
  known = { provider, tracer };
  return tracer;
}

/** Whether there is an SDK; with it what is only needed for traces is worth its time. */
export function isTracing(): boolean {
  return tracerNow() !== null;
}

/** Null without an SDK. Whoever starts one ends it. */
export function startSpan(name: string, options: SpanOptions): Span | null {
  const tracer = tracerNow();
  if (tracer === null) return null;
  const { kind, attributes, parent, links, startedAt } = options;
  return tracer.startSpan(
    name,
    {
      kind: kinds[kind],
      ...(attributes === undefined ? {} : { attributes }),
      ...(links === undefined ? {} : { links: links.map((one) => ({ context: one })) }),
      ...(startedAt === undefined ? {} : { startTime: startedAt }),
    },
    parent ?? context.active(),
  );
}

/** Runs `run` with the span as the active one; what is awaited in it keeps it. */
export function inSpan<T>(span: Span | null, run: () => T): T {
  return span === null ? run() : context.with(trace.setSpan(context.active(), span), run);
}

/** A span around `run`. A rejection is its error, by code alone, and is passed on. */
export async function withSpan<T>(
  name: string,
  options: SpanOptions,
  run: (span: Span | null) => Promise<T>,
): Promise<T> {
  const span = startSpan(name, options);
  if (span === null) return await run(null);
  try {
    return await inSpan(span, () => run(span));
  } catch (error) {
    failSpan(span, errorCode(error) ?? '_OTHER');
    throw error;
  } finally {
    span.end();
  }
}

/** @param type few and short: a code, an errcode, an HTTP status */
export function failSpan(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Runs `run` outside of the active span: a timer or a group that serves others too does not belong to who set it off. */
export function detached<T>(run: () => T): T {
  return isTracing() ? context.with(noParent, run) : run();
}

/** As the SDK of JavaScript names it, in @opentelemetry/core; equal descriptions are equal keys. */
const suppressed = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * Runs `run`, of which others' instrumentations make no spans: those of HTTP clients keep whole addresses, and ours hold
 * access_tokens and keys.
 */
export function hiddenFromOthers<T>(run: () => T): T {
  return isTracing() ? context.with(context.active().setValue(suppressed, true), run) : run();
}

/** As whoever asks has sent it, by the propagation of the SDK (W3C: `traceparent`, `tracestate`, `baggage`). */
export function contextFrom(headers: Record<string, string | string[] | undefined>): Context {
  return propagation.extract(noParent, headers);
}

/** The headers by which a receiver goes on with the trace of a span; none without one. */
export function headersOf(span: Span | null): Record<string, string> {
  const headers: Record<string, string> = {};
  if (span !== null) propagation.inject(trace.setSpan(context.active(), span), headers);
  return headers;
}

/** The parent of spans that belong to another one, here or elsewhere. */
export function parentOf(one: SpanContext): Context {
  return trace.setSpanContext(noParent, one);
}

/** What others may link to; undefined when no span is active. */
export function activeSpanContext(): SpanContext | undefined {
  return isTracing() ? trace.getActiveSpan()?.spanContext() : undefined;
}

const longestState = 512;

/**
 * A span as a row keeps it, `traceparent` and, after a space, `tracestate`; null when nothing of it is recorded: then a
 * row holds nothing.
 */
export function traceText(span: Span | null): string | null {
  if (span === null) return null;
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  if ((traceFlags & TraceFlags.SAMPLED) === 0) return null;
  const state = traceState?.serialize() ?? '';
  const parent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  return state === '' || state.length > longestState ? parent : `${parent} ${state}`;
}

/** What `traceText` wrote; undefined where there is none. */
export function readTrace(text: string | null | undefined): SpanContext | undefined {
  if (text === null || text === undefined || !isTracing()) return undefined;
  const [, traceId = '', spanId = '', flags = '', state = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?: (.*))?$/.exec(text) ?? [];
  const read: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  if (!isSpanContextValid(read)) return undefined;
  return state === '' ? read : { ...read, traceState: createTraceState(state) };
}

/** A short-lived process waits so long for the exporter, ms. */
const flushMs = 2_000;

/** Has what is recorded exported, where the SDK can; at most for two seconds. Never rejects. */
export async function flushTraces(): Promise<void> {
  if (!isTracing()) return;
  const provider = trace.getTracerProvider();
  const sdk: unknown = provider instanceof ProxyTracerProvider ? provider.getDelegate() : provider;
  // Not of the API: every SDK of JavaScript has it.
  const flush: unknown = typeof sdk === 'object' && sdk !== null ? Reflect.get(sdk, 'forceFlush') : undefined;
  if (typeof flush !== 'function') return;
  await within(flushMs, Promise.resolve(Reflect.apply(flush, sdk, []))).catch(() => {});
}
