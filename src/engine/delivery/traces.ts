import { isTracing, noParent, type SpanContext } from '../../base/tracing.ts';
import type { SpanOrigin } from '../../wechat/http/spans.ts';
import type { Item } from './item.ts';

/**
 * What the span of a recipient's request belongs to: it begins a trace, so that the SDK samples each by itself and no trace has a
 * million spans, and links to the campaign's. Undefined without OpenTelemetry.
 */
export function originOf(
  campaign: SpanContext | undefined,
  campaignId: number,
  { recipient, attempt }: Item,
): SpanOrigin | undefined {
  if (!isTracing()) return undefined;
  return {
    parent: noParent,
    links: campaign === undefined ? [] : [campaign],
    attributes: {
      'hongyan.campaign.id': campaignId,
      'hongyan.recipient.no': recipient.no,
      'hongyan.attempt': attempt,
    },
  };
}
