import { sendTest as send } from '../../app/campaigns/send-test.ts';
import type { Lang } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import type { CliContext } from '../context.ts';
import type { Recipients } from '../input/recipients.ts';
import type { Session } from '../open.ts';
import type { PushRequest } from './push-request.ts';
import { showWarnings } from './warnings.ts';

/** Sends one message with the first row's values to one openid, and says what WeChat answered. */
export async function sendTest(
  context: CliContext,
  session: Session,
  { appid, channel, message, onInvalid, json }: PushRequest,
  audience: Recipients,
  touser: string,
): Promise<void> {
  const request = { appid, channel, message, onInvalid, touser, audience };
  const { answer, warnings, path } = await send(session, context.actor, request);
  showWarnings(context, warnings, json);
  if (answer.kind !== 'accepted') context.setExit(1);
  if (json) {
    const { kind, ...details } = answer;
    context.out(JSON.stringify({ testTo: touser, kind, ...details }));
    return;
  }
  let outcome: string;
  switch (answer.kind) {
    case 'accepted':
      outcome = withId(context.lang, text(context.lang, 'report.accepted'), 'msgid', answer.msgid);
      break;
    case 'refused': {
      const said = withId(context.lang, `${answer.errcode} ${answer.errmsg}`, 'rid', answer.rid);
      outcome = `${said}\n  ${errcodeInfo(answer.errcode, path)[context.lang]}`;
      break;
    }
    case 'failed':
      outcome = answer.message;
      break;
  }
  context.out(text(context.lang, 'push.testSent', { openid: touser, outcome }));
}

/** `accepted by WeChat (msgid 123)`. */
function withId(lang: Lang, what: string, name: 'msgid' | 'rid', id: string | null): string {
  return id === null ? what : text(lang, 'push.withId', { what, name, id });
}
