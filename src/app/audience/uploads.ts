import { Readable } from 'node:stream';
import { errorCode, failure } from '../../base/errors.ts';
import {
  openRecipientFile,
  type RecipientFile,
  type RecipientSource,
} from '../../engine/audience/recipient-file.ts';
import type { Export } from '../../engine/campaigns/export.ts';
import { cellAt, type RecipientRecord } from '../../engine/formats/record.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import {
  createUpload,
  findUpload,
  finishUpload,
  listUploads as list,
  readPart,
  removeUpload as remove,
  storePart,
  touchUpload,
  type Upload,
} from '../../store/campaigns/uploads.ts';
import type { Pool } from '../../store/database/pool.ts';
import type { RowWords } from '../../texts/rows.ts';
import { action } from '../action.ts';
import { personOf } from '../actor.ts';
import type { App } from '../app.ts';
import { idOf, type Page, pageOf } from '../page.ts';
import type { FileOptions } from './open.ts';

/** Bytes of a part: few statements, and little memory. */
const partBytes = 1024 * 1024;
const firstShown = 5;
const badShown = 100;

/** What was found in an uploaded file. */
export interface UploadSummary {
  format: string;
  encoding: string;
  sheet: string | null;
  headerRow: number | null;
  openidColumn: string;
  /** Those that `{{variables}}` may name. */
  columns: string[];
  rows: number;
  good: number;
  /** With a fault in any column; a campaign leaves out only those with one in a column that it uses. */
  bad: number;
  hiddenRows: number;
  first: { line: number; openid: string; values: Record<string, string> }[];
  /** The first ones. */
  badRows: { line: number; code: string; detail: string; words: RowWords; column: string | null }[];
}

export type UploadView = Upload<FileOptions, UploadSummary>;

/**
 * Stores a file of people as it arrives, and says what is in it. Never whole in memory; what breaks off or cannot be read
 * leaves nothing behind. Kept for 24 h after it was used last.
 *
 * Throws the errors of `openRecipientFile`.
 */
export const uploadAudience = action<
  { appid: string; name: string; options: FileOptions; stream: Readable; signal: AbortSignal },
  UploadView
>(
  {
    name: 'audiences.upload',
    permission: 'campaign.create',
    audit: 'change',
    appid: ({ appid }) => appid,
  },
  async ({ store: { pool } }, { appid, name, options, stream, signal }, { actor, trail }) => {
    await getAccount(pool, appid);
    const id = await createUpload(pool, { appid, name, options, createdBy: personOf(actor) });
    trail.target = id;
    let unstored: unknown = null;
    const onUnstored = (error: unknown): void => {
      unstored = error;
    };
    try {
      const source = { stream: Readable.from(storing(pool, id, stream, onUnstored)), name };
      const summary = await summarise(await openRecipientFile(source, { ...options, signal }));
      await finishUpload(pool, id, summary);
      trail.after = { rows: summary.rows, bad: summary.bad };
    } catch (error) {
      await remove(pool, id).catch(() => {});
      // Whoever reads the file takes it for a fault of the file.
      throw unstored ?? error;
    }
    return await requireUpload(pool, id);
  },
);

/** Stores what passes by. */
async function* storing(
  pool: Pool,
  id: number,
  stream: Readable,
  onUnstored: (error: unknown) => void,
): AsyncGenerator<Buffer> {
  let no = 0;
  let gathered: Buffer[] = [];
  let size = 0;
  const store = async (): Promise<void> => {
    if (size === 0) return;
    const isStored = await storePart(pool, id, no++, Buffer.concat(gathered)).catch((error: unknown) => {
      onUnstored(error);
      throw error;
    });
    if (!isStored) throw failure('UPLOAD_NOT_FOUND', { id: String(id) });
    gathered = [];
    size = 0;
  };
  // Of a request, whose chunks are buffers.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    gathered.push(chunk);
    size += chunk.length;
    yield chunk;
    if (size >= partBytes) await store();
  }
  await store();
}

async function summarise(file: RecipientFile): Promise<UploadSummary> {
  const first: UploadSummary['first'] = [];
  const badRows: UploadSummary['badRows'] = [];
  let rows = 0;
  let bad = 0;
  for await (const batch of file.batches)
    for (const record of batch) {
      rows++;
      if (record.kind === 'bad') {
        bad++;
        if (badRows.length < badShown) badRows.push(badRow(record));
      } else if (first.length < firstShown)
        first.push({ line: record.line, openid: record.openid, values: record.vars });
    }
  const { format, encoding, sheet = null, headerRow, openidColumn, columns, hiddenRows } = file;
  return {
    ...{ format, encoding, sheet, headerRow, openidColumn, columns, hiddenRows },
    ...{ rows, good: rows - bad, bad, first, badRows },
  };
}

function badRow({
  line,
  reason,
  detail,
  words,
  column,
}: RecipientRecord & { kind: 'bad' }): UploadSummary['badRows'][number] {
  return { line, code: reason, detail, words, column: column ?? null };
}

/** Those that are kept at the moment, the newest first. */
export const listUploads = action<
  { appid: string | null; limit: number; cursor?: string | undefined },
  Page<UploadView>
>(
  { name: 'audiences.list', permission: 'campaign.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, limit, cursor }, { actor }) => {
    const appids = appid !== null ? [appid] : actor.accounts === 'all' ? null : [...actor.accounts];
    const data = await list<FileOptions, UploadSummary>(pool, appids, limit, idOf(cursor));
    return pageOf(data, data.length === limit ? (data.at(-1)?.id ?? null) : null);
  },
);

/** Throws `UPLOAD_NOT_FOUND`. */
export const showUpload = action<{ id: number }, UploadView>(
  { name: 'audiences.show', permission: 'campaign.read', audit: 'none', target: ({ id }) => id },
  async ({ store: { pool } }, { id }, { require }) => {
    const upload = await requireUpload(pool, id);
    await require(upload.appid);
    return upload;
  },
);

/** The rows with a fault, beside what the file has in them, to be mended and uploaded again. */
export const exportBadRows = action<{ id: number; signal: AbortSignal }, Export>(
  { name: 'audiences.badRows', permission: 'campaign.read', audit: 'export', target: ({ id }) => id },
  async (app, { id, signal }, { require }) => {
    const upload = await requireUpload(app.store.pool, id);
    await require(upload.appid);
    const file = await openRecipientFile(sourceOf(app, upload), { ...upload.options, signal });
    const width = file.header.length;
    async function* rows(): Export['rows'] {
      for await (const batch of file.batches) {
        const bad = batch.filter((record) => record.kind === 'bad');
        yield bad.map((record) => {
          const source = record.source?.();
          const fileValues =
            source === undefined ? null : Array.from({ length: width }, (_, at) => cellAt(source, at));
          return { values: { ...badRow(record), words: undefined }, fileValues };
        });
      }
    }
    return {
      columns: ['line', 'code', 'detail', 'column'],
      fileColumns: [...file.header],
      rows: rows(),
    };
  },
);

/** Removing it again does nothing. */
export const removeUpload = action<{ id: number }, void>(
  { name: 'audiences.remove', permission: 'campaign.create', audit: 'change', target: ({ id }) => id },
  async ({ store: { pool } }, { id }, { require }) => {
    const upload = await findUpload(pool, id);
    if (upload === null) return;
    await require(upload.appid);
    await remove(pool, id);
  },
);

/** An uploaded file, to be read once as the source of a campaign's people. Throws `UPLOAD_NOT_FOUND`. */
export const openUpload = action<
  { id: number },
  { id: number; appid: string; name: string; options: FileOptions; source: RecipientSource }
>(
  { name: 'audiences.open', permission: 'campaign.create', audit: 'none', target: ({ id }) => id },
  async (app, { id }, { require }) => {
    const upload = await requireUpload(app.store.pool, id);
    await require(upload.appid);
    await touchUpload(app.store.pool, id);
    const { appid, name, options } = upload;
    return { id, appid, name, options, source: sourceOf(app, upload) };
  },
);

/** Removes the files of an account in which one of the texts stands, and those that cannot be read. Says how many. */
export async function removeUploadsWith(
  app: App,
  appid: string,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const { pool } = app.store;
  let removed = 0;
  for (let before: number | null = null; ; ) {
    const page: UploadView[] = await list<FileOptions, UploadSummary>(pool, [appid], 100, before);
    for (const upload of page) {
      const has = await hasText(app, upload, texts, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        if (errorCode(error) === undefined) throw error;
        return true;
      });
      if (has && (await remove(pool, upload.id))) removed++;
    }
    before = page.at(-1)?.id ?? null;
    if (before === null) return removed;
  }
}

async function hasText(
  app: App,
  upload: UploadView,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const file = await openRecipientFile(sourceOf(app, upload), { ...upload.options, signal });
  try {
    for await (const batch of file.batches) {
      const words = JSON.stringify(
        batch.map((record) => [record, record.source?.().cells ?? [], [...(record.source?.().far ?? [])]]),
      );
      if (texts.some((text) => words.includes(text))) return true;
    }
    return false;
  } finally {
    await file.close();
  }
}

function sourceOf({ store: { pool } }: App, { id, name }: UploadView): RecipientSource {
  async function* parts(): AsyncGenerator<Buffer> {
    for (let no = 0; ; no++) {
      const bytes = await readPart(pool, id, no);
      if (bytes === null) return;
      yield bytes;
    }
  }
  return { stream: Readable.from(parts()), name };
}

async function requireUpload(pool: Pool, id: number): Promise<UploadView> {
  const upload = await findUpload<FileOptions, UploadSummary>(pool, id);
  if (upload === null) throw failure('UPLOAD_NOT_FOUND', { id: String(id) });
  return upload;
}
