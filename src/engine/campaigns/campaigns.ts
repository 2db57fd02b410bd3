import { createHash } from 'node:crypto';
import { type Clock, systemClock } from '../../base/clock.ts';
import { failure } from '../../base/errors.ts';
import { type Account, getAccount } from '../../store/accounts/accounts.ts';
import {
  type AskedAudience,
  type Campaign,
  type CampaignContent,
  type Exclusion,
  endUnsent,
  findCampaignByKey,
  findRecentTwin,
  type OnInvalid,
  startPlanning,
} from '../../store/campaigns/campaigns.ts';
import { inTransaction, type Pool } from '../../store/database/pool.ts';
import type { Store } from '../../store/store.ts';
import { fill, type Lang, type Words } from '../../texts/catalogue.ts';
import { channelName } from '../../texts/channels.ts';
import { campaignParts, messageParts } from '../../texts/parts.ts';
import { clockTime, formatTime } from '../../texts/times.ts';
import { warningTexts } from '../../texts/warnings.ts';
import { type Channel, resolveChannel } from '../../wechat/channels.ts';
import { buildMessage, type MessageParts } from '../content/build-message.ts';
import { contentOf, requireSameContent } from '../content/campaign-content.ts';
import { checkCommonFields, checkKeys } from '../content/check-message.ts';
import { type CompiledMessage, compileMessage, type MessageBody } from '../content/compiled-message.ts';
import { templateForMessage } from '../content/templates.ts';
import { wireBody } from '../content/wire-body.ts';
import type { AccountClients } from '../sending/account-clients.ts';
import { resolveAudience } from './filtered.ts';
import { requireExclusions } from './retention.ts';
import { createInSpan } from './traces.ts';

/** What is to be sent at a certain time is worth nothing long after it. */
const validAfterStartMs = 6 * 3_600_000;

function untilOf(startAt: Date | undefined): Date | null {
  return startAt === undefined ? null : new Date(startAt.getTime() + validAfterStartMs);
}

export interface CampaignRequest {
  appid: string;
  /** A channel or one of the wire's names for it. */
  channel: string;
  /** Either the parts of a templated message, or its whole wire body. */
  message: { parts: MessageParts } | { body: MessageBody };
  audience: AskedAudience;
  /** Identifies the audience for the 24-hour check: the path of the file, the list, the tag. */
  audienceName: string;
  /** Columns that `{{variables}}` may name; null when the audience has none (followers, tags). */
  columns: string[] | null;
  /** `openid`, `row`, `none`, `column:NAME`; default: `row` when there are columns and variables, else `openid`. */
  dedupe?: string | undefined;
  onInvalid: OnInvalid;
  key?: string | undefined;
  /** False: looks whether the key was used, and does not use it. Default true. */
  reserveKey?: boolean;
  /** Not sent before. */
  startAt?: Date | undefined;
  /** Not sent afterwards. Default: 6 h after `startAt`, so that a machine that was off does not send last month's offer. */
  validUntil?: Date | undefined;
  /** People whom this campaign leaves out; the openids of a file are stored by the caller (`storeExclusions`). */
  exclusions?: Exclusion[];
  /** Sends also to people who are known to have no credit left. Default false. */
  includeNoCredit?: boolean;
  /** Most messages per second, over all nodes; never more than the account's rate. Default: only that. */
  ratePerS?: number | undefined;
  /** Goes on although the same campaign ran within 24 h. */
  again?: boolean;
  lang: 'en' | 'zh';
}

/** Something that a person should know before the message is sent. */
export interface MessageWarning {
  message: { en: string; zh: string };
}

export type Prepared =
  /** The key was used before, for the same as far as it is known without reading files: nothing was written. */
  | { kind: 'existing'; campaign: Campaign }
  /** The same account, message and audience ran within 24 h, and `again` was not given: nothing was written. */
  | { kind: 'twin'; twin: Campaign }
  | { kind: 'created'; campaign: Campaign; warnings: MessageWarning[] };

/**
 * Checks everything that can be checked before an audience is read, and writes the campaign's row (`staging`).
 *
 * Throws for a message that cannot be sent to anybody: unknown channel or template, missing or unknown keys, a
 * field over its limit, a variable that no column has. `KEY_REUSED` when the key belongs to a campaign with other content.
 */
export async function prepareCampaign(
  deps: { store: Store; clients: AccountClients; clock?: Pick<Clock, 'now'> },
  request: CampaignRequest,
): Promise<Prepared> {
  const { pool } = deps.store;
  if (request.key !== undefined) {
    const existing = await findCampaignByKey(pool, request.appid, request.key);
    if (existing !== null) {
      requireSameContent(existing, await contentOfRequest(pool, request));
      return { kind: 'existing', campaign: existing };
    }
  }
  const { account, channel, body, message, templateId, warnings } = await prepareMessage(deps, request);
  requireTimes(request, account.timeZone, (deps.clock ?? systemClock).now());
  const audience = await resolveAudience(pool, account.appid, request.audience);
  await requireExclusions(pool, account.appid, request.exclusions ?? [], audience);
  const dedupe = dedupeOf(request, message.variables.length);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([account.appid, channel, templateId, request.audience.kind, request.audienceName]))
    .digest('base64url');
  if (request.key === undefined && request.again !== true) {
    const twin = await findRecentTwin(pool, account.appid, fingerprint);
    if (twin !== null) return { kind: 'twin', twin };
  }
  const key = request.reserveKey === false ? null : (request.key ?? null);
  const content = key === null ? null : await contentOfRequest(pool, request);
  const { campaign, existed } = await createInSpan(pool, {
    appid: account.appid,
    channel,
    key,
    content,
    fingerprint,
    templateId,
    audience,
    message: body,
    variables: [...message.variables],
    dedupe,
    onInvalid: request.onInvalid,
    startAt: request.startAt ?? null,
    validUntil: request.validUntil ?? untilOf(request.startAt),
    linkedTo: null,
    exclusions: request.exclusions ?? [],
    includeNoCredit: request.includeNoCredit ?? false,
    ratePerS: request.ratePerS ?? null,
  });
  if (request.ratePerS !== undefined && request.ratePerS > account.ratePerS)
    warnings.push(rateWarning(request.ratePerS, account.ratePerS));
  if (!existed) return { kind: 'created', campaign, warnings };
  if (content !== null) requireSameContent(campaign, content);
  return { kind: 'existing', campaign };
}

/** A campaign that could never send is a mistake, and not one that expires. Throws `TIME_INVALID`. */
function requireTimes({ startAt, validUntil }: CampaignRequest, zone: string, now: number): void {
  const shown = (at: Date): string => formatTime(at, zone);
  for (const [part, at] of [['startAt', startAt] as const, ['validUntil', validUntil] as const])
    if (at !== undefined && at.getTime() <= now)
      throw failure('TIME_INVALID/over', {
        ...{ part: campaignParts[part], value: shown(at), zone, now: clockTime(now, zone) },
      });
  if (startAt === undefined || validUntil === undefined || validUntil > startAt) return;
  throw failure('TIME_INVALID/order', {
    ...{ start: campaignParts.startAt, begin: shown(startAt) },
    ...{ until: campaignParts.validUntil, end: shown(validUntil) },
  });
}

/** What the request stands for, without what may have changed since a campaign was made of it: its template, say. */
async function contentOfRequest(pool: Pool, request: CampaignRequest): Promise<CampaignContent> {
  const { kind } = await getAccount(pool, request.appid);
  const channel = resolveChannel(request.channel, kind);
  const body = messageBody(channel, request.message);
  const { variables } = compileMessage(channel, body);
  return contentOf({
    channel,
    body,
    audience: request.audience,
    exclusions: request.exclusions ?? [],
    dedupe: dedupeOf(request, variables.length),
    onInvalid: request.onInvalid,
    includeNoCredit: request.includeNoCredit ?? false,
    startAt: request.startAt ?? null,
    validUntil: request.validUntil ?? null,
  });
}

export interface PreparedMessage {
  account: Account;
  channel: Channel;
  body: MessageBody;
  message: CompiledMessage;
  templateId: string | null;
  warnings: MessageWarning[];
}

/** The checks of a message that do not need its audience. Throws like `prepareCampaign`. */
export async function prepareMessage(
  deps: { store: Store; clients: AccountClients },
  request: Pick<CampaignRequest, 'appid' | 'channel' | 'message' | 'columns' | 'onInvalid' | 'lang'>,
): Promise<PreparedMessage> {
  const account = await getAccount(deps.store.pool, request.appid);
  const channel = resolveChannel(request.channel, account.kind);
  const body = messageBody(channel, request.message);
  const templateId = typeof body.template_id === 'string' ? body.template_id : null;
  if (templateId === null && channel !== 'kf')
    throw failure('MESSAGE_INVALID/template-missing', {
      channel: channelName(channel),
      part: messageParts.templateId,
    });
  const message = compileMessage(channel, body, request.onInvalid === 'truncate');
  checkVariables(message.variables, request.columns);
  const { template, refused } =
    templateId === null
      ? { template: null, refused: null }
      : await templateForMessage(deps, account, channel, templateId);
  if (template !== null) checkKeys(body, template);
  const warnings: MessageWarning[] = checkCommonFields(body, template, request.onInvalid);
  if (refused !== null) warnings.push(uncheckedWarning(refused));
  return { account, channel, body, message, templateId, warnings };
}

function rateWarning(wanted: number, most: number): MessageWarning {
  const say = (lang: Lang): string => fill(warningTexts.rateAbove, lang, 'code', { wanted, most });
  return { message: { en: say('en'), zh: say('zh') } };
}

function uncheckedWarning({ errcode, errmsg }: { errcode: number; errmsg: string }): MessageWarning {
  const values = { errcode: String(errcode), errmsg };
  const say = (lang: Lang): string => fill(warningTexts.unchecked, lang, 'code', values);
  return { message: { en: say('en'), zh: say('zh') } };
}

/** The audience is complete, or can be fetched: hands the campaign to whoever plans, in one transaction with its job. */
export async function submitCampaign(store: Store, campaign: Pick<Campaign, 'id' | 'uuid'>): Promise<void> {
  const jobs = await store.jobs();
  await inTransaction(store.pool, async (client) => {
    if (!(await startPlanning(client, campaign.id))) {
      throw failure('CAMPAIGN_STATE/submitted', { id: String(campaign.id) });
    }
    await jobs.send(client, 'plan', { campaignId: campaign.id }, campaign.uuid);
  });
}

/** Drops a campaign that nobody confirmed. */
export async function discardCampaign(store: Store, id: number, reason: string): Promise<boolean> {
  return endUnsent(store.pool, id, 'cancelled', reason, null);
}

/**
 * The wire body of a campaign's message, without what Hongyan puts into it for each recipient.
 *
 * Throws `MESSAGE_INVALID`, also for `data` that WeChat would show empty or refuse for everybody.
 */
export function messageBody(
  channel: Channel,
  message: { parts: MessageParts } | { body: MessageBody },
): MessageBody {
  return 'parts' in message ? buildMessage(channel, message.parts) : wireBody(message.body, 'campaign');
}

function checkVariables(variables: readonly string[], columns: string[] | null): void {
  const missing = variables.filter((name) => name !== 'openid' && !(columns?.includes(name) ?? false));
  if (missing.length === 0) return;
  const names = missing.map((name) => `{{${name}}}`);
  const details = { missing };
  throw columns === null
    ? failure('VARIABLE_UNKNOWN/no-columns', { names }, { details })
    : failure('VARIABLE_UNKNOWN/no-such-column', { names, columns: orNone(columns) }, { details });
}

function dedupeOf(request: CampaignRequest, variables: number): string {
  const { dedupe, columns } = request;
  if (dedupe === undefined) return columns !== null && variables > 0 ? 'row' : 'openid';
  if (dedupe === 'openid' || dedupe === 'row' || dedupe === 'none') return dedupe;
  const column = dedupe.startsWith('column:') ? dedupe.slice('column:'.length) : dedupe;
  if (columns?.includes(column)) return `column:${column}`;
  throw failure('DEDUPE_UNKNOWN', { column, columns: orNone(columns ?? []) });
}

function orNone(names: readonly string[]): readonly string[] | Words {
  return names.length > 0 ? names : { en: 'none', zh: '（无）' };
}
