// Switches traces on: NODE_OPTIONS="--import ./otel.mjs" hongyan serve. See docs/traces.md.
// It needs `npm install @opentelemetry/sdk-node` beside it, and takes all else from OpenTelemetry's own variables
// (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME …).
import { NodeSDK } from '@opentelemetry/sdk-node';

// Traces alone: Prometheus reads Hongyan's metrics at /metrics.
process.env.OTEL_METRICS_EXPORTER ??= 'none';
process.env.OTEL_LOGS_EXPORTER ??= 'none';
// Not `process`: it would tell the command line, and that may name people.
process.env.OTEL_NODE_RESOURCE_DETECTORS ??= 'env,host';

const sdk = new NodeSDK({
  serviceName: process.env.OTEL_SERVICE_NAME ?? 'hongyan',
  // Room for @opentelemetry/instrumentation-pg, which makes a span of each statement. None for HTTP clients: they keep whole
  // addresses, and in WeChat's is the access_token.
  instrumentations: [],
});
sdk.start();
