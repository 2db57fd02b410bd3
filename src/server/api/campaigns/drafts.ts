import {
  createDraft,
  type DraftView,
  editDraft,
  listDrafts,
  planDraft,
  removeDraft,
  scheduleDraft,
  showDraft,
} from '../../../app/campaigns/drafts.ts';
import type { draftsRoutes } from '../../../contract/campaigns/drafts.ts';
import { type Handlers, via } from '../../register.ts';
import { goneSignal } from '../gone.ts';
import { campaignOf, said } from './campaigns.ts';
import { scheduleOf } from './schedules.ts';

/** Campaigns that are still written. */
export const draftsHandlers: Handlers<typeof draftsRoutes> = {
  'POST /v1/drafts': via(createDraft, ({ body }) => body, draftOf),
  'GET /v1/drafts': via(
    listDrafts,
    ({ query: { appid, limit, cursor } }) => ({ appid: appid ?? null, limit, cursor }),
    ({ data, next }) => ({ data: data.map(listedOf), next }),
  ),
  'GET /v1/drafts/{id}': via(showDraft, idIn, draftOf),
  'PATCH /v1/drafts/{id}': via(editDraft, ({ params, body }) => ({ ...body, id: params.id }), draftOf),
  'DELETE /v1/drafts/{id}': via(removeDraft, idIn, () => undefined),
  'POST /v1/drafts/{id}/plan': via(
    planDraft,
    ({ params, body, key, reply }) => ({ ...body, id: params.id, key, signal: goneSignal(reply) }),
    ({ campaign, isRepeat, warnings }, { lang }) => ({
      campaign: campaignOf(campaign),
      ...{ isRepeat, warnings: said(warnings, lang) },
    }),
  ),
  'POST /v1/drafts/{id}/schedule': via(
    scheduleDraft,
    ({ params, body }) => ({ ...body, id: params.id }),
    scheduleOf,
  ),
};

function idIn({ params }: { params: { id: number } }): { id: number } {
  return { id: params.id };
}

function draftOf(draft: DraftView) {
  const { request, client } = draft;
  return { ...headOf(draft), request, client };
}

function listedOf(draft: DraftView) {
  const templateId = draft.request.message?.template_id;
  return {
    ...headOf(draft),
    channel: draft.request.channel ?? null,
    templateId: typeof templateId === 'string' ? templateId : null,
  };
}

function headOf({ id, appid, name, revision, createdBy, changedBy, ...draft }: DraftView) {
  const { campaignId: campaign, campaignState: state, plannedRevision: of } = draft;
  return {
    ...{ id, appid, name, revision, createdBy, changedBy },
    createdAt: draft.createdAt.toISOString(),
    changedAt: draft.changedAt.toISOString(),
    expiresAt: draft.expiresAt.toISOString(),
    planned: campaign === null || state === null || of === null ? null : { campaign, state, revision: of },
  };
}
