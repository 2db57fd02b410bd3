import { firstLink } from '../../app/access/users.ts';
import { listAccounts } from '../../app/accounts/accounts.ts';
import { isBuilt } from '../../base/web-pages.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import type { Session } from '../open.ts';

/** Says where console, API and callback are, and what a person would do first. */
export async function announce(context: CliContext, session: Session, listensAt: string): Promise<void> {
  const { lang, out, actor } = context;
  const url = openable(listensAt);
  const hasConsole = await isBuilt('console.html');
  out(text(lang, 'serve.listening', { url: listensAt }));
  out(hasConsole ? text(lang, 'serve.console', { url }) : text(lang, 'serve.notBuilt'));
  out(text(lang, 'serve.api', { url }));
  out(text(lang, 'serve.callback', { url }));
  // A link is of use once there is a page behind it: the next start makes one.
  const link = hasConsole ? await firstLink(session) : null;
  if (link !== null) {
    out(text(lang, 'access.firstLink', { link: url + link.path }));
    if (link.isAnother) out(text(lang, 'access.earlierLinks'));
    return;
  }
  const { data: accounts } = await listAccounts(session, actor, { limit: 1, cursor: null });
  if (accounts.length === 0)
    out(text(lang, hasConsole ? 'serve.addAccount' : 'serve.addAccountHere', { url }));
}

/** As this machine itself can open it: 0.0.0.0 and :: are all of its addresses and none to go to. */
function openable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
