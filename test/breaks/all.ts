import { audienceBreaks } from './audience.ts';
import type { Break } from './break.ts';
import { cliBreaks } from './cli.ts';
import { deliveryBreaks } from './delivery.ts';
import { messageBreaks } from './messages.ts';
import { paceBreaks } from './pace.ts';
import { serverBreaks } from './server.ts';
import { storeBreaks } from './store.ts';

/** Every break, by subject. */
export const breaks: Break[] = [
  ...audienceBreaks,
  ...cliBreaks,
  ...deliveryBreaks,
  ...messageBreaks,
  ...paceBreaks,
  ...serverBreaks,
  ...storeBreaks,
];
