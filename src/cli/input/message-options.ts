import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { errorCode, HongyanError } from '../../base/errors.ts';
import type { MessageParts } from '../../engine/content/build-message.ts';
import type { MessageBody } from '../../engine/content/compiled-message.ts';

/** What `withMessageOptions` reads. */
export interface MessageFlags {
  account: string;
  channel: string;
  template?: string;
  data?: Record<string, string>;
  url?: string;
  page?: string;
  mpAppid?: string;
  mpPath?: string;
  formId?: string;
  lang?: string;
  state?: string;
  message?: string;
}

/** The options that say whose message it is and what it says. */
export function withMessageOptions(command: Command): Command {
  return command
    .requiredOption('--account <appid>', 'whose message it is')
    .requiredOption(
      '--channel <channel>',
      "oa-template, oa-subscribe, oa-once, mp-subscribe, kf, mp-form, or the wire's name: template, bizsend, subscribe, custom",
    )
    .option('--template <template_id>', 'template id, 43 characters; see: hongyan templates list APPID')
    .option(
      '--data <key=value>',
      "a field of the template; repeat it; {{column}} is the recipient's",
      collectData,
    )
    .option('--url <url>', 'link (oa-template)')
    .option('--page <page>', 'page of the Mini Program, or link (oa-subscribe)')
    .option('--mp-appid <appid>', 'Mini Program that the message opens (with --mp-path)')
    .option('--mp-path <path>', 'its page')
    .option('--form-id <form_id>', 'form_id, usually {{form_id}} (mp-form)')
    .option('--lang <lang>', 'zh_CN, en_US, zh_HK or zh_TW (subscribe messages)')
    .addOption(
      new Option('--state <state>', 'version of the Mini Program that opens').choices([
        'developer',
        'trial',
        'formal',
      ]),
    )
    .option(
      '--message <@file>',
      'the whole wire body as JSON, with {{variables}}, instead of the options above',
    );
}

function collectData(pair: string, before: Record<string, string> = {}): Record<string, string> {
  const at = pair.indexOf('=');
  if (at < 1)
    throw new HongyanError('USAGE', `--data takes key=value, e.g. --data thing1=Hello; "${pair}" has no key`);
  const key = pair.slice(0, at).trim();
  if (Object.hasOwn(before, key)) throw new HongyanError('USAGE', `--data ${key} was given twice`);
  return { ...before, [key]: pair.slice(at + 1) };
}

/** The message that the options describe. Throws `USAGE`, `MESSAGE_FILE_UNREADABLE`, `MESSAGE_INVALID`. */
export async function messageOf(
  flags: MessageFlags,
): Promise<{ parts: MessageParts } | { body: MessageBody }> {
  const parts: MessageParts = {
    templateId: flags.template,
    data: flags.data,
    url: flags.url,
    page: flags.page,
    mpAppid: flags.mpAppid,
    mpPath: flags.mpPath,
    lang: flags.lang,
    miniprogramState: flags.state,
    formId: flags.formId,
  };
  if (flags.message === undefined) return { parts };
  if (Object.values(parts).some((value) => value !== undefined)) {
    throw new HongyanError(
      'USAGE',
      '--message is the whole body: leave out --template, --data, --url, --page and the like',
    );
  }
  if (!flags.message.startsWith('@'))
    throw new HongyanError('USAGE', '--message takes a file: --message @body.json');
  const path = flags.message.slice(1);
  let source: string;
  try {
    source = await readFile(path, 'utf8');
  } catch (error) {
    throw new HongyanError(
      'MESSAGE_FILE_UNREADABLE',
      `cannot read the message file ${path} (${errorCode(error)})`,
      { cause: error },
    );
  }
  try {
    const body: unknown = JSON.parse(source);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { body: { ...body } };
  } catch (error) {
    throw new HongyanError(
      'MESSAGE_INVALID',
      `the message file ${path} is not JSON: ${(error as SyntaxError).message}`,
      { cause: error },
    );
  }
  throw new HongyanError(
    'MESSAGE_INVALID',
    `the message file ${path} must hold one JSON object, the body without touser`,
  );
}
