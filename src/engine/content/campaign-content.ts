import { hash } from 'node:crypto';
import { canonical } from '../../base/canonical.ts';
import { failure } from '../../base/errors.ts';
import type {
  AskedAudience,
  Campaign,
  CampaignContent,
  Exclusion,
  OnInvalid,
} from '../../store/campaigns/campaigns.ts';
import { contentParts } from '../../texts/parts.ts';
import type { Channel } from '../../wechat/channels.ts';
import type { MessageBody } from './compiled-message.ts';

/**
 * What makes one campaign another than the next under the same key: what people get, who gets it, and when. How it was
 * asked for (`--yes`, `--wait`, `--json`, `--sync`, `--again`) is no part of it.
 */
export interface ContentWish {
  channel: Channel;
  /** The wire body, however it was put together. */
  body: MessageBody;
  audience: AskedAudience | { kind: 'resend'; of: number; what: readonly string[] };
  exclusions: readonly Exclusion[];
  dedupe: string;
  onInvalid: OnInvalid;
  includeNoCredit: boolean;
  startAt: Date | null;
  validUntil: Date | null;
}

/** The parts that are known before any file is read; `RowsDigest` and `exclusionsPart` give the others. */
export function contentOf(wish: ContentWish): CampaignContent {
  const { channel, body, audience, exclusions, dedupe, onInvalid, includeNoCredit } = wish;
  const times = [wish.startAt, wish.validUntil].map((at) => at?.getTime() ?? null);
  return {
    message: digest([channel, body]),
    options: digest([dedupe, onInvalid, includeNoCredit, ...times]),
    ...(audience.kind === 'list' || audience.kind === 'file' ? {} : { recipients: digest(audience) }),
    ...(exclusions.some(({ kind }) => kind === 'file') ? {} : { exclusions: exclusionsPart(exclusions, '') }),
  };
}

/** @param openids digest of the openids of all its files; empty without files */
export function exclusionsPart(exclusions: readonly Exclusion[], openids: string): string {
  const named = exclusions.filter(({ kind }) => kind !== 'file').map(canonical);
  return digest([[...new Set(named)].sort(), openids]);
}

/** What differs between a campaign and another wish under its key, as far as both are known. */
export function differences(
  campaign: Pick<Campaign, 'content'>,
  wish: CampaignContent,
): (keyof typeof contentParts)[] {
  const { content } = campaign;
  // Made before contents were stored: there is nothing to compare with.
  if (content === null) return [];
  const parts = ['message', 'recipients', 'exclusions', 'options'] as const;
  return parts.filter(
    (part) => content[part] !== undefined && wish[part] !== undefined && content[part] !== wish[part],
  );
}

/** Throws `KEY_REUSED` when the campaign under this key is another one than what is wished for now. */
export function requireSameContent(
  campaign: Pick<Campaign, 'id' | 'key' | 'content'>,
  wish: CampaignContent,
): void {
  const different = differences(campaign, wish);
  if (different.length === 0) return;
  const { id, key } = campaign;
  throw failure(
    'KEY_REUSED/campaign',
    {
      key: key ?? '',
      id: String(id),
      different: {
        en: different.join(', '),
        zh: different.map((name) => contentParts[name].zh).join('、'),
      },
    },
    { details: { id, different } },
  );
}

function digest(value: unknown): string {
  return hash('sha256', canonical(value), 'base64url');
}

/**
 * A digest of rows in any order: a database gives them in another one each time, and it is the same people. Adds the rows'
 * hashes, so that a row twice is not the row once; nobody is to be protected from whoever makes rows up.
 */
export class RowsDigest {
  readonly #sum = new Uint32Array(8);
  #rows = 0;

  add(row: readonly (string | null)[]): void {
    const bytes = hash('sha256', JSON.stringify(row), 'buffer');
    for (let i = 0; i < 8; i++) this.#sum[i] = (this.#sum[i] ?? 0) + bytes.readUInt32LE(i * 4);
    this.#rows++;
  }

  get value(): string {
    return `${this.#rows}:${Buffer.from(this.#sum.buffer).toString('base64url')}`;
  }
}
