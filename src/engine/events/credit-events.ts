import type { CreditEntry } from '../../store/credits/entries.ts';
import { accountsWhoseRejectsWipe } from '../../store/credits/views.ts';
import { enterCredits } from '../credits/ledger.ts';
import { eventSecond, storableText } from './storable.ts';
import type { EventEffect, StoredEvent } from './stored-event.ts';

/**
 * What the consent dialog and the notification settings say of credits.
 *
 * An accept in the dialog is one credit, unless a client report speaks of the same tap. A reject in the settings takes
 * the credits that were there before. A reject in the dialog changes nothing, because it is not documented that it
 * takes credits that were given before; `accounts rules --popup-reject wipes` makes it do so.
 */
export const creditEvents: EventEffect = async (client, events) => {
  const mine = events.filter(({ event }) => event.type === 'credit-popup' || event.type === 'credit-change');
  if (mine.length === 0) return;
  const byAccount = Map.groupBy(mine, (one) => one.appid);
  const appids = [...byAccount.keys()].sort();
  const wiping = await accountsWhoseRejectsWipe(client, appids);
  for (const appid of appids) {
    const entries = (byAccount.get(appid) ?? []).flatMap((one) => entriesOf(one, wiping.has(appid)));
    await enterCredits(client, appid, entries);
  }
};

function entriesOf({ key, event }: StoredEvent, rejectWipes: boolean): CreditEntry[] {
  if (event.type !== 'credit-popup' && event.type !== 'credit-change') return [];
  const second = eventSecond(event);
  return event.items.flatMap(({ templateId, choice }, i): CreditEntry[] => {
    const entry = {
      openid: storableText(event.openid),
      templateId: storableText(templateId),
      // The event's own key is one of its second.
      key: `event:${second}:${key}:${i}`,
      at: new Date(second * 1000),
    };
    if (event.type === 'credit-change')
      return choice === 'reject' ? [{ ...entry, kind: 'change', delta: 0, sets: 0 }] : [];
    if (choice === 'accept') return [{ ...entry, kind: 'popup', delta: 1, sets: null }];
    return choice === 'reject'
      ? [{ ...entry, kind: 'popup-reject', delta: 0, sets: rejectWipes ? 0 : null }]
      : [];
  });
}
