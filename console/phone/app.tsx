import { type ReactNode, useEffect, useState } from 'react';
import { phoneWords } from '../../src/texts/console/phone.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { otherLanguage, useLanguage, useWords } from '../parts/language.tsx';
import { Loading, Notice } from '../parts/notice.tsx';
import { useQueryValue } from '../parts/router.tsx';
import { useTheme } from '../parts/theme.ts';
import css from './app.module.css';
import { Device } from './device.tsx';
import { Operator } from './operator.tsx';
import type { Sheet } from './sheets.tsx';
import { usePhone } from './simulator.ts';

/** The phone at the left, the operator's side at the right. Person and account are in the address. */
export function App(): ReactNode {
  const say = useWords(phoneWords);
  const { lang, setLang } = useLanguage();
  const [theme, setTheme] = useTheme();
  const [person, setPerson] = useQueryValue('person', '0');
  const { phone, isLost } = usePhone(Number(person) || 0);
  const [sheet, setSheet] = useState<Sheet | null>(null);
  const title = say('title');
  useEffect(() => {
    document.title = `${title} · 鸿雁 Hongyan`;
  }, [title]);
  return (
    <div className={css.app}>
      <header className={css.top}>
        <h1>{title}</h1>
        <span className={css.about}>{say('approximation')}</span>
        <Button kind="quiet" onPress={() => setLang(lang === 'zh' ? 'en' : 'zh')}>
          {otherLanguage[lang]}
        </Button>
        <IconButton
          icon="sun"
          label={say('theme')}
          onPress={() => setTheme(isDark(theme) ? 'light' : 'dark')}
        />
      </header>
      {isLost && (
        <div className={css.lost}>
          <Notice tone="warn">{say('lost')}</Notice>
        </div>
      )}
      <main className={css.both}>
        {phone === null ? (
          <Loading />
        ) : (
          <>
            <Device phone={phone} theme={theme} sheet={sheet} onSheet={setSheet} />
            <Operator phone={phone} onSheet={setSheet} onPerson={(index) => setPerson(String(index))} />
          </>
        )}
      </main>
    </div>
  );
}

function isDark(theme: string): boolean {
  return theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
}
