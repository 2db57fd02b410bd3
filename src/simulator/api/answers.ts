/** A refusal: WeChat answers status 200 with errcode and errmsg (and a rid, which the server adds). */
export interface Failure {
  errcode: number;
  /** Without rid. */
  errmsg: string;
  /** Further members, e.g. the existing `msg_id` of 45065. */
  more?: string;
}

/** What a handler gives back: the compact JSON body of a success, or a failure. */
export type Answer = string | Failure;

export const okAnswer = '{"errcode":0,"errmsg":"ok"}';

export function isFailure(answer: string | object): answer is Failure {
  return typeof answer === 'object' && 'errcode' in answer;
}

const cache = new Map<number, Failure>();

/** The failure of that errcode with WeChat's usual text, or with `errmsg`. */
export function fail(errcode: number, errmsg?: string): Failure {
  if (errmsg !== undefined) return { errcode, errmsg };
  let failure = cache.get(errcode);
  if (failure === undefined) {
    failure = { errcode, errmsg: errmsgs[errcode] ?? 'system error' };
    cache.set(errcode, failure);
  }
  return failure;
}

const stableHint =
  'could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r';

/** Texts of the protocol reference; those it does not give are marked. */
const errmsgs: Readonly<Record<number, string>> = {
  '-1': 'system error',
  40001: `invalid credential, access_token is invalid or not latest, ${stableHint}`,
  40002: 'invalid grant_type',
  40003: 'invalid openid',
  40004: 'invalid media type',
  40005: 'invalid file type', // text not in the reference
  40007: 'invalid media_id',
  40008: 'invalid message type',
  40009: 'invalid image size', // text not documented
  40010: 'invalid voice size', // text not documented
  40011: 'invalid video size', // text not documented
  40012: 'invalid thumb size', // text not documented
  40013: 'invalid appid',
  40014: 'invalid access_token',
  40029: 'invalid code',
  40031: 'invalid openid list',
  40032: 'invalid openid list size',
  40035: 'invalid args size',
  40036: 'invalid template_id size',
  40037: 'invalid template_id',
  40039: 'invalid url size',
  40059: 'invalid msg id', // text not documented
  40062: 'invalid title size',
  40066: 'invalid url',
  40097: 'invalid args',
  40125: 'invalid appsecret',
  40130: 'invalid openid list size, at least two openid',
  40163: 'code been used',
  40165: 'invalid weapp pagepath',
  40166: 'invalid weapp appid',
  40200: 'invalid account type', // text not documented
  40201: 'invalid check url',
  40202: 'invalid check action',
  40203: 'invalid check operator',
  40226: 'code blocked',
  40241: 'The message is duplicate in 60 seconds',
  40243: 'appsecret is frozen', // text not documented
  40246: 'invalid keyword_name_list', // text not documented
  40249: 'this template msg has been blocked for illegal content',
  40250: 'content is irregular', // text not documented
  40251: 'api limit lowered for violations is reached', // text not documented
  40252: 'message is held for review', // text not documented
  41001: 'access_token missing',
  41002: 'appid missing',
  41004: 'appsecret missing',
  41005: 'media data missing', // text not in the reference
  41008: 'missing code',
  41009: 'missing openid',
  41028: 'invalid form id',
  41029: 'form id used count reach limit',
  41030: 'invalid page',
  41031: 'the form id have been blocked!',
  42001: 'access_token expired',
  43001: 'require GET method',
  43002: 'require POST method',
  43004: 'require subscribe',
  43019: 'require remove blacklist',
  43100: 'change template too frequently',
  43101: 'user refuse to accept the msg',
  43106: 'not allow to add template, for punishment',
  43107: 'subscribe message is banned', // text not documented
  43108: 'Cannot make concurrent calls to the same OpenID, please try again',
  43116: 'This template_id is banned',
  43117: 'Sending messages to this openid too frequently,please try later',
  44002: 'empty post data',
  44004: 'empty content',
  45002: 'content size out of limit',
  45003: 'title size out of limit',
  45008: 'article size out of limit',
  45009: 'reach max api daily quota limit',
  45011: 'api minute-quota reach limit, must slower, retry next minute',
  45015: 'response out of time limit or subscription is canceled',
  45026: 'template num exceeds limit',
  45027: 'template conflict with industry',
  45028: 'has no masssend quota',
  45047: 'out of response count limit',
  45056: 'too many tag now, no need to add new',
  45057: "can't delete the tag that has too many fans",
  45058: "can't modify sys tag",
  45059: 'can not tagging one user too much',
  45065: 'clientmsgid exist',
  45066: 'same clientmsgid retry too fast',
  45067: 'clientmsgid size out of limit',
  45072: 'invalid command',
  45080: 'need sending message to user, or recving message from user in the last 30 seconds before typing',
  45081: 'you are already typing',
  45083: 'the speed out of range',
  45084: 'No speed message',
  45103: 'This API has been unsupported',
  45109: 'This API has been unsupported. For more details, please view',
  45157: 'invalid tag name',
  45158: 'tag name too long',
  45159: 'invalid tag id',
  45168: 'keyword in blacklist',
  46101: 'this api have been not supported since 2020-01-11 00:00:00, please use new api(subscribeMessage)!',
  47001: 'data format error',
  47002: 'data format error, do NOT use json unicode encode (\\uxxxx\\uxxxx), please use utf8 encoded text!',
  48001: 'api unauthorized',
  48002: 'user block receive message',
  48004: 'api forbidden for irregularities, view detail on mp.weixin.qq.com',
  48006: 'forbid to clear quota because of reaching the limit',
  48008: 'no permission for this msgtype',
  48009: 'this api is expired',
  49003: 'not match openid with appid',
  50004: 'user not allow to use accesstoken, maybe for punishment',
  50005: 'user is unsubscribed',
  50007: 'account is frozen', // text not documented
  76001: 'rid not found',
  76002: 'rid is error',
  76003: 'could not query this rid,no permission',
  76004: 'rid time is error',
  76021: 'cgi_path not found, please check',
  76022: 'could not use this cgi_path，no permission',
  85438: 'notify_code is expired', // text not documented
  89503: 'this ip call needs the confirmation of the administrator', // text not documented
  200002: 'invalid args', // text not documented
  200012: 'template num exceeds limit', // text not documented
  200014: 'invalid tid', // text not documented
  200016: 'invalid start', // text not documented
  200017: 'invalid limit', // text not documented
  200018: 'ids is missing', // text not documented
  200019: 'ids is invalid', // text not documented
  200020: 'invalid keyword id list', // text not documented
  200021: 'invalid scene description', // text not documented
  200022: 'template already exists', // text not documented
};

/** 45009 of the classic token endpoint has its own text. */
export const tokenQuota = fail(45009, `reach max api daily quota limit, ${stableHint}`);
