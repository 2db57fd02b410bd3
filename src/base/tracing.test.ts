import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trace } from '@opentelemetry/api';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace';
import { startTracing } from '../../test/support/tracing/in-process.ts';
import {
  activeSpanContext,
  detached,
  hiddenFromOthers,
  inSpan,
  isTracing,
  noParent,
  parentOf,
  readTrace,
  startSpan,
  traceText,
  withSpan,
} from './tracing.ts';

test('without an SDK nothing is made, and nothing is kept', async () => {
  assert.equal(isTracing(), false);
  assert.equal(startSpan('one', { kind: 'internal' }), null);
  assert.equal(traceText(null), null);
  assert.equal(readTrace(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`), undefined);
  assert.equal(await withSpan('one', { kind: 'internal' }, async (span) => span), null);
  assert.equal(detached(() => 1) + hiddenFromOthers(() => 2), 3);
});

test('a span goes through a row, with its tracestate, and what is made of it belongs to its trace', () => {
  const tracing = startTracing();
  const text = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01 vendor=1,other=2`;
  const read = readTrace(text);
  assert.ok(read !== undefined);
  const span = startSpan('one', { kind: 'producer', parent: parentOf(read) });
  assert.equal(traceText(span), `00-${'a'.repeat(32)}-${span?.spanContext().spanId}-01 vendor=1,other=2`);
  for (const wrong of [
    null,
    undefined,
    '',
    'x',
    `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
    `${text.slice(0, 54)}`,
  ])
    assert.equal(readTrace(wrong), undefined);
  tracing.end();
});

test('of a span that is not sampled a row keeps nothing', () => {
  const tracing = startTracing(new AlwaysOffSampler());
  const span = startSpan('one', { kind: 'producer' });
  assert.ok(span !== null);
  assert.equal(traceText(span), null);
  tracing.end();
});

test('an error is told by its code alone', async () => {
  const tracing = startTracing();
  const error = Object.assign(new Error('openid oTjywV is in here'), { code: 'SOME_CODE' });
  await assert.rejects(
    withSpan('one', { kind: 'internal' }, async () => {
      throw error;
    }),
    error,
  );
  const [span] = tracing.named('one');
  assert.equal(span?.attributes['error.type'], 'SOME_CODE');
  assert.deepEqual([span?.events, span?.status.message], [[], undefined]);
  tracing.end();
});

test('what is detached has no parent, and what is hidden is recorded by nobody', () => {
  const tracing = startTracing();
  const outer = startSpan('outer', { kind: 'internal', parent: noParent });
  inSpan(outer, () => {
    assert.equal(activeSpanContext()?.spanId, outer?.spanContext().spanId);
    detached(() => startSpan('detached', { kind: 'internal' })?.end());
    hiddenFromOthers(() => trace.getTracer('other').startSpan('hidden').end());
  });
  outer?.end();
  assert.equal(tracing.named('detached')[0]?.parentSpanContext, undefined);
  assert.deepEqual(tracing.named('hidden'), []);
  tracing.end();
});
