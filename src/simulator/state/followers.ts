import { OpenidCodec } from '../openid.ts';
import { inShare, mix, seed32 } from '../random.ts';

/** Salts of {@link mix}: one for each thing that is derived of a follower. */
export const salts = {
  unfollowed: 1,
  blacklisted: 2,
  credits: 3,
  kf: 4,
  scene: 5,
  since: 6,
  tag: 1000,
} as const;

export interface FollowersOptions {
  seed: number | string;
  appid: string;
  count: number;
  unfollowedShare: number;
  blacklistedShare: number;
}

/** Who follows an account. People are derived; only what differs from the derivation is stored. */
export class Followers {
  readonly codec: OpenidCodec;
  readonly seed: number;
  readonly #options: FollowersOptions;
  /** How many people exist, 0…count−1. */
  count: number;
  /** true: follows, false: left; absent: as derived. */
  readonly #follow = new Map<number, boolean>();
  #gone = 0;
  readonly #blacklist = new Map<number, boolean>();

  constructor(options: FollowersOptions) {
    this.#options = options;
    this.codec = new OpenidCodec(options.seed, options.appid);
    this.seed = seed32('followers', options.seed, options.appid);
    this.count = options.count;
  }

  /** The index of an openid of this account, else −1. */
  find(openid: unknown): number {
    if (typeof openid !== 'string') return -1;
    const index = this.codec.decode(openid);
    return index < this.count ? index : -1;
  }

  openid(index: number): string {
    return this.codec.encode(index);
  }

  follows(index: number): boolean {
    return (
      this.#follow.get(index) ?? !inShare(this.seed, index, salts.unfollowed, this.#options.unfollowedShare)
    );
  }

  setFollows(index: number, follows: boolean): void {
    const before = this.#follow.get(index);
    if (before === false && follows) this.#gone--;
    if (before !== false && !follows) this.#gone++;
    this.#follow.set(index, follows);
  }

  /** What `user/get` calls total. */
  get total(): number {
    return this.count - this.#gone;
  }

  isListed(index: number): boolean {
    return this.#follow.get(index) !== false;
  }

  /** Up to `size` listed indexes after `after` (−1 for the start), of those that `only` accepts. */
  page(after: number, size: number, only?: (index: number) => boolean): number[] {
    const page: number[] = [];
    for (let index = after + 1; index < this.count && page.length < size; index++) {
      if (this.#gone > 0 && !this.isListed(index)) continue;
      if (only === undefined || only(index)) page.push(index);
    }
    return page;
  }

  isBlacklisted(index: number): boolean {
    const stored = this.#blacklist.size === 0 ? undefined : this.#blacklist.get(index);
    return stored ?? inShare(this.seed, index, salts.blacklisted, this.#options.blacklistedShare);
  }

  setBlacklisted(index: number, blacklisted: boolean): void {
    this.#blacklist.set(index, blacklisted);
  }

  /** All blacklisted people, ascending; scans everyone only if a share of them was asked for. */
  blacklisted(): number[] {
    if (this.#options.blacklistedShare === 0) {
      return [...this.#blacklist]
        .filter(([, is]) => is)
        .map(([index]) => index)
        .sort((a, b) => a - b);
    }
    const found: number[] = [];
    for (let index = 0; index < this.count; index++) if (this.isBlacklisted(index)) found.push(index);
    return found;
  }

  /** When that person followed, Unix seconds: somewhere in the five years before 2026. */
  since(index: number): number {
    return 1_609_459_200 + (mix(this.seed, index, salts.since) % 157_000_000);
  }

  /** Stored exceptions; what a test looks at to see that people cost nothing. */
  get exceptions(): number {
    return this.#follow.size + this.#blacklist.size;
  }

  reset(): void {
    this.count = this.#options.count;
    this.#follow.clear();
    this.#gone = 0;
    this.#blacklist.clear();
  }
}
