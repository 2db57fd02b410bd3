import type { Message } from '../../app/messages/messages.ts';
import type { Lang } from '../../texts/catalogue.ts';
import { text } from '../../texts/ui.ts';
import { channels } from '../../wechat/channels.ts';
import { explain } from './report-lines.ts';
import { formatTime } from './when.ts';

/** What became of a single message, for a person. */
export function messageLines(message: Message, timeZone: string, lang: Lang): string[] {
  const { id, touser, state, errcode, reason, msgid, attempts, nextAt, heldUntil, receipt } = message;
  const lines = [
    text(lang, 'messages.title', { id: String(id), openid: touser, state: text(lang, `messages.${state}`) }),
  ];
  // That a receipt settled it is said with the receipt.
  const why = errcode === null ? (reason === 'receipt' ? null : reason) : String(errcode);
  if (why !== null) lines.push(`  ${explain(why, channels[message.channel].path, lang)}`);
  if (message.ref !== null) lines.push(`  ${text(lang, 'messages.ref', { ref: message.ref })}`);
  if (msgid !== null) lines.push(`  ${text(lang, 'messages.msgid', { msgid })}`);
  if (receipt !== null) {
    const at = receipt.at === null ? '' : `  ${formatTime(receipt.at, timeZone)}`;
    lines.push(`  ${text(lang, `receipt.${receipt.status}`)}${at}`);
    if (receipt.inferred) lines.push(`  ${text(lang, 'messages.inferred')}`);
  } else if (state === 'accepted') lines.push(`  ${text(lang, 'messages.noReceipt')}`);
  if (attempts > 1) lines.push(`  ${text(lang, 'messages.attempts', { n: attempts })}`);
  if (heldUntil !== null)
    lines.push(`  ${text(lang, 'messages.heldUntil', { at: formatTime(heldUntil, timeZone) })}`);
  if (nextAt !== null) lines.push(`  ${text(lang, 'messages.next', { at: formatTime(nextAt, timeZone) })}`);
  return lines;
}
