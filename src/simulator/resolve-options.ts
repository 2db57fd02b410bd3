import { isIP } from 'node:net';
import { z } from 'zod';
import { failure } from '../base/errors.ts';
import type { Lang } from '../texts/catalogue.ts';
import { isSimulatorRule, simulatorParts, simulatorRule, simulatorRules } from '../texts/simulator-parts.ts';
import {
  type CallbackSettings,
  type EventOptions,
  eventDefaults,
  type ResolvedCallback,
} from './callback/options.ts';
import { callbackShape, definedEvents, eventShape, resolveCallback } from './callback/resolve.ts';
import type { AccountOptions, SimulatorOptions, UncertainSwitches } from './options.ts';
import { digest } from './random.ts';
import type { FaultRule } from './state/faults.ts';
import { type HoldOptions, holdDefaults } from './state/holds.ts';

/** An account's options with every default filled in. */
export type ResolvedAccount = Required<
  Omit<
    AccountOptions,
    'ipWhitelist' | 'openPlatform' | 'linkedMiniprograms' | 'pages' | 'callback' | 'events' | 'holds'
  >
> &
  Pick<AccountOptions, 'ipWhitelist' | 'openPlatform' | 'linkedMiniprograms' | 'pages'> & {
    callback: ResolvedCallback | undefined;
    /** The URL has to answer before the simulator has started. */
    verifiesCallback: boolean;
    events: EventOptions;
    holds: HoldOptions;
  };

export interface ResolvedOptions {
  port: number;
  host: string;
  seed: number | string;
  accounts: ResolvedAccount[];
}

export const switches: UncertainSwitches = {
  sendCheckOrder: ['openid', 'follow', 'blacklist', 'credit', 'template', 'fields', 'link'],
  msgidInSubscribe: true,
  duplicateClientMsgId: 'same-ok',
  identicalWithin60s: false,
  argumentTextLimit: 48,
  refuseUnicodeEscapes: false,
  retiredErrcode: 45103,
  expiredTokenErrcode: 42001,
  wrongSecretErrcode: 40125,
  freezeKillsTokens: false,
  blacklistPageSize: 1000,
  shortThingMax: 5,
  amountMaxDigits: 10,
  lengthUnit: 'code-points',
  failureConsumesCredit: false,
  concurrencyLock: 'subscribe',
  dailyResetHour: 0,
  lastPageNextOpenid: 'openid',
  batchgetForeignOpenid: 'fail',
  kfVideoThumb: 'required',
  clientMsgIdMax: 32,
};

const share = z.number().min(0).max(1);
const limit = z.int().nonnegative();
const credits = z.int().min(0).max(65_535);

const holdShape = z.strictObject({
  share: share.optional(),
  next: limit.optional(),
  openids: z.array(z.string()).nullable().optional(),
  blockedShare: share.optional(),
  reviewMs: z.number().min(0).nullable().optional(),
  events: z.enum(['none', 'released', 'all']).optional(),
});

const accountShape = {
  appid: z
    .string()
    .regex(/^wx[0-9a-f]{16}$/, simulatorRule('appid'))
    .optional(),
  secret: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'must be 32 lowercase hex digits')
    .optional(),
  kind: z.enum(['service', 'official', 'miniprogram', 'sandbox']).optional(),
  verified: z.boolean().optional(),
  followers: z.int().min(0).max(0xffff_ffff).optional(),
  seed: z.union([z.number(), z.string()]).optional(),
  latencyMs: z.number().min(0).max(600_000).optional(),
  jitterMs: z.number().min(0).max(600_000).optional(),
  ipWhitelist: z.array(z.string()).max(10).optional(),
  legacy: z.boolean().optional(),
  quotas: z
    .record(
      z.string().startsWith('/'),
      z.strictObject({ daily: limit.optional(), minute: limit.optional() }).nullable(),
    )
    .optional(),
  tokenOverlapSeconds: z.number().min(0).max(300).optional(),
  tokenExpiresIn: z.int().min(301).max(7200).optional(),
  unfollowedShare: share.optional(),
  blacklistedShare: share.optional(),
  creditsPerUser: z
    .union([
      credits,
      z.strictObject({ min: credits, max: credits }).refine((r) => r.min <= r.max, simulatorRule('min-max')),
    ])
    .optional(),
  kfOpenShare: share.optional(),
  tags: z
    .array(z.strictObject({ name: z.string().min(1).max(30), share }))
    .max(98)
    .optional(),
  openPlatform: z.string().optional(),
  linkedMiniprograms: z.array(z.string()).optional(),
  pages: z.array(z.string()).optional(),
  callback: callbackShape.optional(),
  events: eventShape.optional(),
  holds: holdShape.optional(),
  record: z.enum(['counts', 'full']).optional(),
  keepMessages: limit.optional(),
  sendCheckOrder: z
    .array(z.enum(['openid', 'follow', 'blacklist', 'credit', 'template', 'fields', 'link']))
    .refine((steps) => steps[0] === 'openid' && steps.includes('template'), simulatorRule('check-order'))
    .optional(),
  msgidInSubscribe: z.boolean().optional(),
  duplicateClientMsgId: z.literal(['same-ok', 40241, 45065]).optional(),
  identicalWithin60s: z.boolean().optional(),
  argumentTextLimit: limit.optional(),
  refuseUnicodeEscapes: z.boolean().optional(),
  retiredErrcode: z.literal([45103, 46101, 48009, 40037, 41028]).optional(),
  expiredTokenErrcode: z.literal([42001, 40001, 40014]).optional(),
  wrongSecretErrcode: z.literal([40125, 40001]).optional(),
  freezeKillsTokens: z.boolean().optional(),
  blacklistPageSize: z.int().min(1).max(10_000).optional(),
  shortThingMax: z.int().min(1).optional(),
  amountMaxDigits: z.int().min(1).max(32).optional(),
  lengthUnit: z.enum(['code-points', 'utf16']).optional(),
  failureConsumesCredit: z.boolean().optional(),
  concurrencyLock: z.enum(['subscribe', 'all', 'none']).optional(),
  dailyResetHour: z.int().min(0).max(23).optional(),
  lastPageNextOpenid: z.enum(['openid', 'empty']).optional(),
  batchgetForeignOpenid: z.enum(['fail', 'skip']).optional(),
  kfVideoThumb: z.enum(['required', 'optional']).optional(),
  clientMsgIdMax: z.int().min(1).optional(),
};

const account = z.strictObject(accountShape);

/** A line of a template, checked. */
export const fieldRow = z.strictObject({
  label: z.string(),
  key: z.string().regex(/^\w+$/),
  example: z.string(),
  values: z.array(z.string()).optional(),
});

const faultRule = z
  .strictObject({
    kind: z
      .union([z.int(), z.literal(['reset', 'cut', 'slow'])], simulatorRule('fault-kind'))
      .refine((kind) => kind !== 0, simulatorRule('fault-kind')),
    rate: share.optional(),
    next: z.int().positive().optional(),
    at: z.array(z.int().positive()).nonempty().optional(),
    path: z.string().startsWith('/').optional(),
    appid: z.string().optional(),
    slowMs: z.number().min(0).max(3_600_000).optional(),
    accepted: z.boolean().optional(),
  })
  .refine(
    ({ rate, next, at }) => [rate, next, at].filter((when) => when !== undefined).length === 1,
    simulatorRule('fault-when'),
  );

const simulator = z.strictObject({
  ...accountShape,
  port: z.int().min(0).max(65_535).optional(),
  host: z.string().min(1).optional(),
  accounts: z.array(account).nonempty().optional(),
  faults: z.array(faultRule).optional(),
  logger: z.unknown().optional(),
});

/** Checks options from outside (also from a file) and fills in the defaults. */
export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  parse(simulator, options, 'options');
  const { port = 0, host = '127.0.0.1', accounts, faults: _faults, logger: _logger, ...shared } = options;
  const seed = options.seed ?? 1;
  const resolved = (accounts ?? [{}]).map((own, position): ResolvedAccount => {
    const { callback, events, holds, ...merged } = { ...shared, ...own };
    const accountSeed = merged.seed ?? seed;
    // Several accounts cannot share one appid, so a shared key counts for the first only.
    const given = own.appid ?? (position === 0 ? shared.appid : undefined);
    const appid = given ?? `wx${digest('appid', accountSeed, position).toString('hex', 0, 8)}`;
    const { kind = 'service' } = merged;
    return {
      ...switches,
      verified: true,
      followers: 1000,
      latencyMs: 0,
      jitterMs: 0,
      legacy: false,
      quotas: {},
      tokenOverlapSeconds: 0,
      tokenExpiresIn: 7200,
      unfollowedShare: 0,
      blacklistedShare: 0,
      creditsPerUser: { min: 1, max: 3 },
      kfOpenShare: 0,
      tags: [],
      record: 'counts',
      keepMessages: 1000,
      secret: digest('secret', accountSeed, appid).toString('hex', 0, 16),
      ...withoutUndefined(merged),
      kind,
      seed: accountSeed,
      appid,
      callback:
        callback === undefined ? undefined : resolveCallback(callback, { appid, kind, seed: accountSeed }),
      verifiesCallback: callback !== undefined && callback.verify !== false,
      events: { ...eventDefaults, ...definedEvents(events ?? {}) },
      holds: { ...holdDefaults, ...withoutUndefined(holds ?? {}) },
    };
  });
  const seen = new Set<string>();
  for (const { ipWhitelist } of resolved) checkIpEntries(ipWhitelist ?? []);
  for (const { appid } of resolved) {
    if (seen.has(appid)) {
      throw failure('SIMULATOR_OPTIONS/same-appid', { appid });
    }
    seen.add(appid);
  }
  return { port, host, seed, accounts: resolved };
}

/** Callback settings from outside, checked and completed. */
export function parseCallback(
  value: unknown,
  account: { appid: string; kind: string; seed: number | string },
): ResolvedCallback & { verify: boolean } {
  // As below: the schema has the settings' own keys and types.
  const settings = withoutUndefined(parse(callbackShape, value, 'callback')) as CallbackSettings;
  return { ...resolveCallback(settings, account), verify: settings.verify !== false };
}

/** Event options from outside, checked. */
export function parseEvents(value: unknown): Partial<EventOptions> {
  return definedEvents(parse(eventShape, value, 'events') as Partial<EventOptions>);
}

/** Options of holds from outside, checked. */
export function parseHolds(value: unknown): Partial<HoldOptions> {
  // As above.
  return withoutUndefined(parse(holdShape, value, 'holds')) as Partial<HoldOptions>;
}

/** A fault from outside, checked. */
export function parseFault(value: unknown): FaultRule {
  // The schema has the rule's own keys and types; zod only cannot say that absent differs from undefined.
  return withoutUndefined(parse(faultRule, value, 'fault')) as FaultRule;
}

/** Parses JSON from a file or a request against a schema; says which key is wrong and why. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, what: keyof typeof simulatorParts): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const said = (lang: Lang, colon: string): string[] =>
    (schema.safeParse(value, inWords[lang]()).error ?? result.error).issues.map(({ path, message }) => {
      const text = isSimulatorRule(message) ? simulatorRules[message][lang] : message;
      return path.length === 0 ? text : `${path.join('.')}${colon}${text}`;
    });
  const problems = said('en', ': ');
  throw failure(
    'SIMULATOR_OPTIONS/value',
    { what: simulatorParts[what], problems: { en: problems.join('; '), zh: said('zh', '：').join('；') } },
    { details: { problems } },
  );
}

/** The words of zod's own rules. */
const inWords = {
  en: () => ({ error: z.locales.en().localeError }),
  zh: () => ({ error: z.locales.zhCN().localeError }),
} as const;

/** Refuses anything but IP addresses and CIDR blocks. */
export function checkIpEntries(entries: readonly string[]): void {
  for (const entry of entries) {
    const [address = '', bits, more] = entry.split('/');
    const family = isIP(address);
    const max = family === 6 ? 128 : 32;
    const isBlock = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= max);
    if (family !== 0 && isBlock && more === undefined) continue;
    throw failure('SIMULATOR_OPTIONS/ip', { entry });
  }
}

function withoutUndefined<T extends object>(value: T): T {
  // Dropping undefined members leaves the same type.
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
