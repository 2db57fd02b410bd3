import type { ReactNode } from 'react';
import type { Phone } from '../../src/simulator/index.ts';
import { phoneWords } from '../../src/texts/console/phone.ts';
import { Icon } from '../parts/icon.tsx';
import { useWords } from '../parts/language.tsx';
import { useQueryValue } from '../parts/router.tsx';
import type { Theme } from '../parts/theme.ts';
import { Chat } from './chat.tsx';
import { Chats } from './chats.tsx';
import css from './device.module.css';
import './weui.css';
import { itemsOf, noticesOf } from './message.ts';
import { accountName } from './names.ts';
import { type Sheet, Sheets } from './sheets.tsx';

/** WeChat's screens for one person: the list of chats, and the chat that is open. */
export function Device({
  phone,
  theme,
  sheet,
  onSheet,
}: {
  phone: Phone;
  theme: Theme;
  sheet: Sheet | null;
  onSheet(sheet: Sheet | null): void;
}): ReactNode {
  const say = useWords(phoneWords);
  const [chat, setChat] = useQueryValue('chat');
  const account = phone.accounts.find(({ appid }) => appid === chat);
  const isNotices = chat === 'notices';
  const name = account === undefined ? '' : accountName(account, phone.accounts, say);
  const title = isNotices ? say('serviceNotices') : account === undefined ? say('wechat') : name;
  return (
    <section className={`wx-root ${css.device}`} aria-label={say('title')} {...weuiTheme(theme)}>
      <div className={css.status} aria-hidden="true">
        <span>{clock(phone.now)}</span>
        <span>5G ▮▮▮</span>
      </div>
      <div className={css.bar}>
        {chat === '' ? (
          <span />
        ) : (
          <button
            type="button"
            className={css.barButton}
            aria-label={say('back')}
            onClick={() => setChat('')}
          >
            <Icon name="chevronLeft" />
          </button>
        )}
        <h2 className={css.barTitle}>{title}</h2>
        {account === undefined ? (
          <span />
        ) : (
          <button
            type="button"
            className={css.barButton}
            aria-label={say('accountMenu')}
            onClick={() => onSheet({ kind: 'account', appid: account.appid })}
          >
            <Icon name="more" />
          </button>
        )}
      </div>
      {isNotices || account !== undefined ? (
        <Chat
          key={`${phone.index} ${chat}`}
          items={isNotices ? noticesOf(phone.accounts) : account === undefined ? [] : itemsOf(account, 'own')}
          accounts={phone.accounts}
          own={account ?? null}
          now={phone.now}
          onSheet={onSheet}
        />
      ) : (
        <Chats phone={phone} onOpen={setChat} />
      )}
      <Sheets sheet={sheet} phone={phone} onClose={() => onSheet(null)} />
    </section>
  );
}

/** weui looks at the system by itself. */
function weuiTheme(theme: Theme): { 'data-weui-theme'?: string } {
  return theme === 'system' ? {} : { 'data-weui-theme': theme };
}

function clock(now: number): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Asia/Shanghai',
    hour: '2-digit',
    minute: '2-digit',
  }).format(now);
}
