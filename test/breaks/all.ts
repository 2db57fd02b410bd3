import { accountsBreaks } from './accounts.ts';
import { audienceBreaks } from './audience.ts';
import { baseBreaks } from './base.ts';
import type { Break } from './break.ts';
import { callbackBreaks } from './callback.ts';
import { campaignsBreaks } from './campaigns.ts';
import { cliBreaks } from './cli.ts';
import { creditsBreaks } from './credits.ts';
import { deliveryBreaks } from './delivery.ts';
import { entrancesBreaks } from './entrances.ts';
import { eventsBreaks } from './events.ts';
import { holdsBreaks } from './holds.ts';
import { messageBreaks } from './messages.ts';
import { paceBreaks } from './pace.ts';
import { receiptsBreaks } from './receipts.ts';
import { relayBreaks } from './relay.ts';
import { serverBreaks } from './server.ts';
import { alertsBreaks } from './service/alerts.ts';
import { simulatorBreaks } from './simulator.ts';
import { storeBreaks } from './store.ts';
import { streamBreaks } from './stream.ts';
import { templateBreaks } from './template.ts';
import { webhooksBreaks } from './webhooks.ts';
import { wechatBreaks } from './wechat.ts';

/** Every break, by subject. */
export const breaks: Break[] = [
  ...accountsBreaks,
  ...alertsBreaks,
  ...audienceBreaks,
  ...baseBreaks,
  ...callbackBreaks,
  ...campaignsBreaks,
  ...cliBreaks,
  ...creditsBreaks,
  ...deliveryBreaks,
  ...entrancesBreaks,
  ...eventsBreaks,
  ...holdsBreaks,
  ...messageBreaks,
  ...paceBreaks,
  ...receiptsBreaks,
  ...relayBreaks,
  ...serverBreaks,
  ...simulatorBreaks,
  ...storeBreaks,
  ...streamBreaks,
  ...templateBreaks,
  ...webhooksBreaks,
  ...wechatBreaks,
];
