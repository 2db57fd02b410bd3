import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { errorCode, HongyanError } from '../../base/errors.ts';
import { type Account, getAccount } from '../../store/accounts/accounts.ts';
import {
  type CallbackSettings,
  findCallback,
  removeCallback,
  saveCallback,
} from '../../store/events/callbacks.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { checkForwardTo, checkPublicUrl, checkReply, checkUnsignedFrom } from '../input/callback-options.ts';
import { withSession } from '../open.ts';
import { pad } from '../output/table.ts';
import { addCallbackCheck } from './callback-check.ts';

interface ConfigOptions {
  mode?: CallbackSettings['mode'];
  format?: CallbackSettings['format'];
  forwardTo?: string;
  reply?: string;
  exclusive?: boolean;
  unsignedFrom?: string;
  url?: string;
  tokenFile?: string;
  aesKeyFile?: string;
  rotateKey?: boolean;
  json?: boolean;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const tokenForm = /^[A-Za-z0-9]{3,32}$/;
const aesKeyForm = /^[A-Za-z0-9]{43}$/;

/** `hongyan callback`: the URL to which WeChat pushes events (消息推送). */
export function callbackCommand(context: CliContext): Command {
  const command = new Command('callback').description(
    'the URL to which WeChat pushes events and messages (消息推送)',
  );

  command
    .command('config')
    .description("show or change how an account's pushes come, and print what to paste into WeChat's console")
    .argument('<appid>')
    .option('--url <url>', 'address of this Hongyan as WeChat reaches it, e.g. https://push.example.com')
    .addOption(
      new Option(
        '--mode <mode>',
        'plain 明文, compatible 兼容, secure 安全 (default; plain for a sandbox)',
      ).choices(['plain', 'compatible', 'secure']),
    )
    .addOption(
      new Option('--format <format>', 'data format; official accounts know xml only').choices([
        'xml',
        'json',
      ]),
    )
    .option(
      '--forward-to <url>',
      'relay every push to the URL that had them before, and answer with its reply; none ends it',
    )
    .option(
      '--reply <reply>',
      "to users' messages: none, transfer (to customer service), or text:TEXT (not for Mini Programs)",
    )
    .option('--exclusive', 'nothing but Hongyan sends messages for this account')
    .option('--no-exclusive', 'other programs send for it too (default)')
    .option(
      '--unsigned-from <cidr,…>',
      "take unsigned pushes of WeChat's cloud from these internal addresses; none ends it",
    )
    .option('--token-file <file>', 'take the Token (令牌) from a file instead of making one')
    .option('--aes-key-file <file>', 'take the EncodingAESKey from a file instead of making one')
    .option('--rotate-key', 'make a new EncodingAESKey; what comes under the old one is still read')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ hongyan callback config wx0123456789abcdef --url https://push.example.com',
    )
    .action((appid: string, options: ConfigOptions) =>
      withSession(context, async ({ store }) => {
        const account = await getAccount(store.pool, appid);
        const known = await findCallback(store.pool, store.sealer, appid);
        const settings = await change(account, known, options);
        await saveCallback(store.pool, store.sealer, settings, known);
        // As it is stored now: the database writes blocks of addresses in one way.
        const stored = (await findCallback(store.pool, store.sealer, appid)) ?? settings;
        print(context, account, stored, options.json === true);
      }),
    );

  command
    .command('remove')
    .description('take no more pushes for an account; its stored events stay')
    .argument('<appid>')
    .addHelpText('after', '\nExample:\n  $ hongyan callback remove wx0123456789abcdef')
    .action((appid: string) =>
      withSession(context, async ({ store }) => {
        await getAccount(store.pool, appid);
        const removed = await removeCallback(store.pool, appid);
        context.out(text(context.lang, removed ? 'callback.removed' : 'callback.none', { appid }));
      }),
    );

  addCallbackCheck(command, context);
  return command;
}

async function change(
  account: Account,
  known: CallbackSettings | null,
  options: ConfigOptions,
): Promise<CallbackSettings> {
  const isMiniprogram = account.kind === 'miniprogram';
  const format = options.format ?? known?.format ?? (isMiniprogram ? 'json' : 'xml');
  if (format === 'json' && !isMiniprogram)
    throw new HongyanError(
      'USAGE',
      `WeChat pushes XML to ${account.kind} accounts; --format json is for Mini Programs`,
    );
  const token = await secretFrom(options.tokenFile, tokenForm, 'a Token is 3 to 32 letters and digits');
  const given = await secretFrom(
    options.aesKeyFile,
    aesKeyForm,
    'an EncodingAESKey is 43 letters and digits',
  );
  const aesKey = given ?? (known === null || options.rotateKey === true ? randomText(43) : known.aesKey);
  return {
    appid: account.appid,
    token: token ?? known?.token ?? randomText(32),
    aesKey,
    previousAesKey:
      known === null || known.aesKey === aesKey ? (known?.previousAesKey ?? null) : known.aesKey,
    mode: options.mode ?? known?.mode ?? (account.kind === 'sandbox' ? 'plain' : 'secure'),
    format,
    publicUrl: options.url === undefined ? (known?.publicUrl ?? null) : checkPublicUrl(options.url, account),
    forwardTo:
      options.forwardTo === undefined ? (known?.forwardTo ?? null) : checkForwardTo(options.forwardTo),
    reply: options.reply === undefined ? (known?.reply ?? 'none') : checkReply(options.reply, account),
    exclusive: options.exclusive ?? known?.exclusive ?? false,
    unsignedFrom:
      options.unsignedFrom === undefined
        ? (known?.unsignedFrom ?? [])
        : checkUnsignedFrom(options.unsignedFrom),
  };
}

function print(context: CliContext, account: Account, settings: CallbackSettings, json: boolean): void {
  const { lang } = context;
  const { appid, token, aesKey, mode, format, forwardTo, reply, exclusive, unsignedFrom } = settings;
  const url = `${settings.publicUrl ?? 'https://YOUR-HOST'}/callback/${appid}`;
  if (json) {
    const value = { appid, url, token, encodingAesKey: aesKey, mode, format, forwardTo, reply, exclusive };
    context.out(JSON.stringify({ ...value, unsignedFrom }));
    return;
  }
  const isMiniprogram = account.kind === 'miniprogram';
  // WeChat's own words, so that they are found in its console, in whatever language this is read.
  const words = { name: isMiniprogram ? '消息推送' : '服务器配置', stop: '停用' };
  context.out(text(lang, isMiniprogram ? 'callback.switchesOffMp' : 'callback.switchesOffOa', words));
  context.out(text(lang, isMiniprogram ? 'callback.backMp' : 'callback.backOa', words));
  context.out('');
  context.out(text(lang, 'callback.paste', { place: consolePlaces[account.kind] }));
  for (const [label, value] of pasted(account, settings, url)) context.out(`  ${pad(label, 34)}${value}`);
  context.out('');
  if (settings.publicUrl === null) context.out(text(lang, 'callback.noUrl', { appid }));
  if (mode === 'plain') context.out(text(lang, 'callback.plain'));
  if (settings.previousAesKey !== null) context.out(text(lang, 'callback.previousKey'));
  context.out(
    text(lang, forwardTo === null ? 'callback.noForward' : 'callback.forward', { url: shown(forwardTo) }),
  );
  context.out(text(lang, 'callback.reply', { reply }));
  if (exclusive) context.out(text(lang, 'callback.exclusive'));
  if (unsignedFrom.length > 0)
    context.out(text(lang, 'callback.unsigned', { blocks: unsignedFrom.join(', ') }));
  context.out(text(lang, 'callback.next', { appid }));
}

/** The lines of the console's form. A sandbox has two, and knows plain mode only. */
function pasted(account: Account, settings: CallbackSettings, url: string): [string, string][] {
  if (account.kind === 'sandbox') {
    return [
      ['URL', url],
      ['Token', settings.token],
    ];
  }
  return [
    ['服务器地址(URL)', url],
    ['令牌(Token)', settings.token],
    ['消息加解密密钥(EncodingAESKey)', settings.aesKey],
    ['消息加解密方式', modeNames[settings.mode]],
    ['数据格式', settings.format.toUpperCase()],
  ];
}

/** The menu of each console in which the settings are. */
const consolePlaces: Record<Account['kind'], string> = {
  service: 'mp.weixin.qq.com → 设置与开发 → 开发接口管理 → 基本配置 → 服务器配置',
  official: 'mp.weixin.qq.com → 设置与开发 → 开发接口管理 → 基本配置 → 服务器配置',
  miniprogram: 'mp.weixin.qq.com → 开发管理 → 开发设置 → 消息推送',
  sandbox: '测试号管理 → 接口配置信息',
};

const modeNames: Record<CallbackSettings['mode'], string> = {
  plain: '明文模式',
  compatible: '兼容模式',
  secure: '安全模式',
};

/** Without what may be a secret. */
function shown(url: string | null): string {
  if (url === null) return '';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

async function secretFrom(file: string | undefined, form: RegExp, rule: string): Promise<string | null> {
  if (file === undefined) return null;
  let value: string;
  try {
    value = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new HongyanError('SECRET_FILE_UNREADABLE', `cannot read ${file} (${errorCode(error)})`, {
      cause: error,
    });
  }
  if (!form.test(value)) throw new HongyanError('USAGE', `${file} holds something else: ${rule}`);
  return value;
}

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
