import { z } from 'zod';
import { failure } from '../../base/errors.ts';
import { simulatorRule } from '../../texts/simulator-parts.ts';
import { randomSequence, seed32 } from '../random.ts';
import type { CallbackSettings, EventOptions, ResolvedCallback } from './options.ts';

const share = z.number().min(0).max(1).optional();
const milliseconds = z.number().min(0).max(3_600_000).optional();

export const callbackShape = z.strictObject({
  url: z.string(),
  token: z
    .string()
    .regex(/^[A-Za-z0-9]{3,32}$/, simulatorRule('token'))
    .optional(),
  encodingAESKey: z
    .string()
    .regex(/^[A-Za-z0-9]{43}$/, simulatorRule('aes-key'))
    .optional(),
  mode: z.enum(['plain', 'compatible', 'secure']).optional(),
  format: z.enum(['xml', 'json']).optional(),
  verify: z.boolean().optional(),
});

export const eventShape = z.strictObject({
  delayMs: milliseconds,
  jitterMs: milliseconds,
  blockedShare: share,
  systemFailedShare: share,
  freqLimitShare: share,
  earlyShare: share,
  lostShare: share,
  duplicateShare: share,
  answerLostShare: share,
  timeoutMs: z.number().min(1).max(3_600_000).optional(),
  deliveries: z.int().min(1).max(100).optional(),
  retryAfterMs: milliseconds,
  freshSignature: z.boolean().optional(),
  markFailAfter: z.int().min(0).optional(),
  markFailPauseMs: milliseconds,
  connections: z.int().min(1).max(1024).optional(),
  listShape: z.enum(['documented', 'array', 'nested']).optional(),
  textForm: z.enum(['unsplit', 'bare', 'split']).optional(),
  createTimeAs: z.enum(['number', 'string']).optional(),
  popupOncePerUser: z.boolean().optional(),
  popupRejectErases: z.boolean().optional(),
  keepEvents: z.int().min(0).optional(),
});

/** Fills in the defaults and refuses what the account's kind cannot have. */
export function resolveCallback(
  settings: CallbackSettings,
  account: { appid: string; kind: string; seed: number | string },
): ResolvedCallback {
  const { appid, kind, seed } = account;
  const url = settings.url.replaceAll('{appid}', appid);
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isHttp = parsed?.protocol === 'http:' || parsed?.protocol === 'https:';
  if (parsed === undefined || !isHttp || parsed.hash !== '' || parsed.username !== '') {
    throw failure('SIMULATOR_OPTIONS/callback-url', { appid, url });
  }
  const { mode = 'plain', format = 'xml' } = settings;
  if (format === 'json' && kind !== 'miniprogram') {
    throw failure('SIMULATOR_OPTIONS/callback-format', { appid, kind });
  }
  return {
    // With a path, and without default port: what a request can be made of.
    url: parsed.href,
    token: settings.token ?? alphanumeric(24, 'callback token', seed, appid),
    encodingAESKey: settings.encodingAESKey ?? alphanumeric(43, 'callback key', seed, appid),
    mode,
    format,
  };
}

/** Event options without the keys that were given as undefined. */
export function definedEvents(options: Partial<EventOptions>): Partial<EventOptions> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Made-up text that is the same for the same seed. */
function alphanumeric(length: number, ...of: (string | number)[]): string {
  const random = randomSequence(seed32(...of));
  let text = '';
  while (text.length < length) text += alphabet[Math.floor(random() * alphabet.length)];
  return text;
}
