import { type Channel, channels } from '../channels.ts';
import { type TemplateData, type TemplateValue, wireData } from '../fields/template-data.ts';
import type { WechatCall } from './call.ts';
import type { KfMessage, KfTyping } from './kf.ts';
import { done, longId } from './shapes.ts';

/** A page of a Mini Program that is linked (关联) to the account; an unlinked `appid` answers 40013. */
export interface MiniprogramLink {
  appid: string;
  /** May carry a query, `index?foo=bar`. */
  pagepath?: string;
}

/** Body of `oa-template`. */
export interface OaTemplateMessage {
  /** Openid of a follower; somebody who does not follow answers 43004. */
  touser: string;
  template_id: string;
  /** H5 page. With `miniprogram` too, the Mini Program wins, and this is for clients that cannot open it. */
  url?: string;
  miniprogram?: MiniprogramLink;
  /** Typed keys (`thing1`) of a 类目模板, or the free keys (`first`, `keyword1`, `remark`) of an industry or sandbox template. */
  data: TemplateData;
  /** Repeats of it to the same openid are dropped for 10 minutes. At most 32 characters are safe. */
  client_msg_id?: string;
}

/** Which version of the Mini Program opens. */
export type MiniprogramState = 'developer' | 'trial' | 'formal';

/** Language in which the Mini Program is entered. */
export type MessageLang = 'zh_CN' | 'en_US' | 'zh_HK' | 'zh_TW';

/** Body of `oa-subscribe`. */
export interface OaSubscribeMessage {
  /** Openid of this Official Account; need not follow. */
  touser: string;
  template_id: string;
  /** H5 page. With `miniprogram` too, the Mini Program wins. */
  page?: string;
  miniprogram?: MiniprogramLink;
  data: TemplateData;
}

/** Body of `oa-once`. */
export interface OaOnceMessage {
  touser: string;
  /** The account's one id for this, from 接口权限 in its console. */
  template_id: string;
  url?: string;
  miniprogram?: MiniprogramLink;
  /** That in which the user consented, 0 to 10000. */
  scene: string;
  /** At most 15 characters (40062). */
  title: string;
  /** At most 200 characters. `color` as `#173177`. */
  data: { content: string | TemplateValue };
}

/** Body of `mp-subscribe`. */
export interface MpSubscribeMessage {
  /** Openid of this Mini Program. */
  touser: string;
  template_id: string;
  /** Page of this Mini Program, may carry a query; absent: the card opens nothing. */
  page?: string;
  data: TemplateData;
  /** Default `formal`. */
  miniprogram_state?: MiniprogramState;
  /** Default `zh_CN`. */
  lang?: MessageLang;
}

/** Body of `mp-form`. */
export interface MpFormMessage {
  touser: string;
  template_id: string;
  page?: string;
  /** From a form submit (once, 7 days) or a payment's prepay_id (3 times, 7 days), of this very user. */
  form_id: string;
  /** `color` has been ignored since about 2018. */
  data: TemplateData;
  /** Shown enlarged: `keyword1.DATA`. */
  emphasis_keyword?: string;
}

/** WeChat took the message. It was not delivered yet: that comes as an event. */
export interface Accepted {
  /** 64-bit id as text, the same as in the event; null where the answer has none. */
  msgid: string | null;
}

/** WeChat took it once errcode 0 is there; what stands in place of an id changes nothing about that. */
const taken = done.extend({ msgid: longId.optional().catch(undefined) });

/**
 * One message each, on every channel. Throws like `WechatCall`, and `MESSAGE_INVALID` for `data` in another shape than
 * `TemplateData`, before the call; for many messages take `WechatClient.send`.
 *
 * `/cgi-bin/message/wxopen/template/uniform_send` is not offered: WeChat closed it on 2023-09-20 (45109).
 */
export function messageCalls(call: WechatCall) {
  async function accepted(channel: Channel, body: object): Promise<Accepted> {
    const wired = 'data' in body ? { ...body, data: wireData(body.data) } : body;
    const answer = await call({ method: 'POST', path: channels[channel].path, body: wired }, taken);
    return { msgid: answer.msgid ?? null };
  }

  return {
    /**
     * 模板消息 of a verified service account or a sandbox account, to a follower. 100,000 a day by default, more
     * with the number of followers; at most 25 templates; text about 200 characters in all. Since
     * 2023-05-04 no colours, `first` and `remark` are shown, lines are 20 characters. Not for marketing (40249).
     *
     * @see https://developers.weixin.qq.com/doc/service/api/notify/template/api_sendtemplatemessage.html
     */
    oaTemplate: (body: OaTemplateMessage) => accepted('oa-template', body),

    /**
     * 订阅通知 of an Official Account, to somebody who subscribed to this template: one subscription, one
     * message (43101 without), or any number with a long-term template.
     *
     * @see https://developers.weixin.qq.com/doc/service/api/notify/notify/api_sendnewsubscribemsg.html
     */
    oaSubscribe: (body: OaSubscribeMessage) => accepted('oa-subscribe', body),

    /**
     * 一次性订阅 of an Official Account: one message for one consent in one scene; consents do not add up.
     * Not on sandbox accounts.
     *
     * @see https://developers.weixin.qq.com/doc/subscription/guide/product/message/One-time_subscription_info.html
     */
    oaOnce: (body: OaOnceMessage) => accepted('oa-once', body),

    /**
     * 订阅消息 of a Mini Program: one accepted `wx.requestSubscribeMessage`, one message (43101 without).
     * 10,000,000 a day, 30,000,000 with payment. Two sends to one openid at once answer 43108.
     *
     * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/mp-message-management/subscribe-message/api_sendmessage.html
     */
    mpSubscribe: (body: MpSubscribeMessage) => accepted('mp-subscribe', body),

    /**
     * 客服消息 to somebody who has just written or acted: OA 5 in 48 h after a message, 3 within 1 min after a
     * menu click, follow or scan; MP 5 in 48 h after a message, 2 within 1 min after entering the session. Outside
     * 45015, above 45047. 500,000 a day. See `kfMsgtypes` for who may send what.
     *
     * @see https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Service_Center_messages.html
     * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/kf-mgnt/kf-message/api_sendcustommessage.html
     */
    kf: (body: KfMessage) => accepted('kf', body),

    /**
     * Shows "typing…" to somebody to or from whom a message went in the last 30 s (else 45080). Repeating it
     * while it shows answers 45081.
     *
     * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/kf-mgnt/kf-message/api_sendcustommessage.html
     */
    kfTyping: async (body: KfTyping): Promise<void> => {
      await call({ method: 'POST', path: '/cgi-bin/message/custom/typing', body }, done);
    },

    /**
     * The form_id message of a Mini Program, as the tutorials still show it. Retired: no sends since
     * 2020-01-10; kept for simulators and comparison. Use `mpSubscribe`.
     *
     * @see https://developers.weixin.qq.com/miniprogram/dev/api-backend/open-api/template-message/templateMessage.send.html
     */
    mpForm: (body: MpFormMessage) => accepted('mp-form', body),
  };
}

export type MessageCalls = ReturnType<typeof messageCalls>;
