import { contactsState } from '../../app/audience/contacts-state.ts';
import type { Campaign, CampaignView } from '../../app/campaigns/campaign.ts';
import { type Created, createCampaign, pushedBy } from '../../app/campaigns/create.ts';
import { compareCampaign, type ExcludedFile, fillCampaign } from '../../app/campaigns/fill.ts';
import { failure } from '../../base/errors.ts';
import { ageOf } from '../../texts/age.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { askYesNo, canAsk } from '../input/ask.ts';
import { excludedFiles, parseExclusions } from '../input/exclusions.ts';
import { openRecipients, type Recipients } from '../input/recipients.ts';
import type { Session } from '../open.ts';
import { fileLines } from '../output/file-lines.ts';
import { outlast } from '../output/outage.ts';
import { startProgress } from '../output/progress.ts';
import { showExisting } from '../output/show-campaign.ts';
import { parseWhen } from '../output/when.ts';
import { planAndSend } from './plan-and-send.ts';
import type { PushRequest } from './push-request.ts';
import { runSync } from './run-sync.ts';
import { sendTest } from './send-test.ts';
import { showWarnings } from './warnings.ts';

/** The whole push: checks, plans, shows, asks, sends, reports. Null when nothing was sent. */
export async function runPush(
  context: CliContext,
  session: Session,
  version: string,
  request: PushRequest,
): Promise<CampaignView | null> {
  const given = await readGiven(context, session, request);
  // Asked here and not after an hour of reading: nobody could answer the question at the end. What is wrong with the command
  // comes first: whoever is sent to a terminal should not be refused there again.
  if (!request.yes && !request.dryRun && request.testTo === undefined && !canAsk())
    throw failure('USAGE/nobody-to-confirm', {});
  const recipients = await openRecipients(request.to, { ...request.readOptions, signal: context.signal });
  try {
    if (request.testTo !== undefined) {
      await sendTest(context, session, request, recipients, request.testTo);
      return null;
    }
    if (recipients.audience.kind === 'all') await refreshContacts(context, session, request);
    const campaign = await createAndFill(context, session, request, given, recipients);
    if (campaign === null) return null;
    return await planAndSend(context, session, version, request, campaign);
  } finally {
    await recipients.close();
  }
}

/** What can be read of the command line, and be refused, without a look at the people. */
interface Given {
  startAt: Date | undefined;
  validUntil: Date | undefined;
  exclusions: ReturnType<typeof parseExclusions>;
}

async function readGiven(context: CliContext, session: Session, request: PushRequest): Promise<Given> {
  const { appid, channel } = request;
  const { timeZone } = await pushedBy(session, context.actor, { appid, channel });
  const when = (part: 'startAt' | 'validUntil', value: string | undefined): Date | undefined =>
    // Whether it is over is for the action to say: a repeat names the same time.
    value === undefined ? undefined : parseWhen(part, value, timeZone, 0);
  return {
    startAt: when('startAt', request.at),
    validUntil: when('validUntil', request.validUntil),
    exclusions: parseExclusions(request.exclude ?? []),
  };
}

/** Says how old the stored followers are, or fetches them. */
async function refreshContacts(context: CliContext, session: Session, request: PushRequest): Promise<void> {
  const { appid } = request;
  const note = (line: string): void => {
    if (!request.json) context.out(line);
  };
  const known = await contactsState(session, context.actor, { appid });
  if (known.sync === null) {
    if (request.sync) throw failure('NO_FOLLOWER_LIST', { appid });
    note(text(context.lang, 'push.contactsMp', { appid, all: known.all }));
    return;
  }
  if (request.sync) {
    const { calls, used, limit } = known.sync;
    note(text(context.lang, 'push.syncCalls', { calls, used, limit }));
    await runSync(context, session, appid, {
      details: false,
      json: false,
      quiet: request.json,
      // --yes answers the question that the preview asks, not this one.
      acceptLoss: request.acceptLoss === true ? true : request.yes || request.json ? false : 'ask',
    });
    return;
  }
  if (known.syncedAt === null) throw failure('NEVER_SYNCED', { appid });
  const age = ageOf(known.syncedAt);
  note(text(context.lang, 'push.contactsAge', { appid, following: known.following, age }));
}

/** Writes the campaign and its rows; null when it exists already or was not wanted. */
async function createAndFill(
  context: CliContext,
  session: Session,
  request: PushRequest,
  given: Given,
  recipients: Recipients,
): Promise<Campaign | null> {
  const created = await create(context, session, request, given, recipients);
  if (created === null) return null;
  if (created.left !== null) {
    const { id, key } = created.left;
    context.err(text(context.lang, 'push.readerGone', { id: String(id), key }));
  }
  const { campaign } = created;
  const files = excludedFiles(given.exclusions);
  if (created.kind === 'existing') {
    await compare(context, session, campaign, recipients, files, request.json);
    return await goOnOrShow(context, session, request, campaign);
  }
  showWarnings(context, created.warnings, request.json);
  await fill(context, session, campaign, recipients, files, request);
  return campaign;
}

/** Null when it is the twin of another one, and not wanted. */
async function create(
  context: CliContext,
  session: Session,
  request: PushRequest,
  given: Given,
  recipients: Recipients,
): Promise<Exclude<Created, { kind: 'twin' }> | null> {
  const { appid, channel, message, dedupe, onInvalid, key } = request;
  const { actor } = context;
  const input = {
    ...{ appid, channel, message, dedupe, onInvalid, key, ...given },
    includeNoCredit: request.includeNoCredit ?? false,
    ratePerS: request.ratePerS,
    audience: recipients.audience,
    audienceName: recipients.name,
    columns: recipients.columns,
    // A dry run shows what the key stands for, but does not use it up.
    reserveKey: !request.dryRun,
  };
  const first = await createCampaign(session, actor, { ...input, again: request.again || request.dryRun });
  if (first.kind !== 'twin') return first;
  const { id, createdAt } = first.twin;
  const about = { id: String(id), age: ageOf(createdAt) };
  if (request.yes) throw failure('CAMPAIGN_TWIN', about);
  context.out(text(context.lang, 'push.twin', about));
  const isWanted = await askYesNo(context, text(context.lang, 'push.twinAsk'));
  const second = isWanted ? await createCampaign(session, actor, { ...input, again: true }) : first;
  if (second.kind !== 'twin') return second;
  context.out(text(context.lang, 'ask.cancelled'));
  context.setExit(1);
  return null;
}

async function fill(
  context: CliContext,
  session: Session,
  { id }: Campaign,
  audience: Recipients,
  files: readonly ExcludedFile[],
  { json: quiet, keepColumns = true }: Pick<PushRequest, 'json' | 'keepColumns'>,
): Promise<void> {
  const progress = startProgress(context, text(context.lang, 'push.staging'), { quiet });
  try {
    await fillCampaign(session, context.actor, {
      ...{ id, audience, excludedFiles: files, signal: context.signal, keepColumns },
      onProgress: (rows) => progress.update(rows, audience.total),
      outlast: (work) => outlast(context, session, work),
    });
  } finally {
    progress.stop();
  }
  if (audience.file === null) return;
  for (const line of fileLines(audience.file, audience.name, context.lang))
    if (quiet) context.err(line);
    else context.out(line);
}

async function compare(
  context: CliContext,
  session: Session,
  { id }: Campaign,
  audience: Recipients,
  files: readonly ExcludedFile[],
  quiet: boolean,
): Promise<void> {
  const progress = startProgress(context, text(context.lang, 'push.comparing'), { quiet });
  try {
    await compareCampaign(session, context.actor, {
      ...{ id, audience, excludedFiles: files, signal: context.signal },
      onProgress: (rows) => progress.update(rows, audience.total),
    });
  } finally {
    progress.stop();
  }
}

/**
 * A campaign with this key and content is there. One that was started is shown; one that waits for its start (the process that
 * made it was stopped) is given back to go on from there, so that a rerun with the same key finishes the job.
 */
export async function goOnOrShow(
  context: CliContext,
  session: Session,
  request: { dryRun: boolean; json: boolean },
  campaign: Campaign,
): Promise<Campaign | null> {
  if ((campaign.state === 'planning' || campaign.state === 'planned') && !request.dryRun) {
    if (!request.json)
      context.out(text(context.lang, 'push.continues', { key: campaign.key ?? '', id: String(campaign.id) }));
    return campaign;
  }
  await showExisting(context, session, campaign.id, request.json);
  return null;
}
