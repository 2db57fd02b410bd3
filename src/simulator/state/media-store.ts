import { randomBytes } from 'node:crypto';

const lifeMs = 3 * 86_400_000;

export type MediaType = 'image' | 'voice' | 'video' | 'thumb';

interface StoredMedia {
  type: MediaType;
  bytes: number;
  expiresAtMs: number;
}

/** Temporary media: ids are valid for 3 days. Of the file only type and size are kept. */
export class MediaStore {
  readonly #media = new Map<string, StoredMedia>();

  add(type: MediaType, bytes: number, nowMs: number): string {
    const id = randomBytes(48).toString('base64url');
    this.#media.set(id, { type, bytes, expiresAtMs: nowMs + lifeMs });
    return id;
  }

  /** The type, if the id exists and has not expired. */
  type(id: unknown, nowMs: number): MediaType | undefined {
    if (typeof id !== 'string') return undefined;
    const media = this.#media.get(id);
    return media !== undefined && media.expiresAtMs > nowMs ? media.type : undefined;
  }

  get size(): number {
    return this.#media.size;
  }

  reset(): void {
    this.#media.clear();
  }
}
