import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { failure } from '../base/errors.ts';
import { uploadLimitBytes } from '../contract/audience/audiences.ts';
import { isListenAddress } from '../server/listen.ts';
import type { Lang } from '../texts/catalogue.ts';
import { settingForms, unknownSetting } from '../texts/config.ts';
import { readConfigFile, readSecretFileOf } from './config-files.ts';
import { systemLanguage } from './environment.ts';

const schema = z.strictObject({
  /** Where the embedded database, the key file and the config file live. Default `~/.hongyan`. */
  dataDir: z.string().min(1),
  /**
   * Where a small file per database says how far it was, so that a data directory put back as it was is noticed. Outside of
   * what is backed up and restored together with it. Default `~/.local/state/hongyan`, or `$XDG_STATE_HOME/hongyan`.
   */
  stateDir: z.string().min(1),
  /** External PostgreSQL (`postgres://…`); without it Hongyan runs its own inside the data directory. */
  databaseUrl: z
    .string()
    .regex(/^postgres(ql)?:\/\//)
    .optional(),
  /** 32 bytes as base64 or hex: the key that encrypts secrets at rest. Default: `<dataDir>/secret.key`, made at first start. */
  secretKey: z.string().min(1).optional(),
  /**
   * Another key, opened with and never sealed with: the new one before it is `secretKey` on all nodes, the old one afterwards,
   * until `hongyan rekey` has sealed everything anew. Default: none.
   */
  secretKeyPrevious: z.string().min(1).optional(),
  /** Outbound HTTP proxy for calls to WeChat, e.g. `http://10.0.0.2:3128`. Default: HTTPS_PROXY. */
  proxy: z.url().optional(),
  /** Hosts that bypass the proxy, comma-separated. Default: NO_PROXY. */
  noProxy: z.string().optional(),
  /**
   * Addresses and networks that are not public and to which webhooks may be sent all the same, comma-separated, e.g.
   * `10.0.0.5,192.168.7.0/24`. Default: none.
   */
  webhookAllow: z.string().refine(areAddresses).optional(),
  /** The console as people reach it, e.g. `https://push.example.com`: links in alerts lead there. Default: they have none. */
  publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  /**
   * Addresses and networks of the reverse proxies in front of `serve`, comma-separated. Only what comes from them may say
   * by X-Forwarded-For and -Proto for whom it asks, and that it came by TLS. Default: none, and the headers are ignored.
   */
  trustProxy: z.string().refine(areAddresses).optional(),
  /** The audit is kept so many days, 184 to 36500; nodes of one database should say the same. Default 365. */
  auditKeepDays: z.coerce.number().int().min(184).max(36_500),
  /** Where a node puts a backup every day; relative to the working directory. Default: none is made. */
  backupDir: z.string().min(1).optional(),
  /** At which time of day of this machine, `HH:MM`. Default `03:30`. */
  backupAt: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/),
  /** So many of them are kept, 1 to 3650. Default 14. */
  backupKeep: z.coerce.number().int().min(1).max(3_650),
  /**
   * Whether `serve` may run a simulated WeChat beside itself, so that everything can be tried without an account: `on`, `off`, or
   * `auto`, which is on while it listens on loopback only, without TLS, on the embedded database. Default `auto`.
   */
  simulator: z.enum(['auto', 'on', 'off']),
  /** Language of reports and explanations. Default: zh when LC_ALL, LC_MESSAGES or LANG starts with zh, else en. */
  lang: z.enum(['en', 'zh']),
  /** pino level of the log on standard error. Default `warn` for commands, `info` for `serve` and `worker`. */
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).optional(),
  /** Where `serve` listens: `HOST:PORT`, `[IPV6]:PORT`, or `off`. Port 0 takes a free one. Default `127.0.0.1:8790`. */
  listen: z.string().refine(isListenAddress),
  /**
   * So long a `serve` that is to end goes on, while `/readyz` answers 503, so that a load balancer in front of several nodes
   * sends nobody here any more, seconds, 0 to 60. Default 0.
   */
  drainSeconds: z.coerce.number().int().min(0).max(60),
  /** Largest file of people that `POST /v1/audiences` takes, bytes. Default 1073741824 (1 GiB). */
  uploadMaxBytes: z.coerce.number().int().min(1024).max(Number.MAX_SAFE_INTEGER),
  /**
   * Whether `serve` passes calls of programs that speak WeChat on (`/wx/APPID/…`), for accounts that allow it: `on` or `off`.
   * Default `off`.
   */
  wxRelay: z.enum(['on', 'off']),
  /**
   * PEM files with which `serve` listens with TLS: the certificate with those between it and its root, and its key. Looked at
   * every 10 s, and taken when they have changed. Default: without TLS.
   */
  tlsCert: z.string().min(1).optional(),
  tlsKey: z.string().min(1).optional(),
  /**
   * What callers of the HTTP API send as `Authorization: Bearer …`. Default: `<dataDir>/api.token`, made at first start.
   * An admin key, of at least 32 characters.
   */
  apiToken: z
    .string()
    .regex(/^[\x21-\x7e]+$/)
    .optional(),
});

export type Config = z.infer<typeof schema>;

/** Where a value came from; `hongyan doctor` shows it beside the value. */
export type ConfigSource = 'default' | 'file' | 'environment' | 'flag';

export interface LoadedConfig {
  config: Config;
  sources: Partial<Record<keyof Config, ConfigSource>>;
  /** The config file that was read, if there was one. */
  file: string | null;
}

/** The variable of each key. */
export const environmentKeys = {
  dataDir: 'HONGYAN_DATA_DIR',
  stateDir: 'HONGYAN_STATE_DIR',
  databaseUrl: 'HONGYAN_DATABASE_URL',
  secretKey: 'HONGYAN_SECRET_KEY',
  secretKeyPrevious: 'HONGYAN_SECRET_KEY_PREVIOUS',
  proxy: 'HONGYAN_PROXY',
  noProxy: 'HONGYAN_NO_PROXY',
  webhookAllow: 'HONGYAN_WEBHOOK_ALLOW',
  publicUrl: 'HONGYAN_PUBLIC_URL',
  trustProxy: 'HONGYAN_TRUST_PROXY',
  auditKeepDays: 'HONGYAN_AUDIT_KEEP_DAYS',
  backupDir: 'HONGYAN_BACKUP_DIR',
  backupAt: 'HONGYAN_BACKUP_AT',
  backupKeep: 'HONGYAN_BACKUP_KEEP',
  simulator: 'HONGYAN_SIMULATOR',
  lang: 'HONGYAN_LANG',
  logLevel: 'HONGYAN_LOG_LEVEL',
  listen: 'HONGYAN_LISTEN',
  drainSeconds: 'HONGYAN_DRAIN_SECONDS',
  uploadMaxBytes: 'HONGYAN_UPLOAD_MAX_BYTES',
  wxRelay: 'HONGYAN_WX_RELAY',
  tlsCert: 'HONGYAN_TLS_CERT',
  tlsKey: 'HONGYAN_TLS_KEY',
  apiToken: 'HONGYAN_API_TOKEN',
} as const satisfies Record<keyof Config, string>;

/** Keys whose values are shown as `set` and never as they are. */
export const secretKeys: ReadonlySet<keyof Config> = new Set([
  'databaseUrl',
  'secretKey',
  'secretKeyPrevious',
  'apiToken',
]);

/** Keys whose values may lie in a file that the variable with `_FILE` behind its name says: a container's secrets. */
export const fileKeys: readonly (keyof Config)[] = [
  'databaseUrl',
  'secretKey',
  'secretKeyPrevious',
  'apiToken',
  'proxy',
];

/**
 * Resolves the configuration once: file, then environment (`HONGYAN_*`), then flags; later ones win.
 *
 * The file is `HONGYAN_CONFIG` or `<dataDir>/hongyan.json`; unknown keys in it are errors, as are unknown
 * `HONGYAN_*` variables, because a misspelt setting that is ignored is found in production.
 */
export function loadConfig(flags: Partial<Config> = {}, env: NodeJS.ProcessEnv = process.env): LoadedConfig {
  const sources: LoadedConfig['sources'] = {};
  const values: Record<string, unknown> = {
    dataDir: join(homedir(), '.hongyan'),
    listen: '127.0.0.1:8790',
    auditKeepDays: 365,
    backupAt: '03:30',
    backupKeep: 14,
    simulator: 'auto',
    drainSeconds: 0,
    uploadMaxBytes: uploadLimitBytes,
    wxRelay: 'off',
    stateDir: join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'hongyan'),
    lang: systemLanguage(env),
    proxy: env.HTTPS_PROXY ?? env.https_proxy,
    noProxy: env.NO_PROXY ?? env.no_proxy,
  };
  if (values.proxy === '') values.proxy = undefined;

  const known = new Set<string>([
    ...Object.values(environmentKeys),
    ...fileKeys.map((key) => `${environmentKeys[key]}_FILE`),
    'HONGYAN_CONFIG',
  ]);
  for (const name of Object.keys(env)) {
    if (name.startsWith('HONGYAN_') && !known.has(name)) {
      throw failure('CONFIG_INVALID/variable', { name, known: [...known].sort() });
    }
  }

  const dataDir = flags.dataDir ?? env.HONGYAN_DATA_DIR ?? String(values.dataDir);
  const file = readConfigFile(env.HONGYAN_CONFIG, dataDir, (key) => secretKeys.has(key as keyof Config)); // has() takes any text
  for (const [key, value] of Object.entries(file?.values ?? {})) {
    values[key] = value;
    sources[key as keyof Config] = 'file'; // unknown keys are refused below by the strict schema
  }
  for (const [key, name] of Object.entries(environmentKeys)) {
    const isInFile = fileKeys.includes(key as keyof Config); // keys of environmentKeys are exactly the keys of Config
    const value = (isInFile ? readSecretFileOf(name, env) : undefined) ?? env[name];
    if (value === undefined || value === '') continue;
    values[key] = value;
    sources[key as keyof Config] = 'environment'; // as above
  }
  for (const [key, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    values[key] = value;
    sources[key as keyof Config] = 'flag'; // flags is Partial<Config>
  }

  const parsed = schema.safeParse(dropUndefined(values));
  if (!parsed.success) {
    const problems = { en: problemsOf(parsed.error, 'en'), zh: problemsOf(parsed.error, 'zh') };
    throw failure('CONFIG_INVALID/values', { problems });
  }
  return {
    config: {
      ...parsed.data,
      dataDir: resolve(parsed.data.dataDir),
      stateDir: resolve(parsed.data.stateDir),
      ...(parsed.data.backupDir === undefined ? {} : { backupDir: resolve(parsed.data.backupDir) }),
    },
    sources,
    file: file?.path ?? null,
  };
}

/** The entries of `webhookAllow`. */
export function webhookAllowList(config: Config): string[] {
  return entriesOf(config.webhookAllow ?? '');
}

/** `publicUrl` without a slash at its end. */
export function publicAddress(config: Config): string | null {
  return config.publicUrl?.replace(/\/+$/, '') ?? null;
}

/** The entries of `trustProxy`. */
export function trustedProxies(config: Config): string[] {
  return entriesOf(config.trustProxy ?? '');
}

function areAddresses(list: string): boolean {
  return entriesOf(list).every((entry) => isIP(entry) !== 0 || isNetwork(entry));
}

function entriesOf(list: string): string[] {
  return list.split(/[,\s]+/).filter((one) => one !== '');
}

function isNetwork(entry: string): boolean {
  const [address = '', bits = '', ...rest] = entry.split('/');
  const family = isIP(address);
  return (
    family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32)
  );
}

/** What is wrong with which setting; never its value, which may be a secret. */
function problemsOf(error: z.ZodError, lang: Lang): string {
  const problems = error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${key} ${unknownSetting[lang]}`);
    const key = String(issue.path[0]);
    return [`${key} ${settingForms[key]?.[lang] ?? issue.message}`];
  });
  return problems.join(lang === 'zh' ? '；' : '; ');
}

function dropUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
