import { randomBytes } from 'node:crypto';
import { prepareMessage } from '../../engine/campaigns/campaigns.ts';
import { requireFormId } from '../../engine/content/build-message.ts';
import { text } from '../../texts/ui.ts';
import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import type { CliContext } from '../context.ts';
import type { Recipients } from '../input/recipients.ts';
import type { Session } from '../open.ts';
import type { PushRequest } from './push-flow.ts';

/** Sends one message with the first row's values to one openid; nothing of it is stored. */
export async function sendTest(
  context: CliContext,
  session: Session,
  request: PushRequest,
  recipients: Recipients,
  openid: string,
): Promise<void> {
  const { account, channel, body, message, warnings } = await prepareMessage(session, {
    ...request,
    columns: recipients.columns,
    lang: context.lang,
  });
  requireFormId(channel, body);
  for (const warning of warnings) {
    const line = text(context.lang, 'push.warning', { message: warning.message[context.lang] });
    if (request.json) context.err(line);
    else context.out(line);
  }
  recipients.select(message.variables);
  const vars = message.variables.length === 0 ? null : await firstVars(recipients, message.variables, openid);
  const client = await session.clients.get(account.appid);
  const answer = await client.send(
    message.path,
    message.render(openid, vars, message.keyed ? randomBytes(12).toString('hex') : null),
  );
  let outcome: string;
  switch (answer.kind) {
    case 'accepted':
      outcome = `${text(context.lang, 'report.accepted')}${answer.msgid === null ? '' : ` (msgid ${answer.msgid})`}`;
      break;
    case 'refused': {
      const rid = answer.rid === null ? '' : ` (rid ${answer.rid})`;
      outcome = `${answer.errcode} ${answer.errmsg}${rid}\n  ${errcodeInfo(answer.errcode, message.path)[context.lang]}`;
      break;
    }
    default:
      if (answer.reason === 'token') throw answer.error;
      outcome = answer.error.message;
  }
  if (request.json) context.out(JSON.stringify({ testTo: openid, ...answer, error: undefined }));
  else context.out(text(context.lang, 'push.testSent', { openid, outcome }));
  if (answer.kind !== 'accepted') context.setExit(1);
}

/** The values of the first good row, for the openid that is tested. */
async function firstVars(
  recipients: Recipients,
  variables: readonly string[],
  openid: string,
): Promise<string> {
  let vars: Record<string, string> = {};
  if (recipients.batches !== null) {
    for await (const batch of recipients.batches) {
      const row = batch.find((record) => record.kind === 'row');
      if (row?.kind !== 'row') continue;
      vars = row.vars;
      break;
    }
  }
  return JSON.stringify(variables.map((name) => vars[name] ?? (name === 'openid' ? openid : '')));
}
