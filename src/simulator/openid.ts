import { type Cipheriv, createCipheriv, createDecipheriv, type Decipheriv } from 'node:crypto';
import { digest } from './random.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const shape = /^[A-Za-z0-9_-]{28}$/;

/**
 * Openids as a function of (seed, name, index), both ways, without a table.
 *
 * 28 characters: `o`, 5 that all openids of the account share, 22 that hold one AES block of the index.
 * 22 characters hold 132 bits; the last 4 are a checksum, so that exactly one text belongs to an index.
 */
export class OpenidCodec {
  readonly prefix: string;
  readonly #cipher: Cipheriv;
  readonly #decipher: Decipheriv;
  readonly #block = Buffer.alloc(16);

  constructor(seed: number | string, name: string) {
    const key = digest('openid', seed, name);
    this.prefix = `o${key.toString('base64url', 16).slice(0, 5)}`;
    // ECB without padding: each update() of whole blocks gives them back at once, so the two objects are reusable.
    this.#cipher = createCipheriv('aes-128-ecb', key.subarray(0, 16), null).setAutoPadding(false);
    this.#decipher = createDecipheriv('aes-128-ecb', key.subarray(0, 16), null).setAutoPadding(false);
  }

  encode(index: number): string {
    const block = Buffer.alloc(16);
    block.writeUIntBE(index, 10, 6);
    return this.#text(this.#cipher.update(block), 0);
  }

  /** A whole page costs one call into the cipher. */
  encodeAll(indexes: ArrayLike<number>): string[] {
    const blocks = Buffer.alloc(indexes.length * 16);
    for (let i = 0; i < indexes.length; i++) blocks.writeUIntBE(indexes[i] as number, i * 16 + 10, 6);
    const encrypted = this.#cipher.update(blocks);
    const openids = new Array<string>(indexes.length);
    for (let i = 0; i < indexes.length; i++) openids[i] = this.#text(encrypted, i * 16);
    return openids;
  }

  /** The index, or −1 if this account never gave out that openid. */
  decode(openid: string): number {
    if (!shape.test(openid) || !openid.startsWith(this.prefix)) return -1;
    if (this.#block.write(openid.slice(6), 'base64url') !== 16) return -1;
    if (openid.charCodeAt(27) !== lastCharacter(this.#block, 0).charCodeAt(0)) return -1;
    const plain = this.#decipher.update(this.#block);
    if (plain.readUIntBE(0, 6) !== 0 || plain.readUInt32BE(6) !== 0) return -1;
    return plain.readUIntBE(10, 6);
  }

  #text(blocks: Buffer, at: number): string {
    return this.prefix + blocks.toString('base64url', at, at + 16).slice(0, 21) + lastCharacter(blocks, at);
  }
}

/** The 22nd character: the block's last 2 bits and a 4-bit checksum of it. */
function lastCharacter(block: Buffer, at: number): string {
  let sum = 0;
  for (let i = at; i < at + 16; i++) sum ^= block[i] as number;
  return alphabet[(((block[at + 15] as number) & 3) << 4) | ((sum ^ (sum >>> 4)) & 15)] as string;
}
