import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { PhoneAccount } from '../../src/simulator/index.ts';
import { phoneWords } from '../../src/texts/console/phone.ts';
import { useWords } from '../parts/language.tsx';
import { toast } from '../parts/toast.tsx';
import { Avatar } from './avatar.tsx';
import { MessageCard } from './card.tsx';
import css from './chat.module.css';
import type { Item } from './message.ts';
import type { Sheet } from './sheets.tsx';
import { simulator } from './simulator.ts';
import { chatTime } from './time.ts';

/** Messages closer than this stand under one time. */
const sameTimeMs = 5 * 60_000;

/** One chat. `own` is the account whose chat it is; 服务通知 is nobody's, and cannot be written to. */
export function Chat({
  items,
  accounts,
  own,
  now,
  onSheet,
}: {
  items: readonly Item[];
  accounts: readonly PhoneAccount[];
  own: PhoneAccount | null;
  now: number;
  onSheet(sheet: Sheet): void;
}): ReactNode {
  const say = useWords(phoneWords);
  const end = useRef<HTMLDivElement>(null);
  const last = items.at(-1)?.key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last message is the reason to move
  useEffect(() => {
    // In braces: newer browsers return a promise, which React would take for the clean-up.
    void end.current?.scrollIntoView({ block: 'nearest' });
  }, [last]);
  const gone = own === null ? 0 : own.received - own.messages.length;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that moves must be reached by keyboard */}
      <div className={css.items} role="log" aria-live="polite" tabIndex={0}>
        {gone > 0 && <p className={css.small}>{say('olderGone', { count: gone })}</p>}
        {items.length === 0 && <p className={css.small}>{say('noMessages')}</p>}
        {items.map((item, index) => (
          <div key={item.key} className={css.item}>
            {item.at - (items[index - 1]?.at ?? 0) > sameTimeMs && (
              <p className={css.small}>{chatTime(item.at, now, say('yesterday'))}</p>
            )}
            {item.kind === 'card' ? (
              <MessageCard item={item} accounts={accounts} isNotice={own === null} onSheet={onSheet} />
            ) : (
              <div className={item.byPerson ? css.mine : css.theirs}>
                <Avatar kind={item.byPerson ? 'person' : (own?.kind ?? 'service')} />
                <p className={css.bubble}>{item.text}</p>
              </div>
            )}
          </div>
        ))}
        <div ref={end} />
      </div>
      {own !== null && <Writer account={own} />}
    </>
  );
}

function Writer({ account }: { account: PhoneAccount }): ReactNode {
  const say = useWords(phoneWords);
  const [text, setText] = useState('');
  const write = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (text.trim() === '') return;
    await simulator.act(account.appid, 'text', { openid: account.openid, content: text });
    if (!account.hasCallback) toast(say('callbackOff'));
    setText('');
  };
  if (!account.follows) return <p className={css.closed}>{say('followFirst')}</p>;
  return (
    <form className={css.writer} onSubmit={write}>
      <input
        className={css.input}
        value={text}
        onChange={(event) => setText(event.target.value)}
        aria-label={say('write')}
        placeholder={say('write')}
      />
      <button type="submit" className={css.sendButton} disabled={text.trim() === ''}>
        {say('send')}
      </button>
    </form>
  );
}
