import { createHash } from 'node:crypto';

/** 32 bits that depend on all three arguments; decides what is true of follower `index` without memory. */
export function mix(seed: number, index: number, salt: number): number {
  // murmur3's finalizer over the index (which may exceed 32 bits) and the salt
  let h = (seed ^ Math.imul(salt, 0x9e3779b1) ^ (index >>> 0)) >>> 0;
  h = Math.imul(h ^ Math.floor(index / 0x1_0000_0000), 0x85ebca6b);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}

/** True for `share` (0–1) of all indexes, always the same ones. */
export function inShare(seed: number, index: number, salt: number, share: number): boolean {
  return share > 0 && mix(seed, index, salt) < share * 0x1_0000_0000;
}

export function digest(...parts: (string | number)[]): Buffer {
  return createHash('sha256').update(parts.join('\n')).digest();
}

export function seed32(...parts: (string | number)[]): number {
  return digest(...parts).readUInt32BE(0);
}

/** A reproducible sequence of numbers in [0, 1): mulberry32. */
export function randomSequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
