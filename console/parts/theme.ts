import { useEffect, useState } from 'react';
import { keep, kept } from './kept.ts';

export type Theme = 'system' | 'light' | 'dark';

const isTheme = (text: string | null): text is Theme =>
  text === 'light' || text === 'dark' || text === 'system';

function firstTheme(): Theme {
  const chosen = kept('theme');
  return isTheme(chosen) ? chosen : 'system';
}

/** Before the first paint, so that nobody is dazzled. */
export function applyTheme(theme: Theme = firstTheme()): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(firstTheme);
  useEffect(() => applyTheme(theme), [theme]);
  return [
    theme,
    (next) => {
      keep('theme', next);
      setTheme(next);
    },
  ];
}
