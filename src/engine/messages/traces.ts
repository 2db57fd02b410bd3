import { isTracing, noParent, parentOf, traceText, withSpan } from '../../base/tracing.ts';
import type { NewMessage } from '../../store/messages/messages.ts';
import { spanNames } from '../../texts/parts.ts';
import type { SpanOrigin } from '../../wechat/http/spans.ts';
import type { MessageItem } from './item.ts';
import type { Submitted } from './submitted.ts';

/** Stores a message in a producer span, to which its requests and receipts belong, on whichever node they are. */
export async function storedInSpan(
  message: NewMessage,
  store: (message: NewMessage) => Promise<Submitted>,
): Promise<Submitted> {
  if (!isTracing()) return await store(message);
  const { appid, channel } = message;
  const attributes = { 'wechat.appid': appid, 'hongyan.channel': channel };
  return await withSpan(spanNames.createMessage, { kind: 'producer', attributes }, async (span) => {
    const submitted = await store({ ...message, trace: traceText(span) });
    span?.setAttributes({
      'hongyan.message.id': submitted.id,
      ...(submitted.isRepeat ? { 'hongyan.repeated': true } : {}),
    });
    return submitted;
  });
}

/** What the span of a request belongs to: a message of which nobody recorded a span begins a trace. Undefined without OpenTelemetry. */
export function originOf({ id, attempt, trace }: MessageItem): SpanOrigin | undefined {
  if (!isTracing()) return undefined;
  return {
    parent: trace === undefined ? noParent : parentOf(trace),
    attributes: { 'hongyan.message.id': id, 'hongyan.attempt': attempt },
  };
}
