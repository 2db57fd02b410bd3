import { HongyanError } from '../../base/errors.ts';
import { followerCallsPerDay } from '../../engine/audience/followers.ts';
import { stageRecords } from '../../engine/audience/stage.ts';
import { discardCampaign, prepareCampaign } from '../../engine/campaigns/campaigns.ts';
import { stillRead, whileReading } from '../../engine/campaigns/reading.ts';
import type { CampaignReport } from '../../engine/campaigns/report.ts';
import type { MessageParts } from '../../engine/content/build-message.ts';
import { RowsDigest } from '../../engine/content/campaign-content.ts';
import type { MessageBody } from '../../engine/content/compiled-message.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { countContacts, countSyncCallsToday } from '../../store/accounts/contacts.ts';
import {
  type Campaign,
  completeContent,
  findCampaignByKey,
  type OnInvalid,
} from '../../store/campaigns/campaigns.ts';
import { endLeftReading } from '../../store/campaigns/left.ts';
import { text } from '../../texts/ui.ts';
import { runSync } from '../commands/followers.ts';
import type { CliContext } from '../context.ts';
import { askYesNo, canAsk } from '../input/ask.ts';
import { parseExclusions, readExcludedFiles } from '../input/exclusions.ts';
import { openRecipients, type Recipients } from '../input/recipients.ts';
import type { Session } from '../open.ts';
import { fileLines } from '../output/file-lines.ts';
import { outlast } from '../output/outage.ts';
import { startProgress } from '../output/progress.ts';
import { parseWhen } from '../output/when.ts';
import { planAndSend, type SendOptions } from './plan-and-send.ts';
import { goOnOrShow, requireSameFiles, selectColumns } from './repeated-push.ts';
import { sendTest } from './send-test.ts';

export interface PushRequest extends SendOptions {
  appid: string;
  channel: string;
  message: { parts: MessageParts } | { body: MessageBody };
  to: string;
  readOptions: Omit<Parameters<typeof openRecipients>[1], 'signal'>;
  /** Keeps all columns of a file with the campaign, for exports. Default true. */
  keepColumns?: boolean;
  dedupe: string | undefined;
  onInvalid: OnInvalid;
  sync: boolean;
  /** With `sync`: although over 5 % of the followers would be marked as gone. */
  acceptLoss?: boolean;
  testTo: string | undefined;
  key: string | undefined;
  again: boolean;
  /** As typed; read in the account's zone. */
  at?: string | undefined;
  validUntil?: string | undefined;
  exclude?: string[];
  includeNoCredit?: boolean;
}

/** The whole push: checks, plans, shows, asks, sends, reports. Null when nothing was sent. */
export async function runPush(
  context: CliContext,
  session: Session,
  version: string,
  request: PushRequest,
): Promise<CampaignReport | null> {
  // Asked here and not after an hour of reading: nobody could answer the question at the end.
  if (!request.yes && !request.dryRun && request.testTo === undefined && !canAsk())
    throw new HongyanError('USAGE', text(context.lang, 'ask.needYes'));
  const recipients = await openRecipients(request.to, { ...request.readOptions, signal: context.signal });
  try {
    if (request.testTo !== undefined) {
      await sendTest(context, session, request, recipients, request.testTo);
      return null;
    }
    if (recipients.audience.kind === 'all') await refreshContacts(context, session, request);
    const campaign = await createAndStage(context, session, request, recipients);
    if (campaign === null) return null;
    return await planAndSend(context, session, version, request, campaign);
  } finally {
    await recipients.close();
  }
}

/** Says how old the stored followers are, or fetches them. */
async function refreshContacts(context: CliContext, session: Session, request: PushRequest): Promise<void> {
  const { pool } = session.store;
  const account = await getAccount(pool, request.appid);
  const note = (line: string): void => {
    if (!request.json) context.out(line);
  };
  const before = await countContacts(pool, request.appid);
  if (account.kind === 'miniprogram') {
    if (request.sync)
      throw new HongyanError(
        'NO_FOLLOWER_LIST',
        `${request.appid} is a Mini Program: WeChat has no list of its users to sync`,
      );
    note(text(context.lang, 'push.contactsMp', { appid: request.appid, all: before.all }));
    return;
  }
  if (request.sync) {
    const used = await countSyncCallsToday(pool, request.appid);
    note(
      text(context.lang, 'push.syncCalls', {
        calls: Math.max(1, Math.ceil(before.following / 10_000)) + 1,
        used,
        limit: followerCallsPerDay(account.kind),
      }),
    );
    await runSync(context, session, request.appid, {
      details: false,
      json: false,
      quiet: request.json,
      // --yes answers the question that the preview asks, not this one.
      acceptLoss: request.acceptLoss === true ? true : request.yes || request.json ? false : 'ask',
    });
    return;
  }
  if (before.syncedAt === null)
    throw new HongyanError(
      'NEVER_SYNCED',
      text(context.lang, 'push.contactsNever', { appid: request.appid }),
    );
  note(
    text(context.lang, 'push.contactsAge', {
      appid: request.appid,
      following: before.following,
      age: age(context, before.syncedAt),
    }),
  );
}

/** Writes the campaign and its rows; null when it exists already or was not wanted. */
async function createAndStage(
  context: CliContext,
  session: Session,
  request: PushRequest,
  recipients: Recipients,
): Promise<Campaign | null> {
  const { timeZone } = await getAccount(session.store.pool, request.appid);
  const { pool } = session.store;
  const used =
    request.key !== undefined && (await findCampaignByKey(pool, request.appid, request.key)) !== null;
  const when = (part: 'startAt' | 'validUntil', value: string | undefined) =>
    // A repeat names the same time, which may be over by now.
    value === undefined ? undefined : parseWhen(part, value, timeZone, used ? 0 : Date.now());
  const startAt = when('startAt', request.at);
  const validUntil = when('validUntil', request.validUntil);
  const leftOut = parseExclusions(request.exclude ?? []);
  const prepare = (again: boolean) =>
    prepareCampaign(session, {
      startAt,
      validUntil,
      exclusions: leftOut,
      includeNoCredit: request.includeNoCredit ?? false,
      appid: request.appid,
      channel: request.channel,
      message: request.message,
      audience: recipients.audience,
      audienceName: recipients.name,
      columns: recipients.columns,
      dedupe: request.dedupe,
      onInvalid: request.onInvalid,
      // A dry run shows what the key stands for, but does not use it up.
      key: request.key,
      reserveKey: !request.dryRun,
      again,
      lang: context.lang,
    });
  let prepared = await prepare(request.again || request.dryRun);
  if (prepared.kind === 'twin') {
    const { twin } = prepared;
    const words = text(context.lang, 'push.twin', { id: String(twin.id), age: age(context, twin.createdAt) });
    if (request.yes)
      throw new HongyanError('CAMPAIGN_TWIN', `${words} ${text(context.lang, 'push.twinYes')}`);
    context.out(words);
    if (!(await askYesNo(context, text(context.lang, 'push.twinAsk')))) {
      context.out(text(context.lang, 'ask.cancelled'));
      return null;
    }
    prepared = await prepare(true);
  }
  if (prepared.kind === 'existing' && prepared.campaign.state === 'staging') {
    const { id, key } = prepared.campaign;
    // Its rows were with a process that is gone: whoever has them again, as we do, begins anew.
    if (!(await endLeftReading(session.store.pool, id))) throw stillRead(prepared.campaign);
    context.err(text(context.lang, 'push.readerGone', { id: String(id), key: key ?? '' }));
    prepared = await prepare(true);
  }
  if (prepared.kind === 'existing') {
    await requireSameFiles(context, prepared.campaign, recipients, leftOut, request.json);
    return await goOnOrShow(context, session, request, prepared.campaign);
  }
  if (prepared.kind === 'twin') return null;
  for (const { message } of prepared.warnings) {
    const line = text(context.lang, 'push.warning', { message: message[context.lang] });
    if (request.json) context.err(line);
    else context.out(line);
  }
  const { campaign } = prepared;
  try {
    await whileReading(pool, campaign.id, async () => {
      const exclusions = await readExcludedFiles(leftOut, context.signal, { session, id: campaign.id });
      const rows = await stage(context, session, campaign, recipients, request);
      if (campaign.key === null) return;
      const content = {
        ...(exclusions === undefined ? {} : { exclusions }),
        ...(rows === undefined ? {} : { recipients: rows }),
      };
      await outlast(context, session, () => completeContent(pool, campaign.id, content));
    });
  } catch (error) {
    // Its rows came from here and are incomplete: nobody may ever send it.
    await discardCampaign(session.store, campaign.id, 'audience_incomplete').catch(() => {});
    throw error;
  }
  return campaign;
}

async function stage(
  context: CliContext,
  session: Session,
  campaign: Campaign,
  recipients: Recipients,
  { json: quiet, keepColumns = true }: Pick<PushRequest, 'json' | 'keepColumns'>,
): Promise<string | undefined> {
  const { batches } = recipients;
  if (batches === null) return undefined;
  // Only a key makes anybody ask later whether it was the same.
  const digest = campaign.key === null ? undefined : new RowsDigest();
  selectColumns(recipients, campaign);
  const progress = startProgress(context, text(context.lang, 'push.staging'), { quiet });
  try {
    await stageRecords(session.store.pool, campaign, batches, {
      signal: context.signal,
      onProgress: (rows) => progress.update(rows, recipients.total),
      outlast: (work) => outlast(context, session, work),
      ...(digest === undefined ? {} : { digest }),
      ...(keepColumns && recipients.file !== null ? { columns: recipients.file.header } : {}),
    });
  } finally {
    progress.stop();
  }
  if (recipients.file !== null)
    for (const line of fileLines(recipients.file, recipients.name, context.lang))
      if (quiet) context.err(line);
      else context.out(line);
  return digest?.value;
}

/** "3 hours ago" in the reader's language. */
function age(context: CliContext, at: Date): string {
  const seconds = Math.round((at.getTime() - Date.now()) / 1000);
  const format = new Intl.RelativeTimeFormat(context.lang === 'zh' ? 'zh-CN' : 'en', { numeric: 'auto' });
  const units = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const;
  for (const [unit, size] of units)
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  return format.format(seconds, 'second');
}
