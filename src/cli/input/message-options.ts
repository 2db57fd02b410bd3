import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { MessageBody, MessageParts } from '../../app/campaigns/create.ts';
import { errorCode, failure } from '../../base/errors.ts';
import { fileProblem } from '../../texts/parts.ts';

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
    .requiredOption('--account <appid>')
    .requiredOption('--channel <channel>')
    .option('--template <template_id>')
    .option('--data <key=value>', '', collectData)
    .option('--url <url>')
    .option('--page <page>')
    .option('--mp-appid <appid>')
    .option('--mp-path <path>')
    .option('--form-id <form_id>')
    .option('--lang <lang>')
    .addOption(new Option('--state <state>').choices(['developer', 'trial', 'formal']))
    .option('--message <@file>');
}

function collectData(pair: string, before: Record<string, string> = {}): Record<string, string> {
  const at = pair.indexOf('=');
  if (at < 1) throw failure('USAGE/data-pair', { value: pair });
  const key = pair.slice(0, at).trim();
  if (Object.hasOwn(before, key)) throw failure('USAGE/data-twice', { key });
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
  if (Object.values(parts).some((value) => value !== undefined)) throw failure('USAGE/message-whole', {});
  if (!flags.message.startsWith('@')) throw failure('USAGE/message-file', {});
  const path = flags.message.slice(1);
  let source: string;
  try {
    source = await readFile(path, 'utf8');
  } catch (error) {
    const problem = fileProblem(errorCode(error));
    throw failure('MESSAGE_FILE_UNREADABLE', { path, problem }, { cause: error });
  }
  try {
    const body: unknown = JSON.parse(source);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { body: { ...body } };
  } catch (error) {
    const why = (error as SyntaxError).message; // JSON.parse throws nothing else
    throw failure('MESSAGE_INVALID/not-json', { path, why }, { cause: error });
  }
  throw failure('MESSAGE_INVALID/not-object', { path });
}
