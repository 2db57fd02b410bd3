import { z } from 'zod';
import { bytes, changes, defineRoutes, reads } from '../route.ts';
import { appid, countGiven, idGiven, listQuery, page, time } from '../shapes.ts';

/** Unless the configuration says otherwise: 25 million rows with a short name. */
export const uploadLimitBytes = 1024 ** 3;

/** How a file is read that comes as the body of a request. */
export const fileQuery = {
  /** The name of the file; its extension says the format where the bytes do not. */
  name: z.string().min(1).max(255).default('upload'),
  format: z.enum(['csv', 'tsv', 'xlsx', 'ndjson', 'txt']).optional(),
  openidColumn: z.string().min(1).max(255).optional(),
  /** The number of a row, or `none`. */
  headerRow: z.union([z.literal('none'), countGiven(1, 9_999_999)]).optional(),
  sheet: z.string().min(1).max(255).optional(),
  visibleOnly: z.stringbool().optional(),
  /** `utf-8`, `gb18030`, `big5`, `windows-1252` … */
  encoding: z.string().min(1).max(32).optional(),
};
export const fileBytes = {
  ...bytes('application/octet-stream', 'text/csv', 'text/plain', 'application/gzip'),
  maxBytes: uploadLimitBytes,
};

const audience = z
  .object({
    id: z.number().int(),
    appid: z.string(),
    name: z.string(),
    bytes: z.number().int(),
    format: z.string(),
    encoding: z.string(),
    sheet: z.string().nullable(),
    headerRow: z.number().int().nullable(),
    openidColumn: z.string(),
    /** Those that `{{variables}}` may name. */
    columns: z.array(z.string()),
    rows: z.number().int(),
    good: z.number().int(),
    /** With a fault in any column; a campaign leaves out only those with one in a column that it uses. */
    bad: z.number().int(),
    /** Of a sheet: hidden, or filtered out. */
    hiddenRows: z.number().int(),
    first: z.array(
      z.object({ line: z.number().int(), openid: z.string(), values: z.record(z.string(), z.string()) }),
    ),
    /** The first 100; all of them as a file: `GET /v1/audiences/{id}/bad-rows`. */
    badRows: z.array(
      z.object({
        line: z.number().int(),
        /** The rule that is broken. */
        code: z.string(),
        /** In the reader's language; values are shortened, and an openid is never whole. */
        detail: z.string(),
        column: z.string().nullable(),
      }),
    ),
    createdBy: z.string(),
    createdAt: time,
    /** It is removed then, unless it is used before. */
    expiresAt: time,
  })
  .meta({ id: 'Audience' });

const params = z.object({ id: idGiven });

export const audiencesRoutes = defineRoutes({
  'POST /v1/audiences': {
    name: 'audiences.upload',
    summary: {
      en: 'Uploads a file of people (CSV, TSV, XLSX, NDJSON, TXT, also gzipped) and says what is in it.',
      zh: '上传名单文件（CSV、TSV、XLSX、NDJSON、TXT，可 gzip），返回其中的内容。',
    },
    permission: 'campaign.create',
    account: 'query.appid',
    audit: 'change',
    // Whether the same file comes would be known only when it is here whole; a second one messages nobody, and is gone after a day.
    idempotency: 'none',
    rate: 'heavy',
    query: z.strictObject({
      appid,
      ...fileQuery,
    }),
    body: fileBytes,
    answers: { 201: audience },
  },
  'GET /v1/audiences': {
    name: 'audiences.list',
    summary: { en: 'Uploaded files that are kept, the newest first.', zh: '尚未过期的名单文件，新的在前。' },
    permission: 'campaign.read',
    account: 'filtered',
    ...reads,
    query: listQuery({ appid: appid.optional() }),
    answers: { 200: page(audience) },
  },
  'GET /v1/audiences/{id}': {
    name: 'audiences.show',
    summary: { en: 'One uploaded file.', zh: '一个名单文件。' },
    permission: 'campaign.read',
    account: 'found',
    ...reads,
    params,
    answers: { 200: audience },
  },
  'GET /v1/audiences/{id}/bad-rows': {
    name: 'audiences.badRows',
    summary: {
      en: 'Its bad rows beside what the file has in them, as CSV to be mended and uploaded again.',
      zh: '把有问题的行连同原内容导出为 CSV，改好后可再上传。',
    },
    permission: 'campaign.read',
    account: 'found',
    audit: 'export',
    idempotency: 'safe',
    rate: 'heavy',
    params,
    answers: { 200: bytes('text/csv') },
  },
  'DELETE /v1/audiences/{id}': {
    name: 'audiences.remove',
    summary: {
      en: 'Removes an uploaded file; campaigns that read it stay.',
      zh: '删除名单文件；已读取它的任务不受影响。',
    },
    permission: 'campaign.create',
    account: 'found',
    ...changes,
    params,
    answers: { 204: null },
  },
});
