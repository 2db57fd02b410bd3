import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { describeFailure, failure, HongyanError } from '../../base/errors.ts';
import { isBuilt } from '../../base/web-pages.ts';
import type { CallbackSettings } from '../../simulator/callback/options.ts';
import type { SimulatedAccount } from '../../simulator/control/simulated-account.ts';
import type { AccountOptions, SimulatorOptions } from '../../simulator/options.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import type { FaultRule } from '../../simulator/state/faults.ts';
import { kindNames } from '../../texts/account-words.ts';
import type { Lang, Value } from '../../texts/catalogue.ts';
import { faultKinds } from '../../texts/simulator-parts.ts';
import { type TextKey, text } from '../../texts/ui.ts';
import { accountKinds } from '../../wechat/channels.ts';
import type { CliContext } from '../context.ts';
import { pad } from '../output/table.ts';
import { partFlag } from '../parent.ts';

interface Flags {
  port: string;
  host: string;
  followers?: string;
  seed?: string;
  latency?: string;
  jitter?: string;
  appid?: string;
  secret?: string;
  kind?: string;
  accounts?: string;
  legacy?: boolean;
  fault?: string[];
  hold?: string;
  holdBlocked?: string;
  holdMinutes?: string;
  holdEvents?: string;
  callbackUrl?: string;
  callbackToken?: string;
  callbackAesKey?: string;
  callbackMode?: string;
  callbackFormat?: string;
  callbackUnverified?: boolean;
  json?: boolean;
}

const MODES = ['plain', 'compatible', 'secure'] as const;
const FORMATS = ['xml', 'json'] as const;
const HOLD_EVENTS = ['none', 'released', 'all'] as const;
const DEFAULT_PORT = '8780';
/** Some 20 MB an account: enough for the phone to show what a campaign sent. */
const KEPT_MESSAGES = 20_000;

/** `hongyan simulate`: a WeChat to test against, until it is interrupted. */
export function simulateCommand(context: CliContext): Command {
  return new Command('simulate')
    .addOption(new Option('--port <port>').default(DEFAULT_PORT))
    .addOption(new Option('--host <address>').default('127.0.0.1'))
    .option('--followers <n>')
    .option('--seed <text>')
    .option('--latency <ms>')
    .option('--jitter <ms>')
    .option('--appid <appid>')
    .option('--secret <secret>')
    .option('--kind <kind>')
    .option('--accounts <file>')
    .option('--legacy')
    .addOption(new Option('--fault <kind=rate>').argParser(collect))
    .option('--hold <share>')
    .option('--hold-blocked <share>')
    .option('--hold-minutes <n>')
    .option('--hold-events <which>')
    .option('--callback-url <url>')
    .option('--callback-token <token>')
    .option('--callback-aes-key <key>')
    .option('--callback-mode <mode>')
    .option('--callback-format <format>')
    .option('--callback-unverified')
    .option('--json')
    .addOption(new Option(partFlag).hideHelp())
    .action(async (flags: Flags) => {
      await run(context, flags);
    });
}

async function run(context: CliContext, flags: Flags): Promise<void> {
  const options = await simulatorOptions(flags);
  const simulator = await start({ ...options, logger: context.logger });
  try {
    if (!isLoopback(flags.host)) context.err(text(context.lang, 'simulate.exposed', { host: flags.host }));
    if (flags.json === true) context.out(JSON.stringify(machineReadable(simulator)));
    else {
      const hasPhone = await isBuilt('phone.html');
      for (const line of introduction(simulator, context.lang, hasPhone)) context.out(line);
    }
    await aborted(context.signal);
  } finally {
    await simulator.close();
  }
}

async function simulatorOptions(flags: Flags): Promise<SimulatorOptions> {
  const shared: AccountOptions = {
    keepMessages: KEPT_MESSAGES,
    ...(flags.followers === undefined
      ? {}
      : { followers: whole('--followers', flags.followers, 0xffff_ffff) }),
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    ...(flags.latency === undefined ? {} : { latencyMs: whole('--latency', flags.latency, 600_000) }),
    ...(flags.jitter === undefined ? {} : { jitterMs: whole('--jitter', flags.jitter, 600_000) }),
    ...(flags.kind === undefined ? {} : { kind: oneOf('--kind', flags.kind, accountKinds) }),
    ...(flags.legacy === true ? { legacy: true } : {}),
    ...(flags.appid === undefined ? {} : { appid: flags.appid }),
    ...(flags.secret === undefined ? {} : { secret: flags.secret }),
    ...holds(flags),
    ...callback(flags),
  };
  if (flags.accounts !== undefined && (flags.appid !== undefined || flags.secret !== undefined)) {
    throw failure('USAGE/simulator-accounts-one', {});
  }
  const accounts = flags.accounts === undefined ? {} : { accounts: await readAccounts(flags.accounts) };
  return {
    ...shared,
    ...accounts,
    port: whole('--port', flags.port, 65_535),
    host: flags.host,
    faults: (flags.fault ?? []).map(fault),
  };
}

function holds({ hold, holdBlocked, holdMinutes, holdEvents }: Flags): Pick<AccountOptions, 'holds'> {
  if ([hold, holdBlocked, holdMinutes, holdEvents].every((one) => one === undefined)) return {};
  return {
    holds: {
      ...(hold === undefined ? {} : { share: shareOf('--hold', hold) }),
      ...(holdBlocked === undefined ? {} : { blockedShare: shareOf('--hold-blocked', holdBlocked) }),
      ...(holdMinutes === undefined
        ? {}
        : { reviewMs: holdMinutes === 'off' ? null : whole('--hold-minutes', holdMinutes, 10_000) * 60_000 }),
      ...(holdEvents === undefined ? {} : { events: oneOf('--hold-events', holdEvents, HOLD_EVENTS) }),
    },
  };
}

function callback(flags: Flags): { callback?: CallbackSettings } {
  const { callbackUrl, callbackToken, callbackAesKey, callbackMode, callbackFormat } = flags;
  if (callbackUrl === undefined) {
    const without = Object.keys(flags).find((key) => key.startsWith('callback'));
    if (without === undefined) return {};
    const flag = `--${without.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw failure('USAGE/simulator-callback', { option: flag });
  }
  return {
    callback: {
      url: callbackUrl,
      ...(callbackToken === undefined ? {} : { token: callbackToken }),
      ...(callbackAesKey === undefined ? {} : { encodingAESKey: callbackAesKey }),
      ...(callbackMode === undefined ? {} : { mode: oneOf('--callback-mode', callbackMode, MODES) }),
      ...(callbackFormat === undefined
        ? {}
        : { format: oneOf('--callback-format', callbackFormat, FORMATS) }),
      ...(flags.callbackUnverified === true ? { verify: false } : {}),
    },
  };
}

/** A wrong option is wrong usage here, whoever finds it. */
async function start(options: SimulatorOptions): Promise<Simulator> {
  try {
    return await startSimulator(options);
  } catch (error) {
    if (!(error instanceof HongyanError) || error.code !== 'SIMULATOR_OPTIONS') throw error;
    const said = (lang: Lang): string => describeFailure(error, lang, 'cli').what;
    throw failure(
      'USAGE/simulator',
      { problem: { en: said('en'), zh: said('zh') } },
      { cause: error, details: error.details },
    );
  }
}

async function readAccounts(file: string): Promise<AccountOptions[]> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (cause) {
    throw failure('USAGE/simulator-accounts-unreadable', { file }, { cause });
  }
  try {
    const value: unknown = JSON.parse(content.replace(/^\uFEFF/, ''));
    // The simulator checks every key when it starts.
    if (Array.isArray(value)) return value as AccountOptions[];
  } catch (cause) {
    throw failure('USAGE/simulator-accounts-json', { file }, { cause });
  }
  throw failure('USAGE/simulator-accounts-array', { file });
}

function whole(flag: string, value: string, max: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= max) return number;
  throw failure('USAGE/option-number', { option: flag, min: 0, max: String(max), value });
}

function shareOf(flag: string, value: string): number {
  if (/^\d*\.?\d+$/.test(value) && Number(value) <= 1) return Number(value);
  throw failure('USAGE/option-share', { option: flag, value });
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw failure('USAGE/option-choice', { option: flag, choices: allowed, value });
}

function fault(value: string): FaultRule {
  const [name = '', rate = '', more] = value.split('=');
  const share = Number(rate);
  const isRate = /^\d*\.?\d+$/.test(rate) && share <= 1 && more === undefined;
  if (isRate && (name === 'reset' || name === 'cut' || name === 'slow')) return { kind: name, rate: share };
  if (isRate && /^-?\d+$/.test(name) && Number(name) !== 0) return { kind: Number(name), rate: share };
  throw failure('USAGE/simulator-fault', { kinds: faultKinds, value });
}

function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

function machineReadable(simulator: Simulator): object {
  return {
    url: simulator.url,
    admin: `${simulator.url}/_simulator`,
    accounts: simulator.accounts.map((account) => ({
      appid: account.appid,
      secret: account.secret,
      kind: account.kind,
      followers: account.followers,
      openid: exampleOpenid(account),
      templates: account.templates(),
      ...(account.events.callback === undefined
        ? {}
        : { originalId: account.events.originalId, callback: account.events.callback }),
    })),
  };
}

function* introduction(simulator: Simulator, lang: Lang, hasPhone: boolean): Generator<string> {
  const say = (key: TextKey, values: Record<string, Value> = {}): string => text(lang, key, values);
  const row = (label: string, value: string): string => `  ${pad(label, 9)} ${value}`;
  const isCalling = simulator.accounts.some(({ events }) => events.callback !== undefined);
  yield say(isCalling ? 'simulate.startedCalling' : 'simulate.started', { url: simulator.url });
  for (const account of simulator.accounts) {
    const { appid, kind } = account;
    yield '';
    yield row('appid', say('simulate.account', { appid, kind: kindNames[kind], people: account.followers }));
    yield row('secret', account.secret);
    yield row('openid', exampleOpenid(account) ?? say('simulate.nobody'));
    for (const { template_id, family, title, content } of account.templates()) {
      const keys = [...content.matchAll(/\{\{(\w+)\.DATA\}\}/g)].map((match) => match[1]).join(' ');
      yield row(
        say('simulate.template'),
        say('simulate.templateIs', { id: template_id, family: say(`simulated.${family}`), title, keys }),
      );
    }
    const { callback: pushed, originalId } = account.events;
    if (pushed !== undefined) {
      const { url, mode, format } = pushed;
      yield row(say('simulate.events'), say('simulate.callback', { url, mode, format, originalId }));
      yield row('token', pushed.token);
      yield row(say('simulate.aesKey'), pushed.encodingAESKey);
    }
    const add = ['accounts', 'add', '--appid', appid, '--kind', kind, '--base-url', simulator.url];
    yield row(say('simulate.use'), ['hongyan', ...add].join(' '));
  }
  yield '';
  yield say(hasPhone ? 'simulate.phone' : 'simulate.notBuilt', { url: simulator.url });
  yield say('simulate.admin', { url: `${simulator.url}/_simulator` });
  yield say('simulate.end');
}

function exampleOpenid(account: SimulatedAccount): string | undefined {
  return account.followers === 0 ? undefined : account.openid(0);
}

/** Whether only this machine reaches the address. A name other than localhost may be anybody's. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
