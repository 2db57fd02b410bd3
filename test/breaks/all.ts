import { accountsBreaks } from './accounts.ts';
import { baseBreaks } from './base.ts';
import type { Break } from './break.ts';
import { callbackBreaks } from './callback.ts';
import { cliBreaks } from './cli.ts';
import { embeddedBreaks } from './embedded.ts';
import { alertsBreaks } from './engine/alerts.ts';
import { audienceBreaks } from './engine/audience.ts';
import { campaignsBreaks } from './engine/campaigns.ts';
import { creditsBreaks } from './engine/credits.ts';
import { deliveryBreaks } from './engine/delivery.ts';
import { eventsBreaks } from './engine/events.ts';
import { holdsBreaks } from './engine/holds.ts';
import { messageBreaks } from './engine/messages.ts';
import { paceBreaks } from './engine/pace.ts';
import { receiptsBreaks } from './engine/receipts.ts';
import { relayBreaks } from './engine/relay.ts';
import { templateBreaks } from './engine/template.ts';
import { tracingBreaks } from './engine/tracing.ts';
import { webhooksBreaks } from './engine/webhooks.ts';
import { entrancesBreaks } from './entrances.ts';
import { serverBreaks } from './server.ts';
import { simulatorBreaks } from './simulator.ts';
import { storeBreaks } from './store.ts';
import { streamBreaks } from './stream.ts';
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
  ...embeddedBreaks,
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
  ...tracingBreaks,
  ...webhooksBreaks,
  ...wechatBreaks,
];
