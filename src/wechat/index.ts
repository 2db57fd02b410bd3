/**
 * `hongyan/wechat`: WeChat's server API for Official Accounts and Mini Programs, and nothing else of Hongyan.
 *
 * @module
 */
import '../base/node-version.ts';

export type { Clock, Moment } from '../base/clock.ts';
export { HongyanError } from '../base/errors.ts';
export type { Logger } from '../base/logger.ts';
export { type CallbackBody, type CallbackFormat, parseCallbackBody } from './callback/body.ts';
export {
  type Decrypted,
  type DecryptProblem,
  decodeAesKey,
  decryptMessage,
  encryptMessage,
  isSameSignature,
  signCallback,
} from './callback/crypto.ts';
export type {
  CallbackEvent,
  CallbackFields,
  CallbackValue,
  CreditChangeEvent,
  CreditChoice,
  CreditPopupEvent,
  FollowEvent,
  MassReceiptEvent,
  ReceiptStatus,
  ScanEvent,
  SessionEvent,
  SubscribeReceiptEvent,
  TemplateReceiptEvent,
  UnfollowEvent,
  UnknownEvent,
  UnreadableEvent,
  UserMessageEvent,
} from './callback/event.ts';
export { eventKey } from './callback/event-key.ts';
export type { CallbackKeys } from './callback/keys.ts';
export {
  type CallbackMode,
  type CallbackRequest,
  type OpenedCallback,
  openCallback,
  type RefusalReason,
} from './callback/open-callback.ts';
export { parseEvent } from './callback/parse-event.ts';
export { readCallbackEvent } from './callback/read-event.ts';
export {
  type CallbackReply,
  type ReplyBody,
  type ReplyRequest,
  type SealedMessage,
  sealMessage,
  writeCallbackReply,
} from './callback/reply.ts';
export { type UrlVerification, verifyCallbackUrl } from './callback/verify-url.ts';
export { splitBatches } from './calls/batch.ts';
export type { BlacklistCalls } from './calls/blacklist.ts';
export type { WechatCall, WechatRequest } from './calls/call.ts';
export { type KfContent, type KfMessage, type KfMsgtype, type KfTyping, kfMsgtypes } from './calls/kf.ts';
export type { CodeSession, LoginCalls } from './calls/login.ts';
export type { MassAnswer, MassCalls, MassContent, MassStatus } from './calls/mass.ts';
export { type MediaCalls, type MediaType, mediaLimits, type UploadedMedia } from './calls/media.ts';
export type {
  Accepted,
  MessageCalls,
  MessageLang,
  MiniprogramLink,
  MiniprogramState,
  MpFormMessage,
  MpSubscribeMessage,
  OaOnceMessage,
  OaSubscribeMessage,
  OaTemplateMessage,
} from './calls/messages.ts';
export type { CallbackCheck, NetworkCalls } from './calls/network.ts';
export type { OpenidPage, OpenidPagesOptions } from './calls/openid-pages.ts';
export type { ApiQuota, QuotaCalls, RidInfo } from './calls/quota.ts';
export type { Tag, TagCalls } from './calls/tags.ts';
export type {
  BlockedTemplateMessage,
  OaTemplate,
  OaTemplateCalls,
  SubscribeTemplate,
  SubscribeTemplateCalls,
} from './calls/templates.ts';
export type { UserCalls, UserInfo } from './calls/users.ts';
export {
  type AccountKind,
  type Channel,
  type ChannelInfo,
  channelNames,
  channels,
  resolveChannel,
} from './channels.ts';
export { type SendOptions, WechatClient, type WechatClientOptions } from './client.ts';
export { type ErrcodeInfo, errcodeInfo, knownErrcodes } from './errcodes/errcodes.ts';
export { type TransportReason, WechatError, WechatTransportError } from './error.ts';
export {
  checkField,
  type FieldClass,
  type FieldContext,
  type FieldProblem,
  type FieldWarning,
  fieldClass,
  fieldLength,
  truncateField,
  warnField,
} from './fields/fields.ts';
export {
  explainTemplateId,
  parseTemplateContent,
  type TemplateContent,
  type TemplateField,
} from './fields/template-content.ts';
export { type TemplateData, type TemplateValue, wireData } from './fields/template-data.ts';
export type { SendAnswer } from './http/answer.ts';
export { parseWechatJson } from './http/json.ts';
export type { TokenAuthority } from './token/authority.ts';
export type { TokenSource } from './token/source.ts';
export { memoryTokenStore, type StoredToken, type TokenStore } from './token/store.ts';
