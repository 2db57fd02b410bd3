import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { I18nProvider } from 'react-aria-components';
import { fill, type Lang, type NamesIn, type Value, type Words } from '../../src/texts/catalogue.ts';
import { keep, kept } from './kept.ts';

/** What the other language calls itself. */
export const otherLanguage: Record<Lang, string> = { zh: 'English', en: '中文' };

interface Language {
  lang: Lang;
  setLang(lang: Lang): void;
}

const LanguageContext = createContext<Language>({ lang: 'zh', setLang: () => {} });

/** What the person chose, else what the browser asks for first. */
function firstLanguage(): Lang {
  const chosen = kept('lang');
  if (chosen === 'zh' || chosen === 'en') return chosen;
  return /^zh/i.test(navigator.language) ? 'zh' : 'en';
}

export function LanguageProvider({ children }: { children: ReactNode }): ReactNode {
  const [lang, choose] = useState(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = locale(lang);
  }, [lang]);
  const language = useMemo(
    () => ({
      lang,
      setLang(next: Lang) {
        keep('lang', next);
        choose(next);
      },
    }),
    [lang],
  );
  return (
    <LanguageContext value={language}>
      <I18nProvider locale={locale(lang)}>{children}</I18nProvider>
    </LanguageContext>
  );
}

export function useLanguage(): Language {
  return useContext(LanguageContext);
}

export function locale(lang: Lang): 'zh-CN' | 'en-US' {
  return lang === 'zh' ? 'zh-CN' : 'en-US';
}

/** The values that the words of a key name; none, where they name none. */
type Values<W extends Words> =
  NamesIn<W['en']> extends never ? [] : [values: Record<NamesIn<W['en']>, Value>];

export type Say<T extends Readonly<Record<string, Words>>> = <K extends keyof T & string>(
  key: K,
  ...values: Values<T[K]>
) => string;

/** The words of a table in the reader's language: `const say = useWords(overviewWords); say('title')`. */
export function useWords<const T extends Readonly<Record<string, Words>>>(table: T): Say<T> {
  const { lang } = useLanguage();
  return useCallback(
    (key, ...values) => {
      const words: Words = table[key] ?? { en: key, zh: key };
      return fill(words, lang, 'console', values[0] ?? {});
    },
    [table, lang],
  );
}
