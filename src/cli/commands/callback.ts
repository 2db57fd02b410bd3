import { Command, Option } from 'commander';
import type { App } from '../../app/app.ts';
import {
  type CallbackChange,
  type CallbackView,
  changeCallback,
  readCallback,
  removeCallback,
} from '../../app/callback.ts';
import { errorCode } from '../../base/errors.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { readSecretFile } from '../input/secret-file.ts';
import { withSession } from '../open.ts';
import { pad } from '../output/table.ts';
import { addCallbackCheck } from './callback-check.ts';

interface ConfigOptions {
  mode?: CallbackView['mode'];
  format?: CallbackView['format'];
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
      withSession(context, async (app) => {
        const view = await settle(app, context, await changeOf(appid, options));
        if (options.json === true) context.out(json(view));
        else print(context, view);
      }),
    );

  command
    .command('remove')
    .description('take no more pushes for an account; its stored events stay')
    .argument('<appid>')
    .addHelpText('after', '\nExample:\n  $ hongyan callback remove wx0123456789abcdef')
    .action((appid: string) =>
      withSession(context, async (app) => {
        const { removed } = await removeCallback(app, context.actor, { appid });
        context.out(text(context.lang, removed ? 'callback.removed' : 'callback.none', { appid }));
      }),
    );

  addCallbackCheck(command, context);
  return command;
}

/** Without a change, what is there; settings that are missing are made. */
async function settle(app: App, { actor }: CliContext, change: CallbackChange): Promise<CallbackView> {
  const { appid, ...changes } = change;
  if (Object.values(changes).some((value) => value !== undefined))
    return await changeCallback(app, actor, change);
  try {
    return await readCallback(app, actor, { appid });
  } catch (error) {
    if (errorCode(error) !== 'CALLBACK_NOT_SET') throw error;
    return await changeCallback(app, actor, change);
  }
}

async function changeOf(appid: string, options: ConfigOptions): Promise<CallbackChange> {
  const { mode, format, forwardTo, reply, exclusive, unsignedFrom, url, tokenFile, aesKeyFile } = options;
  return {
    ...{ appid, mode, format, reply, exclusive, publicUrl: url, rotateKey: options.rotateKey },
    forwardTo: forwardTo === 'none' ? null : forwardTo,
    unsignedFrom: unsignedFrom === 'none' ? [] : unsignedFrom?.split(','),
    token: tokenFile === undefined ? undefined : await readSecretFile(tokenFile),
    aesKey: aesKeyFile === undefined ? undefined : await readSecretFile(aesKeyFile),
  };
}

/** What to paste for `url` while nobody has said the public address. */
function urlOf({ url, appid }: CallbackView): string {
  return url ?? `https://YOUR-HOST/callback/${appid}`;
}

function json(view: CallbackView): string {
  const { appid, token, encodingAesKey, mode, format, forwardTo, reply, exclusive, unsignedFrom } = view;
  const value = { appid, url: urlOf(view), token, encodingAesKey, mode, format, forwardTo, reply, exclusive };
  return JSON.stringify({ ...value, unsignedFrom });
}

function print(context: CliContext, view: CallbackView): void {
  const { lang } = context;
  const { appid, kind, mode, forwardTo, reply, exclusive, unsignedFrom } = view;
  const isMiniprogram = kind === 'miniprogram';
  // WeChat's own words, so that they are found in its console, in whatever language this is read.
  const words = { name: isMiniprogram ? '消息推送' : '服务器配置', stop: '停用' };
  context.out(text(lang, isMiniprogram ? 'callback.switchesOffMp' : 'callback.switchesOffOa', words));
  context.out(text(lang, isMiniprogram ? 'callback.backMp' : 'callback.backOa', words));
  context.out('');
  context.out(text(lang, 'callback.paste', { place: consolePlaces[kind] }));
  for (const [label, value] of pasted(view)) context.out(`  ${pad(label, 34)}${value}`);
  context.out('');
  if (view.publicUrl === null) context.out(text(lang, 'callback.noUrl', { appid }));
  if (mode === 'plain') context.out(text(lang, 'callback.plain'));
  if (view.hasPreviousKey) context.out(text(lang, 'callback.previousKey'));
  context.out(
    text(lang, forwardTo === null ? 'callback.noForward' : 'callback.forward', { url: forwardTo ?? '' }),
  );
  context.out(text(lang, 'callback.reply', { reply }));
  if (exclusive) context.out(text(lang, 'callback.exclusive'));
  if (unsignedFrom.length > 0)
    context.out(text(lang, 'callback.unsigned', { blocks: unsignedFrom.join(', ') }));
  context.out(text(lang, 'callback.next', { appid }));
}

/** The lines of the console's form. A sandbox has two, and knows plain mode only. */
function pasted(view: CallbackView): [string, string][] {
  if (view.kind === 'sandbox') {
    return [
      ['URL', urlOf(view)],
      ['Token', view.token],
    ];
  }
  return [
    ['服务器地址(URL)', urlOf(view)],
    ['令牌(Token)', view.token],
    ['消息加解密密钥(EncodingAESKey)', view.encodingAesKey],
    ['消息加解密方式', modeNames[view.mode]],
    ['数据格式', view.format.toUpperCase()],
  ];
}

/** The menu of each console in which the settings are. */
const consolePlaces: Record<CallbackView['kind'], string> = {
  service: 'mp.weixin.qq.com → 设置与开发 → 开发接口管理 → 基本配置 → 服务器配置',
  official: 'mp.weixin.qq.com → 设置与开发 → 开发接口管理 → 基本配置 → 服务器配置',
  miniprogram: 'mp.weixin.qq.com → 开发管理 → 开发设置 → 消息推送',
  sandbox: '测试号管理 → 接口配置信息',
};

const modeNames: Record<CallbackView['mode'], string> = {
  plain: '明文模式',
  compatible: '兼容模式',
  secure: '安全模式',
};
