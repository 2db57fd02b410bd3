import { failure } from '../../base/errors.ts';
import { withSpan } from '../../base/tracing.ts';
import { messageBody } from '../../engine/campaigns/campaigns.ts';
import { resolveAudience } from '../../engine/campaigns/filtered.ts';
import { nextOccurrences, requireCron } from '../../engine/campaigns/schedule-times.ts';
import type { ScheduledPush } from '../../engine/campaigns/schedules.ts';
import { compileMessage } from '../../engine/content/compiled-message.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { findTemplate } from '../../store/accounts/templates.ts';
import {
  listSchedules as all,
  createSchedule,
  editSchedule as edit,
  findSchedule,
  pauseSchedule as pause,
  removeSchedule as remove,
  resumeSchedule as resume,
  type Schedule,
} from '../../store/campaigns/schedules.ts';
import type { Pool, Queryable } from '../../store/database/pool.ts';
import { spanNames } from '../../texts/parts.ts';
import { type Channel, resolveChannel } from '../../wechat/channels.ts';
import { checkRate } from '../accounts/settings.ts';
import { action } from '../action.ts';
import { personOf } from '../actor.ts';
import type { App } from '../app.ts';

export interface ScheduleView extends Schedule<ScheduledPush> {
  /** Null when there is none, or it is paused. */
  nextRunAt: Date | null;
  /** The next five, as if it were not paused. */
  nextRuns: Date[];
  /** Null for a message without a template. */
  templateId: string | null;
  /** Null while the template is not known. */
  templateTitle: string | null;
}

/** A push that is repeated by cron, on the clocks of the account's zone. */
export interface ScheduleInput extends Omit<ScheduledPush, 'audienceName'> {
  appid: string;
  cron: string;
  /** A run may begin so long after its time, minutes; afterwards it is missed. */
  validMinutes: number;
}

/** What is not named, or undefined, stays as it is. */
export type ScheduleChange = {
  [name in keyof Omit<ScheduleInput, 'appid'>]?: ScheduleInput[name] | undefined;
};

/**
 * Stores a push that a running node repeats, without asking each time.
 *
 * Throws `CRON_INVALID`, `AUDIENCE_INVALID` for people that cannot be fetched again, and for a message that nobody could get.
 */
export const addSchedule = action<ScheduleInput, ScheduleView>(
  {
    name: 'schedules.add',
    permission: 'campaign.send',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ cron, channel, audience, validMinutes }) => ({ cron, channel, audience, validMinutes }),
  },
  async (app, input, { actor, trail }) => {
    const store = await prepareSchedule(app, input, personOf(actor));
    const id = await store(app.store.pool);
    trail.target = id;
    return await requireSchedule(app, id);
  },
);

/** All schedules that the actor may see, with when each runs next, what it made last and what it missed last. */
export const listSchedules = action<void, { data: ScheduleView[] }>(
  { name: 'schedules.list', permission: 'campaign.read', audit: 'none' },
  async ({ store }, _input, { actor }) => {
    const schedules = await all<ScheduledPush>(store.pool);
    const seen = schedules.filter(({ appid }) => actor.accounts === 'all' || actor.accounts.has(appid));
    return { data: await Promise.all(seen.map((one) => viewOf(store.pool, one))) };
  },
);

/** One schedule. Throws `SCHEDULE_NOT_FOUND`. */
export const showSchedule = action<{ id: number }, ScheduleView>(
  { name: 'schedules.show', permission: 'campaign.read', audit: 'none', target: ({ id }) => id },
  async (app, { id }, { require }) => {
    const schedule = await requireSchedule(app, id);
    await require(schedule.appid);
    return schedule;
  },
);

/** Nothing of it runs until `resumeSchedule`; campaigns that it started go on. Pausing it again does nothing. */
export const pauseSchedule = action<{ id: number }, ScheduleView>(
  { name: 'schedules.pause', permission: 'campaign.send', audit: 'change', target: ({ id }) => id },
  async (app, { id }, { require }) => {
    await require((await requireSchedule(app, id)).appid);
    await pause(app.store.pool, id);
    return await requireSchedule(app, id);
  },
);

/** It runs again from its next time on; what came in between is not made up for. */
export const resumeSchedule = action<{ id: number }, ScheduleView>(
  { name: 'schedules.resume', permission: 'campaign.send', audit: 'change', target: ({ id }) => id },
  async (app, { id }, { require }) => {
    await require((await requireSchedule(app, id)).appid);
    await resume(app.store.pool, id);
    return await requireSchedule(app, id);
  },
);

/** What is not named stays as it is. Throws like `addSchedule`, and `SCHEDULE_CHANGED` when somebody else was faster. */
export const editSchedule = action<{ id: number } & ScheduleChange, ScheduleView>(
  {
    name: 'schedules.edit',
    permission: 'campaign.send',
    audit: 'change',
    target: ({ id }) => id,
    kept: ({ cron, validMinutes, audience }) => ({ cron, validMinutes, audience }),
  },
  async (app, { id, ...changes }, { require, trail }) => {
    const before = await requireSchedule(app, id);
    await require(before.appid);
    const { cron, validMinutes, appid, version } = before;
    trail.before = { cron, validMinutes };
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    const wish: ScheduleInput = {
      ...before.request,
      ...{ appid, cron, validMinutes },
      ...Object.fromEntries(given),
    };
    const request = await requestOf(app, wish);
    if (!(await edit(app.store.pool, id, version, { ...wish, request })))
      throw failure('SCHEDULE_CHANGED', { id: String(id) });
    return await requireSchedule(app, id);
  },
);

/** Ends a schedule; campaigns that it started go on. Throws `SCHEDULE_NOT_FOUND`. */
export const removeSchedule = action<{ id: number }, void>(
  { name: 'schedules.remove', permission: 'campaign.send', audit: 'change', target: ({ id }) => id },
  async (app, { id }, { require, trail }) => {
    const schedule = await requireSchedule(app, id);
    await require(schedule.appid);
    trail.before = { cron: schedule.cron };
    await remove(app.store.pool, id);
  },
);

/** Checks everything about a schedule; what comes back stores it, in a transaction of the caller's too. Throws like `addSchedule`. */
export async function prepareSchedule(
  app: App,
  input: ScheduleInput,
  createdBy: string,
): Promise<(queryable: Queryable) => Promise<number>> {
  const request = await requestOf(app, input);
  const { appid, cron, validMinutes } = input;
  const attributes = { 'wechat.appid': appid, 'hongyan.channel': request.channel };
  // Its row keeps nothing of it: no backend has it any more when a run begins months later.
  return (queryable) =>
    withSpan(spanNames.createSchedule, { kind: 'producer', attributes }, async (span) => {
      const id = await createSchedule(queryable, { appid, cron, request, createdBy, validMinutes });
      span?.setAttribute('hongyan.schedule.id', id);
      return id;
    });
}

/** What is stored of it, checked. */
async function requestOf(
  { store }: App,
  { appid, cron, validMinutes: _minutes, ...push }: ScheduleInput,
): Promise<ScheduledPush> {
  checkCron(cron);
  if (push.ratePerS !== undefined && push.ratePerS !== null) checkRate(push.ratePerS);
  const account = await getAccount(store.pool, appid);
  if (push.exclusions.some((one) => one.kind === 'file')) throw failure('AUDIENCE_INVALID/excluded-file', {});
  const channel = resolveChannel(push.channel, account.kind);
  const body = messageBody(channel, push.message);
  if (compileMessage(channel, body).variables.some((name) => name !== 'openid'))
    throw failure('VARIABLE_UNKNOWN/scheduled', { openid: '{{openid}}' });
  await resolveAudience(store.pool, appid, push.audience);
  return { ...push, channel, audienceName: nameOf(push.audience) };
}

function nameOf(audience: ScheduledPush['audience']): string {
  switch (audience.kind) {
    case 'all':
      return 'all';
    case 'tag':
      return `tag:${audience.tagId}`;
    case 'filter':
      return `filter:${audience.id}`;
  }
}

export async function requireSchedule({ store }: App, id: number): Promise<ScheduleView> {
  const schedule = await findSchedule<ScheduledPush>(store.pool, id);
  if (schedule === null) throw failure('SCHEDULE_NOT_FOUND', { id: String(id) });
  return await viewOf(store.pool, schedule);
}

async function viewOf(pool: Pool, schedule: Schedule<ScheduledPush>): Promise<ScheduleView> {
  const { appid, cron, timeZone, request } = schedule;
  const nextRuns = nextTimes(cron, timeZone);
  const { message } = request;
  const given = 'parts' in message ? message.parts.templateId : message.body.template_id;
  const templateId = typeof given === 'string' ? given : null;
  const template = templateId === null ? null : await findTemplate(pool, appid, templateId);
  return {
    ...schedule,
    nextRunAt: schedule.pausedAt === null ? (nextRuns[0] ?? null) : null,
    nextRuns,
    ...{ templateId, templateTitle: template?.title ?? null },
  };
}

const shownRuns = 5;

function nextTimes(cron: string, timeZone: string): Date[] {
  return nextOccurrences(cron, timeZone, Date.now(), shownRuns).map(({ at }) => new Date(at));
}

/** When a cron expression would be due on the clocks of an account, before anything is stored. Throws `CRON_INVALID`. */
export const previewTimes = action<{ appid: string; cron: string }, { timeZone: string; runs: Date[] }>(
  { name: 'schedules.times', permission: 'campaign.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store }, { appid, cron }) => {
    checkCron(cron);
    const { timeZone } = await getAccount(store.pool, appid);
    return { timeZone, runs: nextTimes(cron, timeZone) };
  },
);

/** The body as it would be sent, whichever way it was given. */
export function scheduledBody({ request }: ScheduleView): Record<string, unknown> {
  // It was resolved before it was stored.
  return messageBody(request.channel as Channel, request.message);
}

function checkCron(cron: string): void {
  try {
    requireCron(cron);
  } catch (error) {
    throw failure('CRON_INVALID', { cron }, { cause: error });
  }
}
