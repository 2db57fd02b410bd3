import { type FormEvent, type ReactNode, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { frameWords } from '../../src/texts/console/frame.ts';
import { useChange } from '../parts/api.ts';
import { Icon } from '../parts/icon.tsx';
import { forgetTab } from '../parts/kept.ts';
import { otherLanguage, useLanguage, useWords } from '../parts/language.tsx';
import { useLiveState } from '../parts/live.ts';
import { Menu } from '../parts/menu.tsx';
import { navigate } from '../parts/router.tsx';
import { useMay, useMe } from '../parts/session.ts';
import { useTheme } from '../parts/theme.ts';
import { AccountSwitch } from './account-switch.tsx';
import { ChangePassword } from './change-password.tsx';
import css from './top.module.css';

export function Top({ menuButton }: { menuButton: ReactNode }): ReactNode {
  return (
    <header className={css.top}>
      {menuButton}
      <AccountSwitch />
      <span className={css.space} />
      <LiveSign />
      <Search />
      <Person />
    </header>
  );
}

/** That what is shown is what is: nobody has to load a page again to be sure. */
function LiveSign(): ReactNode {
  const say = useWords(frameWords);
  if (useLiveState() !== 'live') return null;
  return (
    <span className={css.live} title={say('liveHint')}>
      {say('live')}
    </span>
  );
}

/** Finds by openid or the caller's own number, on the page of deliveries. */
function Search(): ReactNode {
  const say = useWords(frameWords);
  const may = useMay();
  const [text, setText] = useState('');
  if (!may('message.read')) return null;
  const find = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === '') return;
    navigate(`/deliveries?q=${encodeURIComponent(text.trim())}`);
    setText('');
  };
  return (
    <search>
      <form className={css.search} onSubmit={find}>
        <Icon name="search" />
        <input
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-label={say('search')}
          placeholder={say('search')}
        />
      </form>
    </search>
  );
}

function Person(): ReactNode {
  const say = useWords(frameWords);
  const me = useMe();
  const { lang, setLang } = useLanguage();
  const [theme, setTheme] = useTheme();
  const [isChanging, setChanging] = useState(false);
  // A new page, so that nothing of this person is left in it.
  const signOut = useChange('DELETE /v1/sessions/current', {
    onDone: () => {
      forgetTab();
      location.assign('/');
    },
  });
  return (
    <>
      <Menu
        label={say('me', { name: me.name })}
        button={
          <AriaButton className={css.person ?? ''} aria-label={say('me', { name: me.name })}>
            <Icon name="person" />
            <span className={css.name}>{me.name}</span>
          </AriaButton>
        }
        entries={[
          { id: 'language', name: otherLanguage[lang], onAction: () => setLang(lang === 'zh' ? 'en' : 'zh') },
          ...(['system', 'light', 'dark'] as const).map((one) => ({
            id: one,
            name: say(`theme.${one}`),
            isChosen: theme === one,
            onAction: () => setTheme(one),
          })),
          ...(me.kind === 'user'
            ? [
                { id: 'password', name: say('password.change'), onAction: () => setChanging(true) },
                { id: 'out', name: say('signOut'), onAction: () => signOut.mutate({}) },
              ]
            : []),
        ]}
      />
      {isChanging && <ChangePassword onClose={() => setChanging(false)} />}
    </>
  );
}
