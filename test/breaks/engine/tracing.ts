import type { Break } from '../break.ts';

export const tracingBreaks: Break[] = [
  {
    what: 'a single message keeps the span that stored it, for whichever node sends it',
    file: 'src/store/messages/messages.ts',
    find: 'rows.map((row) => row.trace ?? null)',
    replace: 'rows.map(() => null)',
    test: 'test/tracing/messages.test.ts',
  },
  {
    what: 'a receipt that is matched later belongs to its message’s trace',
    file: 'src/engine/events/receipt-matcher.ts',
    find: 'for (const one of part.traced) spanReceipt(one);',
    replace: '',
    test: 'test/tracing/messages.test.ts',
  },
  {
    what: 'requests to a campaign’s recipients are traces of their own',
    file: 'src/engine/delivery/traces.ts',
    find: 'parent: noParent,',
    replace: 'parent: campaign === undefined ? noParent : parentOf(campaign),',
    test: 'test/tracing/whole.test.ts',
  },
  {
    what: 'no span of the API names the path as it was asked',
    file: 'src/server/tracing.ts',
    find: "'url.path': route,",
    replace: "'url.path': request.url,",
    test: 'test/tracing/whole.test.ts',
  },
  {
    what: 'what others record of a relayed request does not have the token',
    file: 'src/wechat/relay/relay.ts',
    find: 'await hiddenFromOthers(() =>',
    replace: 'await (<T>(run: () => T) => run())(() =>',
    test: 'test/tracing/client.test.ts',
  },
  {
    what: 'a lost answer is an error of its span',
    file: 'src/wechat/http/spans.ts',
    find: '    failSpan(span, error.reason);',
    replace: '',
    test: 'test/tracing/client.test.ts',
  },
  {
    what: 'a command hands its spans over before it ends',
    file: 'src/cli/traced-command.ts',
    find: 'await flushTraces();',
    replace: 'void flushTraces;',
    test: 'test/tracing/exporter.test.ts',
  },
  {
    what: 'a collector that never answers is not waited for',
    file: 'src/base/tracing.ts',
    find: 'const flushMs = 2_000;',
    replace: 'const flushMs = 2_000_000;',
    test: 'test/tracing/exporter.test.ts',
  },
  {
    what: 'of a span that is not sampled a row keeps nothing',
    file: 'src/base/tracing.ts',
    find: 'if ((traceFlags & TraceFlags.SAMPLED) === 0) return null;',
    replace: '',
    test: 'src/base/tracing.test.ts',
  },
];
