/**
 * The entry `hongyan`: embed the engine in a program of your own.
 *
 * `openStore` opens a database, `startEngine` plans and delivers what is in it, `prepareCampaign`, `stageRecords`
 * and `submitCampaign` put a campaign there, `campaignReport` says what became of it; `startServer` takes WeChat's
 * pushes and tells them to `onEvent`.
 */
import './base/node-version.ts';

export { HongyanError } from './base/errors.ts';
export { createSealer, parseSecretKey, type Sealer } from './base/seal.ts';
export { type SyncResult, syncFollowers } from './engine/audience/followers.ts';
export {
  openRecipientFile,
  type ReadOptions,
  type RecipientFile,
  type RecipientRecord,
} from './engine/audience/recipient-file.ts';
export { stageRecords } from './engine/audience/stage.ts';
export {
  type CampaignRequest,
  discardCampaign,
  type Prepared,
  prepareCampaign,
  submitCampaign,
} from './engine/campaigns/campaigns.ts';
export { type CampaignReport, campaignReport, type ReportWait } from './engine/campaigns/report.ts';
export { syncTemplates, type TemplateSyncResult } from './engine/content/templates.ts';
export { type Engine, type EngineOptions, startEngine } from './engine/engine.ts';
export type { MessageRequest } from './engine/messages/prepare.ts';
export { submitMessage } from './engine/messages/submit.ts';
export type { Submitted } from './engine/messages/submitted.ts';
export { AccountClients, type AccountClientsOptions } from './engine/sending/account-clients.ts';
export type { OnEvent } from './server/callback/endpoint.ts';
export type { ListenAddress } from './server/listen.ts';
export { type Server, type ServerOptions, startServer } from './server/server.ts';
export { type Account, listAccounts, type NewAccount, saveAccount } from './store/accounts/accounts.ts';
export {
  type Campaign,
  confirmCampaign,
  findCampaign,
  pauseCampaign,
  resumeCampaign,
} from './store/campaigns/campaigns.ts';
export { type EmbeddedPostgres, openEmbeddedPostgres } from './store/embedded/open.ts';
export { type CallbackSettings, findCallback, saveCallback } from './store/events/callbacks.ts';
export {
  findMessage,
  type MessageReceipt,
  type MessageReport,
  type MessageState,
} from './store/messages/reports.ts';
export { type OpenStoreOptions, openStore, type Store } from './store/store.ts';
export type { CallbackEvent } from './wechat/callback/event.ts';
export type { CallbackReply } from './wechat/callback/reply.ts';
