import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { failure } from './errors.ts';

// scrypt and not argon2id: all nodes of one database must read it, and Node has argon2 only from 24.7 on.
const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** 32 MiB and some 0.2 s a password: OWASP's second choice, since a small server signs people in too. */
const cost = { log2N: 15, r: 8, p: 3 };
const keyBytes = 32;
/** So many at once; each holds its memory. */
const maxAtOnce = 2;
/** So many wait; beyond, whoever signs in is asked to come back. */
const maxWaiting = 20;

const form = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/;

/** With its parameters and salt, so that these can change later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const { log2N, r, p } = cost;
  const key = await limited(() => derived(password, salt, cost));
  return `scrypt$${log2N}$${r}$${p}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

/** False also for null, in the same time: how long it takes must not say who exists. */
export async function isPassword(password: string, hash: string | null): Promise<boolean> {
  const [, log2N, r, p, salt = '', key = ''] = form.exec(hash ?? '') ?? [];
  const stored = Buffer.from(key, 'base64url');
  const parameters = stored.length === 0 ? cost : { log2N: Number(log2N), r: Number(r), p: Number(p) };
  const given = await limited(() => derived(password, Buffer.from(salt, 'base64url'), parameters));
  return stored.length === keyBytes && timingSafeEqual(given, stored);
}

async function derived(password: string, salt: Buffer, { log2N, r, p }: typeof cost): Promise<Buffer> {
  const N = 2 ** log2N;
  // The same letters, however a keyboard composes them.
  return await derive(password.normalize('NFKC'), salt, keyBytes, { N, r, p, maxmem: 256 * N * r });
}

let running = 0;
const waiting: (() => void)[] = [];

/** Throws `RATE_LIMITED` when too many wait already. */
async function limited<T>(work: () => Promise<T>): Promise<T> {
  if (running >= maxAtOnce) {
    if (waiting.length >= maxWaiting) throw failure('RATE_LIMITED', { seconds: 5 });
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    // The place goes on to whoever waited longest.
    if (next === undefined) running -= 1;
    else next();
  }
}
