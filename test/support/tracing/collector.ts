/** A stand-in for an OpenTelemetry collector: takes OTLP over HTTP as JSON, and keeps every span. */
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../in-time.ts';
import { httpServer } from '../wechat/raw-server.ts';

interface WireValue {
  stringValue?: string;
  intValue?: number | string;
  doubleValue?: number;
  boolValue?: boolean;
}

interface WireAttribute {
  key: string;
  value: WireValue;
}

interface WireSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes?: WireAttribute[];
  events?: { name: string; attributes?: WireAttribute[] }[];
  links?: { traceId: string; spanId: string }[];
  status?: { code?: number; message?: string };
}

export interface Span {
  traceId: string;
  id: string;
  parent: string | null;
  name: string;
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  attributes: Record<string, string | number | boolean>;
  events: { name: string; attributes: Record<string, string | number | boolean> }[];
  links: { traceId: string; id: string }[];
  isError: boolean;
  /** `service.instance.id` of the process that made it. */
  process: string;
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

export interface Collector {
  url: string;
  spans: Span[];
  /** Whole requests, as they came. */
  raw: string[];
  /** The environment of a process whose spans come here, under this name. */
  env(process: string): Record<string, string>;
  /** Waits until there is such a span. */
  span(what: string, is: (span: Span) => boolean): Promise<Span>;
  /** From now on nothing is taken: connections are refused. */
  close(): Promise<void>;
}

const sample = fileURLToPath(new URL('../../../deploy/otel.mjs', import.meta.url));

export async function startCollector(): Promise<Collector> {
  const spans: Span[] = [];
  const raw: string[] = [];
  const server = await httpServer((request, body, response) => {
    if (request.url === '/v1/traces') {
      raw.push(body);
      spans.push(...readSpans(body));
    }
    response.setHeader('content-type', 'application/json');
    response.end('{}');
  });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await server[Symbol.asyncDispose]();
    isOpen = false;
  };
  after(close);
  return {
    ...{ url: server.url, spans, raw, close },
    env: (process) => ({
      NODE_OPTIONS: `--import ${sample}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: server.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_RESOURCE_ATTRIBUTES: `service.instance.id=${process}`,
      OTEL_BSP_SCHEDULE_DELAY: '50',
    }),
    span: (what, is) => until(`the span of ${what} is exported`, async () => spans.find(is)),
  };
}

function readSpans(body: string): Span[] {
  const {
    resourceSpans,
  }: {
    resourceSpans: { resource: { attributes: WireAttribute[] }; scopeSpans: { spans: WireSpan[] }[] }[];
  } = JSON.parse(body);
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const process = String(valuesOf(resource.attributes)['service.instance.id']);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(
        (span): Span => ({
          ...{ traceId: span.traceId, id: span.spanId, name: span.name, process },
          parent: span.parentSpanId ?? null,
          kind: kinds[span.kind] ?? 'internal',
          attributes: valuesOf(span.attributes),
          events: (span.events ?? []).map(({ name, attributes }) => ({
            name,
            attributes: valuesOf(attributes),
          })),
          links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, id: spanId })),
          isError: span.status?.code === 2,
        }),
      ),
    );
  });
}

function valuesOf(attributes: WireAttribute[] = []): Record<string, string | number | boolean> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? value.doubleValue ?? Number(value.intValue),
    ]),
  );
}
