import { z } from 'zod';
import { checkBatch } from './batch.ts';
import type { WechatCall } from './call.ts';
import { count, done, longId } from './shapes.ts';

const sendPath = '/cgi-bin/message/mass/send';

/** What a mass send 群发 carries. `media_id`s are of drafts or uploaded media. */
export type MassContent =
  | { msgtype: 'text'; text: { content: string } }
  | { msgtype: 'mpnews'; mpnews: { media_id: string }; send_ignore_reprint?: 0 | 1 }
  | { msgtype: 'voice'; voice: { media_id: string } }
  | {
      msgtype: 'image';
      images: {
        media_ids: string[];
        recommend?: string;
        need_open_comment?: 0 | 1;
        only_fans_can_comment?: 0 | 1;
      };
    }
  | { msgtype: 'mpvideo'; mpvideo: { media_id: string; title?: string; description?: string } }
  | { msgtype: 'wxcard'; wxcard: { card_id: string } };

/**
 * At most 32 bytes. Sent again within 24 hours WeChat answers 45065 (`accepted`) instead of sending twice.
 */
interface MassKey {
  clientmsgid?: string;
}

/** A mass send that WeChat has taken; the result comes as MASSSENDJOBFINISH with `msg_id`. */
export interface MassAnswer {
  msg_id: string;
  /** Only for articles: the key of their statistics. */
  msg_data_id?: string;
}

/** Where a mass send stands. */
export type MassStatus = 'SENDING' | 'SEND_SUCCESS' | 'SEND_FAIL' | 'DELETE';

/**
 * Mass sends 群发 of an Official Account: 100 calls a day and 60 a minute; a subscription account sends once a
 * day, a service account reaches each follower 4 times a month.
 *
 * @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Batch_Sends_and_Originality_Checks.html
 */
export interface MassCalls {
  /**
   * Sends to all followers or to those with one tag.
   *
   * @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Batch_Sends_and_Originality_Checks.html
   */
  sendAll(
    message: MassContent & MassKey & { filter: { is_to_all: boolean; tag_id?: number } },
  ): Promise<MassAnswer>;
  /**
   * Sends to 2 to 10,000 openids; service accounts only.
   * Throws `WECHAT_BATCH_TOO_LARGE` and `WECHAT_BATCH_TOO_SMALL` before the call.
   *
   * @see https://developers.weixin.qq.com/doc/service/api/notify/message/api_masssend.html
   */
  send(message: MassContent & MassKey & { touser: readonly string[] }): Promise<MassAnswer>;
  /**
   * Shows the message to one person, by openid or by WeChat name; 100 a day. The name wins if both are given.
   * An image is `{ msgtype: 'image', image: { media_id } }` here.
   *
   * @see https://developers.weixin.qq.com/doc/service/api/notify/message/api_preview
   */
  preview(
    message: (
      | Exclude<MassContent, { msgtype: 'image' }>
      | { msgtype: 'image'; image: { media_id: string } }
    ) &
      ({ touser: string } | { towxname: string }),
  ): Promise<void>;
  /** Where a mass send stands. */
  status(msgId: string): Promise<MassStatus>;
  /**
   * Makes a sent article or video unreadable; other kinds cannot be taken back. The card stays with those who
   * got it. `articleIdx` counts from 1; 0 (default) means all.
   */
  delete(msgId: string, articleIdx?: number): Promise<void>;
  /** The speed: 0 (fastest, 800,000 a minute) to 4 (100,000); `realspeed` in 10,000 a minute. */
  speed(): Promise<{ speed: number; realspeed: number }>;
  /** Sets the speed, 0 (fastest) to 4; else 45083. */
  setSpeed(speed: 0 | 1 | 2 | 3 | 4): Promise<void>;
}

const sent = done.extend({ msg_id: longId, msg_data_id: longId.exactOptional() });
const standing = z.looseObject({ msg_status: z.enum(['SENDING', 'SEND_SUCCESS', 'SEND_FAIL', 'DELETE']) });
const speed = z.looseObject({ speed: count, realspeed: z.number() });

export function massCalls(call: WechatCall): MassCalls {
  const post = <S extends z.ZodType>(path: string, body: object, shape: S): Promise<z.output<S>> =>
    call({ method: 'POST', path, body }, shape);
  return {
    sendAll: (message) => post('/cgi-bin/message/mass/sendall', message, sent),
    async send(message) {
      checkBatch(sendPath, message.touser, 10_000, 2);
      return post(sendPath, message, sent);
    },
    async preview(message) {
      await post('/cgi-bin/message/mass/preview', message, done);
    },
    async status(msgId) {
      return (await post('/cgi-bin/message/mass/get', { msg_id: msgId }, standing)).msg_status;
    },
    async delete(msgId, articleIdx = 0) {
      // This path wants a number. Ids of mass sends are of 10 digits; text is the rest of the way for longer ones.
      const number = Number(msgId);
      const id = Number.isSafeInteger(number) ? number : msgId;
      await post('/cgi-bin/message/mass/delete', { msg_id: id, article_idx: articleIdx }, done);
    },
    speed: () => post('/cgi-bin/message/mass/speed/get', {}, speed),
    async setSpeed(wanted) {
      await post('/cgi-bin/message/mass/speed/set', { speed: wanted }, done);
    },
  };
}
