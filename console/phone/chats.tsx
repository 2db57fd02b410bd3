import type { ReactNode } from 'react';
import type { Phone } from '../../src/simulator/index.ts';
import { phoneWords } from '../../src/texts/console/phone.ts';
import { useWords } from '../parts/language.tsx';
import { Avatar } from './avatar.tsx';
import css from './chats.module.css';
import { type Item, itemsOf, noticesOf } from './message.ts';
import { accountName } from './names.ts';
import { chatTime } from './time.ts';

/** The list of chats, the last one to change first: 服务通知, and each account that is followed or has written. */
export function Chats({ phone, onOpen }: { phone: Phone; onOpen(chat: string): void }): ReactNode {
  const say = useWords(phoneWords);
  const rows = [
    {
      id: 'notices',
      name: say('serviceNotices'),
      kind: 'notices' as const,
      last: noticesOf(phone.accounts).at(-1),
    },
    ...phone.accounts
      .filter(({ kind }) => kind !== 'miniprogram')
      .map((account) => ({
        id: account.appid,
        name: accountName(account, phone.accounts, say),
        kind: account.kind,
        last: itemsOf(account, 'own').at(-1),
        isShown: account.follows,
      })),
  ]
    .filter((row) => row.last !== undefined || ('isShown' in row && row.isShown))
    .sort((a, b) => (b.last?.at ?? 0) - (a.last?.at ?? 0));
  if (rows.length === 0) return <p className={css.empty}>{say('noChats')}</p>;
  return (
    <ul className={css.list}>
      {rows.map(({ id, name, kind, last }) => (
        <li key={id}>
          <button type="button" className={css.row} onClick={() => onOpen(id)}>
            <Avatar kind={kind} />
            <span className={css.text}>
              <span className={css.name}>{name}</span>
              <span className={css.last}>{last === undefined ? say('noMessages') : preview(last)}</span>
            </span>
            <span className={css.time}>
              {last !== undefined && chatTime(last.at, phone.now, say('yesterday'))}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function preview(item: Item): string {
  return item.kind === 'card' ? `[${item.card.title}]` : item.text;
}
