import { failure } from '../../base/errors.ts';
import { campaignParts, singleParts } from '../../texts/parts.ts';
import { wireData } from '../../wechat/fields/template-data.ts';
import type { MessageBody } from './compiled-message.ts';

/**
 * The body as it goes on the wire, less what Hongyan puts there for each recipient. Fields of `data` may be plain text.
 *
 * Throws `MESSAGE_INVALID` when it names who gets it or a client_msg_id. That of a campaign may have the place of a touser,
 * as every tutorial's has: empty, or a variable.
 */
export function wireBody(given: MessageBody, of: 'campaign' | 'message'): MessageBody {
  const { touser, client_msg_id: clientMsgId, ...body } = given;
  if (clientMsgId !== undefined)
    throw of === 'campaign'
      ? failure('MESSAGE_INVALID/client-msg-id', {})
      : failure('MESSAGE_INVALID/own-client-msg-id', { part: singleParts.key });
  const isPlace = typeof touser !== 'string' || touser === '' || touser.startsWith('{{');
  if (of === 'campaign' ? !isPlace : touser !== undefined)
    throw failure('MESSAGE_INVALID/touser', {
      part: of === 'campaign' ? campaignParts.to : singleParts.touser,
    });
  return body.data === undefined ? body : { ...body, data: wireData(body.data) };
}
