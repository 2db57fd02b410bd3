import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { WechatClient } from '../../wechat/client.ts';

/** So many pages of 100 are looked at: enough to know that there are some. */
const mostPages = 20;

/**
 * How many of the template's messages WeChat took since then and kept from their recipients.
 *
 * When WeChat does not answer the question (accounts without the permission, sandbox accounts) there is nothing to
 * judge by, and the campaign goes on: 0.
 *
 * @see https://developers.weixin.qq.com/doc/service/api/notify/template/api_queryblocktmplmsg.html
 */
export async function interceptedSince(
  client: WechatClient,
  templateId: string,
  since: Date,
  logger: Logger,
): Promise<number> {
  // Whole seconds on the wire.
  const from = Math.floor(since.getTime() / 1000);
  let intercepted = 0;
  let pages = 0;
  try {
    for await (const page of client.oaTemplates.blocked(templateId)) {
      intercepted += page.filter((one) => one.send_timestamp >= from).length;
      if (++pages >= mostPages) break;
    }
  } catch (error) {
    logger.warn({ code: errorCode(error), err: error }, 'WeChat did not say which messages it intercepted');
  }
  return intercepted;
}
