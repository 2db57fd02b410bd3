import { Command, Option } from 'commander';
import type { App } from '../../../app/app.ts';
import {
  type CallbackChange,
  type CallbackView,
  changeCallback,
  readCallback,
  removeCallback,
} from '../../../app/callback/callback.ts';
import { callbackPaste, pastedUrl } from '../../../app/callback/paste.ts';
import type { Lang } from '../../../texts/catalogue.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { hours } from '../../input/number.ts';
import { urlOf } from '../../input/public-url.ts';
import { readSecretFile } from '../../input/secret-file.ts';
import { withSession } from '../../open.ts';
import { pad } from '../../output/table.ts';
import { formatTime } from '../../output/when.ts';
import { addCallbackCheck } from './callback-check.ts';

interface ConfigOptions {
  mode?: CallbackView['mode'];
  format?: CallbackView['format'];
  forwardTo?: string;
  forwardToFile?: string;
  reply?: string;
  exclusive?: boolean;
  unsignedFrom?: string;
  url?: string;
  tokenFile?: string;
  aesKeyFile?: string;
  rotateKey?: boolean;
  rotateToken?: boolean;
  oldFor?: string;
  json?: boolean;
}

/** `hongyan callback`: the URL to which WeChat pushes events (消息推送). */
export function callbackCommand(context: CliContext): Command {
  const command = new Command('callback');

  command
    .command('config')
    .argument('<appid>')
    .option('--url <url>')
    .addOption(new Option('--mode <mode>').choices(['plain', 'compatible', 'secure']))
    .addOption(new Option('--format <format>').choices(['xml', 'json']))
    .option('--forward-to <url>')
    .option('--forward-to-file <file>')
    .option('--reply <reply>')
    .option('--exclusive')
    .option('--no-exclusive')
    .option('--unsigned-from <cidr,…>')
    .option('--token-file <file>')
    .option('--aes-key-file <file>')
    .option('--rotate-key')
    .option('--rotate-token')
    .option('--old-for <hours>')
    .option('--json')
    .action((appid: string, options: ConfigOptions) =>
      withSession(context, async (app) => {
        const view = await settle(app, context, await changeOf(appid, options));
        if (options.json === true) context.out(json(view));
        else print(context, view);
      }),
    );

  command
    .command('remove')
    .argument('<appid>')
    .option('--json')
    .action((appid: string, options: { json?: boolean }) =>
      withSession(context, async (app) => {
        const result = await removeCallback(app, context.actor, { appid });
        const key = result.removed ? 'callback.removed' : 'callback.none';
        context.out(options.json ? JSON.stringify(result) : text(context.lang, key, { appid }));
      }),
    );

  addCallbackCheck(command, context);
  return command;
}

/** Without a change, what is there: a look makes nothing. */
async function settle(app: App, { actor }: CliContext, change: CallbackChange): Promise<CallbackView> {
  const { appid, ...changes } = change;
  return Object.values(changes).some((value) => value !== undefined)
    ? await changeCallback(app, actor, change)
    : await readCallback(app, actor, { appid });
}

async function changeOf(appid: string, options: ConfigOptions): Promise<CallbackChange> {
  const { mode, format, reply, exclusive, unsignedFrom, url, tokenFile, aesKeyFile } = options;
  const { rotateKey, rotateToken, oldFor } = options;
  const forwardTo = await urlOf(
    '--forward-to',
    options.forwardTo,
    '--forward-to-file',
    options.forwardToFile,
  );
  return {
    ...{ appid, mode, format, reply, exclusive, publicUrl: url, rotateKey, rotateToken },
    oldForHours: oldFor === undefined ? undefined : hours('--old-for', oldFor),
    forwardTo: forwardTo === 'none' ? null : forwardTo,
    unsignedFrom: unsignedFrom === 'none' ? [] : unsignedFrom?.split(','),
    token: tokenFile === undefined ? undefined : await readSecretFile(tokenFile),
    aesKey: aesKeyFile === undefined ? undefined : await readSecretFile(aesKeyFile),
  };
}

function json(view: CallbackView): string {
  const { appid, token, encodingAesKey, mode, format, forwardTo, reply, exclusive, unsignedFrom } = view;
  const { previousTokenUntil, previousKeyUntil } = view;
  const url = pastedUrl(view);
  const value = { appid, url, token, encodingAesKey, mode, format, forwardTo, reply, exclusive };
  return JSON.stringify({ ...value, unsignedFrom, previousTokenUntil, previousKeyUntil });
}

/** What a user who writes gets: `none`, `transfer` or `text:…`. */
function replyText(reply: string, lang: Lang): string {
  if (reply.startsWith('text:')) return text(lang, 'reply.text', { words: reply.slice('text:'.length) });
  return text(lang, reply === 'transfer' ? 'reply.transfer' : 'reply.none');
}

function print(context: CliContext, view: CallbackView): void {
  const { lang } = context;
  const { appid, kind, mode, forwardTo, reply, exclusive, unsignedFrom, timeZone } = view;
  const isMiniprogram = kind === 'miniprogram';
  // WeChat's own words, so that they are found in its console, in whatever language this is read.
  const words = { name: isMiniprogram ? '消息推送' : '服务器配置', stop: '停用' };
  context.out(text(lang, isMiniprogram ? 'callback.switchesOffMp' : 'callback.switchesOffOa', words));
  context.out(text(lang, isMiniprogram ? 'callback.backMp' : 'callback.backOa', words));
  context.out('');
  const { place, lines } = callbackPaste(view, lang);
  context.out(text(lang, 'callback.paste', { place }));
  for (const { label, value } of lines) context.out(`  ${pad(label, 34)}${value}`);
  context.out('');
  if (view.publicUrl === null) context.out(text(lang, 'callback.noUrl', { appid }));
  if (mode === 'plain') context.out(text(lang, 'callback.plain'));
  for (const [key, until] of [
    ['callback.previousToken', view.previousTokenUntil],
    ['callback.previousKey', view.previousKeyUntil],
  ] as const)
    if (until !== null) context.out(text(lang, key, { until: formatTime(until, timeZone) }));
  context.out(
    text(lang, forwardTo === null ? 'callback.noForward' : 'callback.forward', { url: forwardTo ?? '' }),
  );
  context.out(text(lang, 'callback.reply', { reply: replyText(reply, lang) }));
  if (exclusive) context.out(text(lang, 'callback.exclusive'));
  if (unsignedFrom.length > 0) context.out(text(lang, 'callback.unsigned', { blocks: unsignedFrom }));
  context.out(text(lang, 'callback.next', { appid }));
}
