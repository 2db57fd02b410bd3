import type { Words } from './catalogue.ts';
import { accessHelp } from './help/access.ts';
import { accountsHelp } from './help/accounts.ts';
import { alertsHelp } from './help/alerts.ts';
import { campaignsHelp } from './help/campaigns.ts';
import { commonHelp } from './help/common.ts';
import { contactsHelp } from './help/contacts.ts';
import { creditsHelp } from './help/credits.ts';
import { eventsHelp } from './help/events.ts';
import { messagesHelp } from './help/messages.ts';
import { pushHelp } from './help/push.ts';
import { serveHelp } from './help/serve.ts';
import { simulatorHelp } from './help/simulator.ts';
import { webhooksHelp } from './help/webhooks.ts';

/**
 * What `--help` says, in both languages. A command says nothing of it: it has its name, its options and its arguments,
 * and src/cli/help.ts looks their words up here by where they stand:
 *
 *     'campaigns list'            the command
 *     'campaigns list --limit'    its option; '--limit' alone is the option in every command that has no key of its own
 *     'campaigns list <appid>'    its argument (`<appid>` alone likewise)
 *     'campaigns list notes'      paragraphs after the options
 *     'campaigns list example'    lines, each with its `$ `; `same(…)` where both languages share them
 *
 * One file a subject in src/texts/help/. A command's key has to be here before the option texts are deleted in src/cli;
 * test/texts.test.ts finds what has no words, what has them twice, and keys for nothing.
 */
export const helpTexts: Readonly<Record<string, Words>> = {
  ...accessHelp,
  ...campaignsHelp,
  ...commonHelp,
  ...accountsHelp,
  ...alertsHelp,
  ...contactsHelp,
  ...pushHelp,
  ...serveHelp,
  ...simulatorHelp,
  ...messagesHelp,
  ...creditsHelp,
  ...eventsHelp,
  ...serveHelp,
  ...simulatorHelp,
  ...webhooksHelp,
};

/** The words of a command or of a part of it, and those that a part has in every command. */
export function helpOf(command: string, part?: string): { own?: Words; shared?: Words } {
  const own = helpTexts[part === undefined ? command : `${command} ${part}`];
  const shared = part !== undefined && /^[-<]/.test(part) ? helpTexts[part] : undefined;
  return { ...(own === undefined ? {} : { own }), ...(shared === undefined ? {} : { shared }) };
}
