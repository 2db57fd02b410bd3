import { fill, type Lang, type Value } from './catalogue.ts';
import { accessTexts } from './ui/access.ts';
import { accountsTexts } from './ui/accounts.ts';
import { alertsTexts } from './ui/alerts.ts';
import { backupTexts } from './ui/backup.ts';
import { campaignsTexts } from './ui/campaigns.ts';
import { columnTexts } from './ui/columns.ts';
import { creditsTexts } from './ui/credits.ts';
import { doctorTexts } from './ui/doctor.ts';
import { eventsTexts } from './ui/events.ts';
import { messagesTexts } from './ui/messages.ts';
import { pushTexts } from './ui/push.ts';
import { reportTexts } from './ui/report.ts';
import { serveTexts } from './ui/serve.ts';
import { verifyTexts } from './ui/verify.ts';
import { webhooksTexts } from './ui/webhooks.ts';

/** Everything that people read besides errors and help, by key. */
export const uiTexts = {
  ...accessTexts,
  ...accountsTexts,
  ...alertsTexts,
  ...backupTexts,
  ...campaignsTexts,
  ...columnTexts,
  ...creditsTexts,
  ...doctorTexts,
  ...eventsTexts,
  ...messagesTexts,
  ...pushTexts,
  ...reportTexts,
  ...serveTexts,
  ...verifyTexts,
  ...webhooksTexts,
};

export type TextKey = keyof typeof uiTexts;

/** The text of a key with its `{values}` filled in. Numbers are grouped by thousands. */
export function text(lang: Lang, key: TextKey, values: Record<string, Value> = {}): string {
  return fill(uiTexts[key], lang, 'cli', values);
}
