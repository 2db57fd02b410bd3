import { PassThrough } from 'node:stream';
import {
  exportBadRows,
  listUploads,
  removeUpload,
  showUpload,
  type UploadView,
  uploadAudience,
} from '../../../app/audience/uploads.ts';
import { writeExport } from '../../../app/campaigns/export-formats.ts';
import { audiencesRoutes, uploadLimitBytes } from '../../../contract/audience/audiences.ts';
import type { Lang } from '../../../texts/catalogue.ts';
import { rowText } from '../../../texts/rows.ts';
import { type Handlers, via } from '../../register.ts';
import { fileOptions } from '../file-options.ts';
import { goneSignal } from '../gone.ts';

/** The rows, with the limit of this server. */
export function audiencesTable(maxBytes = uploadLimitBytes): typeof audiencesRoutes {
  const upload = audiencesRoutes['POST /v1/audiences'];
  return { ...audiencesRoutes, 'POST /v1/audiences': { ...upload, body: { ...upload.body, maxBytes } } };
}

/** Files of people, read while they arrive. */
export const audiencesHandlers: Handlers<typeof audiencesRoutes> = {
  'POST /v1/audiences': via(
    uploadAudience,
    ({ query: { appid, name, ...given }, body, reply }) => ({
      ...{ appid, name, stream: body, signal: goneSignal(reply) },
      options: fileOptions(given),
    }),
    (upload, { lang }) => audienceOf(upload, lang),
  ),
  'GET /v1/audiences': via(
    listUploads,
    ({ query: { appid, limit, cursor } }) => ({ appid: appid ?? null, limit, cursor }),
    ({ data, next }, { lang }) => ({ data: data.map((one) => audienceOf(one, lang)), next }),
  ),
  'GET /v1/audiences/{id}': via(
    showUpload,
    ({ params }) => ({ id: params.id }),
    (upload, { lang }) => audienceOf(upload, lang),
  ),
  'GET /v1/audiences/{id}/bad-rows': via(
    exportBadRows,
    ({ params, reply }) => ({ id: params.id, signal: goneSignal(reply) }),
    (found, { params, reply }) => {
      const out = new PassThrough();
      writeExport(found, { format: 'csv', plain: false, out, signal: goneSignal(reply) }).then(
        () => out.end(),
        (error: Error) => out.destroy(error),
      );
      reply.type('text/csv;charset=utf-8');
      reply.header('content-disposition', `attachment;filename="audience-${params.id}-bad-rows.csv"`);
      return out;
    },
  ),
  'DELETE /v1/audiences/{id}': via(
    removeUpload,
    ({ params }) => ({ id: params.id }),
    () => undefined,
  ),
};

function audienceOf({ options: _options, summary, createdAt, expiresAt, ...upload }: UploadView, lang: Lang) {
  const badRows = summary.badRows.map(({ words, detail, ...row }) => ({
    ...row,
    detail: rowText(words, lang) ?? detail,
  }));
  const times = { createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
  return { ...upload, ...summary, badRows, ...times };
}
