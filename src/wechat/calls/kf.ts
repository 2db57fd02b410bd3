/** The content of a customer-service message, for an Official Account and for a Mini Program. */
export type KfContent =
  /** OA and MP. May hold `<a href data-miniprogram-appid data-miniprogram-path>`; over about 2,048 bytes answers 45002. */
  | { msgtype: 'text'; text: { content: string } }
  /** OA and MP. `media_id` from `media/upload`, valid for 3 days. */
  | { msgtype: 'image'; image: { media_id: string } }
  /** OA only. */
  | { msgtype: 'voice'; voice: { media_id: string } }
  /**
   * OA only. WeChat's oldest examples have no `thumb_media_id`, its parameter table has. Whether a video without one is
   * sent or answers 40007 is not known, so it is asked for here: with it both readings are met.
   */
  | {
      msgtype: 'video';
      video: { media_id: string; thumb_media_id: string; title?: string; description?: string };
    }
  /** OA only. */
  | {
      msgtype: 'music';
      music: {
        title?: string;
        description?: string;
        musicurl: string;
        hqmusicurl: string;
        thumb_media_id: string;
      };
    }
  /** OA only. Exactly one article; more answer 45008. */
  | {
      msgtype: 'news';
      news: { articles: [{ title: string; description: string; url: string; picurl: string }] };
    }
  /** OA only; the older form of `mpnewsarticle`. */
  | { msgtype: 'mpnews'; mpnews: { media_id: string } }
  /** OA only: a published article. */
  | { msgtype: 'mpnewsarticle'; mpnewsarticle: { article_id: string } }
  /** OA only: a question with answers to tap. The answer comes back as a text message with its id. */
  | {
      msgtype: 'msgmenu';
      msgmenu: { head_content: string; list: { id: string; content: string }[]; tail_content: string };
    }
  /** OA only: a coupon. */
  | { msgtype: 'wxcard'; wxcard: { card_id: string } }
  /** OA (with `appid`) and MP (without: its own page). */
  | {
      msgtype: 'miniprogrampage';
      miniprogrampage: { title: string; appid?: string; pagepath: string; thumb_media_id: string };
    }
  /** MP only. */
  | { msgtype: 'link'; link: { title: string; description: string; url: string; thumb_url: string } };

/** Every `msgtype`. */
export type KfMsgtype = KfContent['msgtype'];

/** Which family of account may send which `msgtype`. */
export const kfMsgtypes: Readonly<Record<KfMsgtype, readonly ('oa' | 'mp')[]>> = {
  text: ['oa', 'mp'],
  image: ['oa', 'mp'],
  voice: ['oa'],
  video: ['oa'],
  music: ['oa'],
  news: ['oa'],
  mpnews: ['oa'],
  mpnewsarticle: ['oa'],
  msgmenu: ['oa'],
  wxcard: ['oa'],
  miniprogrampage: ['oa', 'mp'],
  link: ['mp'],
};

/** Body of `/cgi-bin/message/custom/send`. */
export type KfMessage = KfContent & {
  touser: string;
  /** Show it as this customer-service account, `name@account`. */
  customservice?: { kf_account: string };
  /** MP: labels the content as made by an AI. */
  aimsgcontext?: { is_ai_msg: 0 | 1 };
  /** MP with several shops in one account. */
  businessid?: number;
};

/** Body of `/cgi-bin/message/custom/typing`. */
export interface KfTyping {
  touser: string;
  command: 'Typing' | 'CancelTyping';
}
