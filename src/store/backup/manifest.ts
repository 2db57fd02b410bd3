import { z } from 'zod';

/** Of the file as a whole; a later one says that it is. */
export const backupFormat = 1;

const table = z.object({
  name: z.string().regex(/^\w+$/),
  columns: z.array(z.string().regex(/^\w+$/)).min(1),
  rows: z.number().int(),
  /** Of the rows as COPY's text. */
  sha256: z.string(),
});

/** What a backup says of itself: `manifest.json`, the last entry of the file. */
export const manifestShape = z.object({
  format: z.literal(backupFormat),
  /** Of the program that made it. */
  version: z.string(),
  /** Number of the newest migration. */
  migration: z.number().int(),
  madeAt: z.iso.datetime(),
  /** Which key the sealed values need; it tells nothing of the key. */
  keyId: z.string(),
  /** Every key that they need: two while one takes the place of the other. Files of before do not say. */
  keyIds: z.array(z.string()).optional(),
  /** The key itself as base64, where that was asked for. */
  key: z.string().nullable(),
  /** In an order in which each may be filled after those before it. */
  tables: z.array(table),
  /** Parts of partitioned tables, with their bounds as PostgreSQL writes them. */
  partitions: z.array(
    z.object({ name: z.string().regex(/^\w+$/), of: z.string().regex(/^\w+$/), bounds: z.string() }),
  ),
  sequences: z.array(z.object({ table: z.string(), column: z.string(), last: z.string().regex(/^\d+$/) })),
});

export type Manifest = z.infer<typeof manifestShape>;

export function entryOf(table: string): string {
  return `tables/${table}.tsv`;
}
