import type { z } from 'zod';
import type { campaignRequest } from '../../contract/campaigns/campaign-shapes.ts';
import type { Actor } from '../actor.ts';
import type { App } from '../app.ts';
import { openUpload } from '../audience/uploads.ts';
import type { SubmitInput } from './submit.ts';

/** A campaign as it is asked for over HTTP, or kept as a draft. */
export type WantedCampaign = z.output<typeof campaignRequest>;

/** What `submitCampaign` takes for it; uploads are opened. Throws `UPLOAD_NOT_FOUND`. */
export async function submitInput(
  app: App,
  actor: Actor,
  wanted: WantedCampaign,
  { key, signal }: { key: string | undefined; signal: AbortSignal },
): Promise<SubmitInput> {
  const { audience, exclusions, startAt, validUntil, message, ...wish } = wanted;
  const upload = audience.kind === 'upload' ? await openUpload(app, actor, audience) : null;
  const files = [];
  for (const one of exclusions) if (one.kind === 'upload') files.push(await openUpload(app, actor, one));
  return {
    ...wish,
    message: { body: message },
    key,
    startAt: timeOf(startAt),
    validUntil: timeOf(validUntil),
    audience:
      upload === null
        ? (audience as Exclude<typeof audience, { kind: 'upload' }>) // an upload was opened above
        : { kind: 'file', name: upload.name, source: upload.source },
    ...(upload === null ? {} : { file: upload.options }),
    exclusions: exclusions.map((one) =>
      one.kind === 'upload' ? { kind: 'file', name: `upload ${one.id}` } : one,
    ),
    excludedFiles: files.map(({ name, source }) => ({ name, source })),
    signal,
  };
}

function timeOf(given: string | undefined): Date | undefined {
  return given === undefined ? undefined : new Date(given);
}
