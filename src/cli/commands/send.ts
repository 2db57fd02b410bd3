import { Command } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { submitMessage } from '../../engine/messages/submit.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { findMessage, type MessageReport } from '../../store/messages/messages.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { type MessageFlags, messageOf, withMessageOptions } from '../input/message-options.ts';
import { type Session, withSession } from '../open.ts';
import { Workforce } from '../output/follow.ts';
import { messageLines } from '../output/message-lines.ts';
import { parseWhen } from '../output/when.ts';

const pollMs = 100;
/** Without workers this process sends; what is not settled by then waits for the next node. */
const defaultWaitS = 30;

interface SendFlags extends MessageFlags {
  to: string;
  key?: string;
  validUntil?: string;
  includeNoCredit?: boolean;
  wait?: string | true;
  json?: boolean;
}

/** `hongyan send`: one message to one person. */
export function sendCommand(context: CliContext, version: string): Command {
  return withMessageOptions(new Command('send').description('send one message to one person'))
    .requiredOption('--to <openid>', 'who gets it')
    .option('--key <key>', 'makes repeats safe: the same key is the same message, sent once')
    .option('--valid-until <time>', 'if it cannot be sent by then, it is not sent at all')
    .option('--include-no-credit', 'also to somebody who is known to have no subscription left')
    .option(
      '--wait [seconds]',
      `wait for the outcome although workers send it (default ${defaultWaitS} s; without workers always)`,
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ hongyan send --account wx0123456789abcdef --channel template --template TEMPLATE_ID \\\n      --data keyword1=标题 --data keyword2=内容 --to OPENID --key order-1024',
    )
    .action((flags: SendFlags) => {
      const wait = flags.wait === undefined || flags.wait === true ? String(defaultWaitS) : flags.wait;
      if (!/^[1-9]\d{0,3}$/.test(wait))
        throw new HongyanError('USAGE', `--wait takes a number of seconds from 1 to 9999, not "${wait}"`);
      return withSession(context, (session) => send(context, session, version, flags, Number(wait) * 1000));
    });
}

async function send(
  context: CliContext,
  session: Session,
  version: string,
  flags: SendFlags,
  waitMs: number,
): Promise<void> {
  const { timeZone } = await getAccount(session.store.pool, flags.account);
  const message = await messageOf(flags);
  const variable = /\{\{\s*[\p{L}\p{N}_.-]+\s*\}\}/u.exec(JSON.stringify(message));
  if (variable !== null)
    throw new HongyanError('USAGE', text(context.lang, 'send.variables', { name: variable[0] }));
  const request = {
    appid: flags.account,
    channel: flags.channel,
    openid: flags.to,
    message,
    key: flags.key,
    validUntil:
      flags.validUntil === undefined ? undefined : parseWhen('validUntil', flags.validUntil, timeZone),
    includeNoCredit: flags.includeNoCredit,
    lang: context.lang,
  };
  const workforce = new Workforce(context, session, 'push', version);
  try {
    await workforce.ensure();
    const { engine } = workforce;
    const { id, isRepeat } =
      engine === null ? await submitMessage(session, request) : await engine.messages.submit(request);
    if (isRepeat && !flags.json) context.out(text(context.lang, 'send.repeat'));
    const found =
      engine === null && flags.wait === undefined
        ? await findMessage(session.store.pool, id)
        : await settled(context, session, id, waitMs);
    if (found === null) throw new HongyanError('MESSAGE_NOT_FOUND', `there is no message ${id}`);
    show(context, found, isRepeat, timeZone, flags);
  } finally {
    await workforce.stop();
  }
}

function show(
  context: CliContext,
  message: MessageReport,
  isRepeat: boolean,
  timeZone: string,
  flags: SendFlags,
): void {
  if (flags.json) context.out(JSON.stringify({ ...message, isRepeat }));
  else if (message.state === 'waiting')
    context.out(text(context.lang, 'send.taken', { id: String(message.id) }));
  else for (const line of messageLines(message, timeZone, context.lang)) context.out(line);
  if (!['accepted', 'waiting', 'held'].includes(message.state)) context.setExit(1);
}

/** The message once it is settled; as it is when the time is over or the command is interrupted. */
async function settled(
  context: CliContext,
  session: Session,
  id: number,
  waitMs: number,
): Promise<MessageReport | null> {
  const until = performance.now() + waitMs;
  for (;;) {
    const found = await findMessage(session.store.pool, id);
    if (found?.state !== 'waiting' || context.signal.aborted || performance.now() >= until) return found;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
