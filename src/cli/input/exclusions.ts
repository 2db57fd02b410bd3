import type { Exclusion } from '../../app/campaigns/campaign.ts';
import type { ExcludedFile } from '../../app/campaigns/fill.ts';
import { failure } from '../../base/errors.ts';

/** `--exclude tag:ID | @file | campaign:ID`. Throws `USAGE`. */
export function parseExclusions(values: readonly string[]): Exclusion[] {
  return values.map((value): Exclusion => {
    const tag = /^tag:(\d{1,9})$/.exec(value)?.[1];
    if (tag !== undefined) return { kind: 'tag', tagId: Number(tag) };
    const campaign = /^campaign:([1-9]\d{0,14})$/.exec(value)?.[1];
    if (campaign !== undefined) return { kind: 'campaign', id: Number(campaign) };
    if (value.startsWith('@') && value.length > 1) return { kind: 'file', name: value.slice(1) };
    throw failure('USAGE/exclude', { value });
  });
}

/** The files among them. */
export function excludedFiles(exclusions: readonly Exclusion[]): ExcludedFile[] {
  return exclusions.flatMap((one) =>
    one.kind === 'file' ? [{ name: one.name, source: { path: one.name } }] : [],
  );
}
