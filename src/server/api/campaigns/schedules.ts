import {
  addSchedule,
  editSchedule,
  listSchedules,
  pauseSchedule,
  previewTimes,
  removeSchedule,
  resumeSchedule,
  type ScheduleView,
  scheduledBody,
  showSchedule,
} from '../../../app/campaigns/schedules.ts';
import type { schedulesRoutes } from '../../../contract/campaigns/schedules.ts';
import { type Handlers, via } from '../../register.ts';

/** Pushes that are repeated by cron. */
export const schedulesHandlers: Handlers<typeof schedulesRoutes> = {
  'GET /v1/schedules': via(
    listSchedules,
    () => undefined,
    ({ data }) => ({ data: data.map(scheduleOf), next: null }),
  ),
  'POST /v1/schedules': via(
    addSchedule,
    ({ body: { message, ...schedule } }) => ({ ...schedule, message: { body: message } }),
    scheduleOf,
  ),
  'GET /v1/schedules/{id}': via(showSchedule, idIn, scheduleOf),
  'PATCH /v1/schedules/{id}': via(
    editSchedule,
    ({ params, body: { message, ...changes } }) => ({
      ...changes,
      id: params.id,
      ...(message === undefined ? {} : { message: { body: message } }),
    }),
    scheduleOf,
  ),
  'POST /v1/schedules/{id}/pause': via(pauseSchedule, idIn, scheduleOf),
  'POST /v1/schedules/{id}/resume': via(resumeSchedule, idIn, scheduleOf),
  'GET /v1/accounts/{appid}/schedule-times': via(
    previewTimes,
    ({ params, query }) => ({ ...params, ...query }),
    ({ timeZone, runs }) => ({ timeZone, runs: runs.map((run) => run.toISOString()) }),
  ),
  'DELETE /v1/schedules/{id}': via(removeSchedule, idIn, () => undefined),
};

function idIn({ params }: { params: { id: number } }): { id: number } {
  return { id: params.id };
}

export function scheduleOf(one: ScheduleView) {
  const iso = (time: Date | null): string | null => time?.toISOString() ?? null;
  const { channel, audience, onInvalid, sync, includeNoCredit = false, ratePerS = null } = one.request;
  return {
    ...{ id: one.id, appid: one.appid, cron: one.cron, timeZone: one.timeZone, channel, audience },
    ...{ templateId: one.templateId, templateTitle: one.templateTitle, validMinutes: one.validMinutes },
    ...{ createdBy: one.createdBy, createdAt: one.createdAt.toISOString(), pausedAt: iso(one.pausedAt) },
    ...{ version: one.version, nextRunAt: iso(one.nextRunAt), lastMissed: one.lastMissed },
    ...{ lastCampaign: one.lastCampaign, lastState: one.lastState, onInvalid, sync, includeNoCredit },
    ratePerS,
    nextRuns: one.nextRuns.map((run) => run.toISOString()),
    message: scheduledBody(one),
  };
}
