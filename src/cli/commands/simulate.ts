import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import {
  type AccountKind,
  type AccountOptions,
  type CallbackSettings,
  type FaultRule,
  type SimulatedAccount,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../simulator/index.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
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

const KINDS: readonly string[] = ['service', 'official', 'miniprogram', 'sandbox'];
const MODES = ['plain', 'compatible', 'secure'] as const;
const FORMATS = ['xml', 'json'] as const;
const HOLD_EVENTS = ['none', 'released', 'all'] as const;
const DEFAULT_PORT = '8780';
/** Some 20 MB an account: enough for the phone to show what a campaign sent. */
const KEPT_MESSAGES = 20_000;

const HELP = `
Example:
  $ hongyan simulate --port 8780 --followers 1000000 --latency 50 --jitter 100 --fault cut=0.001 --fault 45011=0.01

Faults (KIND=RATE, a share from 0 to 1): any errcode such as -1 or 45011; 502, 503 and 504, a gateway's HTML page;
reset, before the request is read; cut, after the message was accepted; slow, five seconds late.

--hold 0.25 holds a quarter of the template messages for review (40252). After --hold-minutes each is delivered, or with
--hold-blocked 0.1 a tenth of them blocked and listed by queryblocktmplmsg; or on command: POST …/holds/release, …/holds/block.

Events go to --callback-url, whose "{appid}" becomes the appid; any port will do (WeChat allows http:80 and https:443).
It is asked for the echostr at the start, as WeChat does; --callback-unverified leaves that out.

--accounts FILE is a JSON array of accounts, each with the keys of AccountOptions:
  [{"kind": "service", "followers": 20000}, {"kind": "miniprogram", "creditsPerUser": 2}]`;

/** `hongyan simulate`: a WeChat to test against, until it is interrupted. */
export function simulateCommand(context: CliContext): Command {
  return new Command('simulate')
    .description(
      'run a WeChat to test against: tokens, followers, templates, sends, quotas, faults and events over HTTP',
    )
    .option('--port <port>', 'port to listen on; 0 takes a free one', DEFAULT_PORT)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--followers <n>', 'people per account; they cost no memory (default: 1000)')
    .option('--seed <text>', 'same seed, same openids and template ids (default: 1)')
    .option('--latency <ms>', 'time until an answer (default: 0)')
    .option('--jitter <ms>', 'up to so much more, at random (default: 0)')
    .option('--appid <appid>', 'appid of the account (default: from the seed)')
    .option(
      '--secret <secret>',
      'made-up AppSecret, 32 hex digits; never a real one (default: from the seed)',
    )
    .option('--kind <kind>', `${KINDS.join(', ')} (default: service)`)
    .option('--accounts <file>', 'JSON file with several accounts')
    .option('--legacy', 'the retired form_id message works (kinds sandbox and miniprogram)')
    .option('--fault <kind=rate>', 'something that goes wrong; may be repeated', collect)
    .option('--hold <share>', 'template messages that are held for review, a share from 0 to 1 (default: 0)')
    .option('--hold-blocked <share>', 'of those, which the review blocks (default: 0)')
    .option('--hold-minutes <n>', 'how long the review takes; off: until it is commanded (default: 30)')
    .option(
      '--hold-events <which>',
      `${HOLD_EVENTS.join(', ')}: of which verdicts an event tells (default: released)`,
    )
    .option('--callback-url <url>', 'push events there, as 消息推送 does (default: no events)')
    .option('--callback-token <token>', 'Token, 3 to 32 letters or digits (default: from the seed)')
    .option('--callback-aes-key <key>', 'EncodingAESKey, 43 letters or digits (default: from the seed)')
    .option('--callback-mode <mode>', `${MODES.join(', ')} (default: plain)`)
    .option('--callback-format <format>', `${FORMATS.join(', ')}; json for kind miniprogram (default: xml)`)
    .option('--callback-unverified', 'take the callback URL without asking it')
    .option('--json', 'print one JSON line instead of text')
    .addOption(new Option(partFlag).hideHelp())
    .addHelpText('after', HELP)
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
    else for (const line of introduction(simulator)) context.out(line);
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
    ...(flags.kind === undefined ? {} : { kind: kind(flags.kind) }),
    ...(flags.legacy === true ? { legacy: true } : {}),
    ...(flags.appid === undefined ? {} : { appid: flags.appid }),
    ...(flags.secret === undefined ? {} : { secret: flags.secret }),
    ...holds(flags),
    ...callback(flags),
  };
  if (flags.accounts !== undefined && (flags.appid !== undefined || flags.secret !== undefined)) {
    throw new HongyanError(
      'USAGE',
      '--appid and --secret are for one account; write them into the --accounts file.',
    );
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
    throw new HongyanError('USAGE', `${flag} needs --callback-url, the address that events go to.`);
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
    throw new HongyanError('USAGE', error.message, { cause: error, details: error.details });
  }
}

async function readAccounts(file: string): Promise<AccountOptions[]> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (cause) {
    throw new HongyanError(
      'USAGE',
      `Cannot read --accounts ${file}; give a JSON file with an array of accounts.`,
      {
        cause,
      },
    );
  }
  try {
    const value: unknown = JSON.parse(content.replace(/^\uFEFF/, ''));
    // The simulator checks every key when it starts.
    if (Array.isArray(value)) return value as AccountOptions[];
  } catch (cause) {
    throw new HongyanError('USAGE', `--accounts ${file} is not JSON.`, { cause });
  }
  throw new HongyanError('USAGE', `--accounts ${file} must hold an array of accounts.`);
}

function whole(flag: string, value: string, max: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= max) return number;
  throw new HongyanError(
    'USAGE',
    `${flag} must be a whole number from 0 to ${max}, not ${JSON.stringify(value)}.`,
  );
}

function shareOf(flag: string, value: string): number {
  if (/^\d*\.?\d+$/.test(value) && Number(value) <= 1) return Number(value);
  throw new HongyanError('USAGE', `${flag} must be a share from 0 to 1, not ${JSON.stringify(value)}.`);
}

function kind(value: string): AccountKind {
  // Membership was just checked.
  if (KINDS.includes(value)) return value as AccountKind;
  throw new HongyanError('USAGE', `--kind must be one of ${KINDS.join(', ')}, not ${JSON.stringify(value)}.`);
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new HongyanError(
    'USAGE',
    `${flag} must be one of ${allowed.join(', ')}, not ${JSON.stringify(value)}.`,
  );
}

function fault(value: string): FaultRule {
  const [name = '', rate = '', more] = value.split('=');
  const share = Number(rate);
  const isRate = /^\d*\.?\d+$/.test(rate) && share <= 1 && more === undefined;
  if (isRate && (name === 'reset' || name === 'cut' || name === 'slow')) return { kind: name, rate: share };
  if (isRate && /^-?\d+$/.test(name) && Number(name) !== 0) return { kind: Number(name), rate: share };
  throw new HongyanError(
    'USAGE',
    `--fault must look like cut=0.001 or 45011=0.01 (rate 0 to 1), not ${JSON.stringify(value)}.`,
  );
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

function* introduction(simulator: Simulator): Generator<string> {
  const calls = simulator.accounts.some(({ events }) => events.callback !== undefined)
    ? 'nobody but the callback URL'
    : 'nobody';
  yield `WeChat simulator on ${simulator.url} (made-up accounts; it calls ${calls})`;
  for (const account of simulator.accounts) {
    yield '';
    yield `  appid     ${account.appid}  (${account.kind}, ${account.followers} people)`;
    yield `  secret    ${account.secret}`;
    yield `  openid    ${exampleOpenid(account) ?? 'none'}`;
    for (const { template_id, family, title, content } of account.templates()) {
      const keys = [...content.matchAll(/\{\{(\w+)\.DATA\}\}/g)].map((match) => match[1]).join(' ');
      yield `  template  ${template_id}  ${family}: ${title} (${keys})`;
    }
    const { callback: pushed, originalId } = account.events;
    if (pushed !== undefined) {
      yield `  events    ${pushed.url}  (${pushed.mode}, ${pushed.format}; from ${originalId})`;
      yield `  token     ${pushed.token}`;
      yield `  aes key   ${pushed.encodingAESKey}`;
    }
    yield `  use it    hongyan accounts add --appid ${account.appid} --kind ${account.kind} --base-url ${simulator.url}`;
  }
  yield '';
  yield `  received, faults, time: ${simulator.url}/_simulator`;
  yield '  ctrl-C ends it';
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
