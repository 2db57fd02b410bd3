import { PassThrough } from 'node:stream';
import type { z } from 'zod';
import { onePerson } from '../../../app/audience/open.ts';
import { showActivity } from '../../../app/campaigns/activity.ts';
import {
  type Campaign,
  type CampaignReport,
  isDryRun,
  type NextStep,
} from '../../../app/campaigns/campaign.ts';
import {
  approveCampaign,
  cancelCampaign,
  changeCampaignRate,
  confirmCampaign,
  pauseCampaign,
  resumeCampaign,
} from '../../../app/campaigns/control.ts';
import type { MessageWarning } from '../../../app/campaigns/create.ts';
import { writeExport } from '../../../app/campaigns/export-formats.ts';
import { type CampaignPlan, showPlan } from '../../../app/campaigns/plan.ts';
import { listRecipients } from '../../../app/campaigns/recipients.ts';
import { exportCampaign, listCampaigns, showCampaign } from '../../../app/campaigns/report.ts';
import { submitInput } from '../../../app/campaigns/request.ts';
import { sendTest } from '../../../app/campaigns/send-test.ts';
import { sendAgain, submitCampaign } from '../../../app/campaigns/submit.ts';
import { idOf } from '../../../app/page.ts';
import type { campaign } from '../../../contract/campaigns/campaign-shapes.ts';
import type { campaignsRoutes } from '../../../contract/campaigns/campaigns.ts';
import type { Lang } from '../../../texts/catalogue.ts';
import { rowText } from '../../../texts/rows.ts';
import { errcodeInfo } from '../../../wechat/errcodes/errcodes.ts';
import { type Handlers, via } from '../../register.ts';
import { goneSignal } from '../gone.ts';
import { oneKey } from '../one-key.ts';

type Rows = typeof campaignsRoutes;

/** Campaigns: planned, looked at, confirmed, and followed to their end. */
export const campaignsHandlers: Handlers<Rows> = {
  'POST /v1/campaigns': async (call) => {
    const { body, key, lang } = call;
    const asked = { key: oneKey(key, body.key), signal: goneSignal(call.reply) };
    const input = await submitInput(call.deps, call.actor, body, asked);
    const submitted = await submitCampaign(call.deps, call.actor, input);
    const { isRepeat, warnings } = submitted;
    return { campaign: campaignOf(submitted.campaign), isRepeat, warnings: said(warnings, lang) };
  },

  'GET /v1/campaigns': via(
    listCampaigns,
    ({ query: { appid, limit, cursor } }) => {
      const before = idOf(cursor);
      return { appid: appid ?? null, limit, ...(before === null ? {} : { cursor: before }) };
    },
    ({ data, next }) => ({
      data: data.map((one) => ({ ...campaignOf(one), next: one.next, waitsFor: waitOf(one.waitsFor) })),
      next: next === null ? null : String(next),
    }),
  ),

  'POST /v1/campaigns/test': via(
    sendTest,
    ({ body: { appid, channel, message, touser, onInvalid } }) => ({
      ...{ appid, channel, touser, onInvalid, message: { body: message } },
      audience: onePerson(touser),
    }),
    ({ answer, warnings, path }, { lang }) => ({
      kind: answer.kind,
      msgid: answer.kind === 'accepted' ? answer.msgid : null,
      errcode: answer.kind === 'refused' ? answer.errcode : null,
      errmsg: answer.kind === 'refused' ? answer.errmsg : null,
      rid: answer.kind === 'refused' ? answer.rid : null,
      explanation:
        answer.kind === 'refused'
          ? errcodeInfo(answer.errcode, path)[lang]
          : answer.kind === 'failed'
            ? answer.message
            : null,
      warnings: said(warnings, lang),
    }),
  ),

  'GET /v1/campaigns/{id}': via(
    showCampaign,
    ({ params }) => ({ id: params.id }),
    (view) => reportOf(view),
  ),

  'GET /v1/campaigns/{id}/activity': via(
    showActivity,
    ({ params, query }) => ({ id: params.id, span: query.span }),
    ({ pace, ...activity }) => ({
      ...activity,
      pace: pace.map(({ at, answered }) => ({ at: at.toISOString(), answered })),
    }),
  ),

  'GET /v1/campaigns/{id}/plan': via(
    showPlan,
    ({ params }) => ({ id: params.id }),
    (plan, { lang }) => planOf(plan, lang),
  ),

  'POST /v1/campaigns/{id}/confirm': via(
    confirmCampaign,
    ({ params, body }) => ({ id: params.id, ...body }),
    ({ state, awaitsApproval }, { params }) => ({ id: params.id, state, awaitsApproval }),
  ),
  'POST /v1/campaigns/{id}/approve': via(approveCampaign, idIn, stateOf),
  'POST /v1/campaigns/{id}/pause': via(pauseCampaign, idIn, stateOf),
  'POST /v1/campaigns/{id}/resume': via(resumeCampaign, idIn, stateOf),
  'POST /v1/campaigns/{id}/cancel': via(cancelCampaign, idIn, stateOf),

  'POST /v1/campaigns/{id}/rate': via(
    changeCampaignRate,
    ({ params, body }) => ({ id: params.id, ...body }),
    (rate, { params }) => ({ id: params.id, ...rate }),
  ),

  'POST /v1/campaigns/{id}/resend': via(
    sendAgain,
    (call) => {
      const { what, includeNoCredit, key } = call.body;
      const signal = goneSignal(call.reply);
      return { id: call.params.id, what, includeNoCredit, key: oneKey(call.key, key), signal };
    },
    ({ campaign, ...made }) => ({ campaign: campaignOf(campaign), ...made }),
  ),

  'GET /v1/campaigns/{id}/recipients': via(
    listRecipients,
    ({ params, query }) => ({ id: params.id, ...query }),
    ({ data, next }) => ({
      data: data.map(({ vars: _vars, at, receiptAt, ...row }) => ({
        ...row,
        ...{ at: iso(at), receiptAt: iso(receiptAt) },
      })),
      next,
    }),
  ),

  'GET /v1/campaigns/{id}/export': via(
    exportCampaign,
    ({ params, query: { dropped, withColumns } }) => ({ id: params.id, dropped, withColumns }),
    (found, call) => {
      const { format, plain } = call.query;
      const out = new PassThrough();
      // A reader that goes away ends the statement that feeds it.
      const signal = goneSignal(call.reply);
      writeExport(found, { format, plain, out, signal }).then(
        () => out.end(),
        (error: Error) => out.destroy(error),
      );
      call.reply.type(types[format]);
      call.reply.header('content-disposition', `attachment;filename="campaign-${call.params.id}.${format}"`);
      return out;
    },
  ),
};

/** A test has no list: its message cannot have variables. */
const types = {
  csv: 'text/csv;charset=utf-8',
  ndjson: 'application/x-ndjson;charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

function idIn({ params }: { params: { id: number } }): { id: number } {
  return { id: params.id };
}

function stateOf<S extends Campaign['state']>(
  { state }: { state: S },
  { params }: { params: { id: number } },
) {
  return { id: params.id, state };
}

export function said(warnings: readonly MessageWarning[], lang: Lang): string[] {
  return warnings.map(({ message }) => message[lang]);
}

function iso(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}

export function campaignOf(one: Campaign) {
  return {
    ...{ id: one.id, appid: one.appid, channel: one.channel, state: one.state },
    ...{ reason: one.stateReason, detail: one.stateDetail, dryRun: isDryRun(one) },
    ...{ key: one.key, templateId: one.templateId },
    ...{ audience: one.audience, exclusions: one.exclusions, dedupe: one.dedupe, onInvalid: one.onInvalid },
    ...{ includeNoCredit: one.includeNoCredit, linkedTo: one.linkedTo, ratePerS: one.ratePerS },
    ...{ startAt: iso(one.startAt), validUntil: iso(one.validUntil) },
    createdAt: one.createdAt.toISOString(),
    ...{ plannedAt: iso(one.plannedAt), startedAt: iso(one.startedAt), finishedAt: iso(one.finishedAt) },
    ...{ prunedAt: iso(one.prunedAt), confirmedBy: one.confirmedBy, approvedBy: one.approvedBy },
    counts: {
      ...{ audience: one.audienceCount, planned: one.plannedCount, duplicate: one.duplicateCount },
      ...{ invalid: one.invalidCount, noCredit: one.noCreditCount, unfollowed: one.unfollowedCount },
      excluded: one.excludedCount,
    },
  } satisfies z.input<typeof campaign>;
}

function waitOf(wait: CampaignReport['waitsFor']) {
  return wait === null ? null : { ...wait, until: iso(wait.until) };
}

function reportOf(view: CampaignReport & { next: NextStep; isWorkedOn: boolean; hasColumns: boolean }) {
  return {
    ...campaignOf(view.campaign),
    ...{ next: view.next, waitsFor: waitOf(view.waitsFor), isWorkedOn: view.isWorkedOn },
    hasColumns: view.hasColumns,
    ...{ accepted: view.accepted, rejected: view.rejected, unknown: view.unknown, held: view.held },
    ...{ heldUntil: iso(view.heldUntil), unsent: view.unsent, receipts: view.receipts },
    ...{ byErrcode: view.rejectedBy, byUnknown: view.unknownBy, byUnsent: view.unsentBy },
    ...{ maybeTwice: view.maybeTwice, messagesPerSecond: view.messagesPerSecond, timeZone: view.timeZone },
  };
}

function planOf(plan: CampaignPlan, lang: Lang) {
  const { campaign, quota, dropped, credits, examples, lastCanary, ...rest } = plan;
  return {
    ...rest,
    campaign: campaignOf(campaign),
    credits: credits === null ? null : { ...credits },
    quota: quota === null ? null : { ...quota, reset: quota.reset.toISOString() },
    lastCanary: lastCanary === null ? null : { ...lastCanary, at: lastCanary.at.toISOString() },
    dropped: {
      total: dropped.total,
      rows: dropped.rows.map(({ line, openid, reason, code, detail, words, column = null }) => ({
        ...{ line, openid, reason, code, column },
        detail: (words === null ? null : rowText(words, lang)) ?? detail,
      })),
    },
    examples: examples.map(({ openid, body, card }) => ({
      ...{ openid, card },
      body: JSON.parse(body) as Record<string, unknown>, // a wire body is an object
    })),
  };
}
