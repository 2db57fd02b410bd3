import { inShare } from '../random.ts';
import { type Followers, salts } from './followers.ts';

interface Tag {
  id: number;
  name: string;
  /** Derived members. */
  share: number;
  /** Exceptions to the derivation. */
  members: Map<number, boolean>;
  /** Cached number of members; undefined when it has to be counted again. */
  count: number | undefined;
}

const starred = 2;
const firstOwn = 100;

/** Tags of an account; 0, 1 and 2 belong to WeChat. */
export class Tags {
  readonly #followers: Followers;
  readonly #initial: readonly { name: string; share: number }[];
  readonly #tags = new Map<number, Tag>();
  #nextId = firstOwn;

  constructor(followers: Followers, initial: readonly { name: string; share: number }[]) {
    this.#followers = followers;
    this.#initial = initial;
    this.reset();
  }

  create(name: string, share = 0): Tag {
    const tag: Tag = { id: this.#nextId++, name, share, members: new Map(), count: undefined };
    this.#tags.set(tag.id, tag);
    return tag;
  }

  get(id: unknown): Tag | undefined {
    return typeof id === 'number' ? this.#tags.get(id) : undefined;
  }

  byName(name: string): Tag | undefined {
    for (const tag of this.#tags.values()) if (tag.name === name) return tag;
    return undefined;
  }

  all(): Tag[] {
    return [...this.#tags.values()];
  }

  delete(id: number): void {
    this.#tags.delete(id);
  }

  has(tag: Tag, index: number): boolean {
    return tag.members.get(index) ?? inShare(this.#followers.seed, index, salts.tag + tag.id, tag.share);
  }

  set(tag: Tag, index: number, member: boolean): void {
    tag.members.set(index, member);
    tag.count = undefined;
  }

  of(index: number): number[] {
    return this.all()
      .filter((tag) => this.has(tag, index))
      .map((tag) => tag.id);
  }

  /** Members who are listed as followers; scans everyone if the tag was derived from a share. */
  count(tag: Tag): number {
    if (tag.count !== undefined) return tag.count;
    let count = 0;
    if (tag.share === 0) {
      for (const [index, member] of tag.members) if (member && this.#followers.isListed(index)) count++;
    } else {
      for (let index = 0; index < this.#followers.count; index++) {
        if (this.has(tag, index) && this.#followers.isListed(index)) count++;
      }
    }
    tag.count = count;
    return count;
  }

  page(tag: Tag, after: number, size: number): number[] {
    if (tag.share > 0) return this.#followers.page(after, size, (index) => this.has(tag, index));
    return [...tag.members]
      .filter(([index, member]) => member && index > after && this.#followers.isListed(index))
      .map(([index]) => index)
      .sort((a, b) => a - b)
      .slice(0, size);
  }

  /** Somebody came or left: the counts no longer hold. */
  invalidate(): void {
    for (const tag of this.#tags.values()) tag.count = undefined;
  }

  reset(): void {
    this.#tags.clear();
    this.#nextId = firstOwn;
    this.#tags.set(starred, { id: starred, name: '星标组', share: 0, members: new Map(), count: undefined });
    for (const { name, share } of this.#initial) this.create(name, share);
  }
}
