import { Command } from 'commander';
import { type Message, readMessage, sendMessage } from '../../../app/messages/messages.ts';
import { timeZoneOf } from '../../../app/time-zone.ts';
import { failure } from '../../../base/errors.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { type MessageFlags, messageOf, withMessageOptions } from '../../input/message-options.ts';
import { numberBetween } from '../../input/number-between.ts';
import { type Session, withSession } from '../../open.ts';
import { messageLines } from '../../output/message-lines.ts';
import { parseWhen } from '../../output/when.ts';
import { Workforce } from '../../workforce.ts';

/** One look waits so long, ms: ctrl-C ends the command after it. */
const lookMs = 500;
/** Without workers this process sends; what is not settled by then waits for the next node. */
const defaultWaitS = 30;

interface SendFlags extends MessageFlags {
  to: string;
  key?: string;
  ref?: string;
  validUntil?: string;
  includeNoCredit?: boolean;
  wait?: string | true;
  json?: boolean;
}

/** `hongyan send`: one message to one person. */
export function sendCommand(context: CliContext, version: string): Command {
  return withMessageOptions(new Command('send'))
    .requiredOption('--to <openid>')
    .option('--key <key>')
    .option('--ref <ref>')
    .option('--valid-until <time>')
    .option('--include-no-credit')
    .option('--wait [seconds]')
    .option('--json')
    .action((flags: SendFlags) => {
      const given = flags.wait === undefined || flags.wait === true ? String(defaultWaitS) : flags.wait;
      const waitMs = numberBetween('--wait', given, 1, 9_999) * 1_000;
      return withSession(context, (session) => send(context, session, version, flags, waitMs));
    });
}

async function send(
  context: CliContext,
  session: Session,
  version: string,
  flags: SendFlags,
  waitMs: number,
): Promise<void> {
  const { actor } = context;
  const { account: appid, channel, to: touser, key, ref, validUntil, includeNoCredit } = flags;
  const timeZone = await timeZoneOf(session, actor, { appid });
  const message = await messageOf(flags);
  const variable = /\{\{\s*[\p{L}\p{N}_.-]+\s*\}\}/u.exec(JSON.stringify(message));
  if (variable !== null) throw failure('USAGE/single-variables', { name: variable[0] });
  const workforce = new Workforce(context, session, 'push', version);
  try {
    await workforce.ensure();
    const app = { ...session, engine: workforce.engine };
    const { id, isRepeat } = await sendMessage(app, actor, {
      ...{ appid, channel, touser, message, key, ref, includeNoCredit },
      validUntil: validUntil === undefined ? undefined : parseWhen('validUntil', validUntil, timeZone),
    });
    if (isRepeat && !flags.json) context.out(text(context.lang, 'send.repeat'));
    const isWaited = workforce.engine !== null || flags.wait !== undefined;
    const until = performance.now() + (isWaited ? waitMs : 0);
    let found = await readMessage(app, actor, { id });
    while (found.state === 'waiting' && !context.signal.aborted && performance.now() < until)
      found = await readMessage(app, actor, { id, waitMs: lookMs });
    show(context, found, isRepeat, timeZone, flags);
  } finally {
    await workforce.stop();
  }
}

function show(
  context: CliContext,
  message: Message,
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
