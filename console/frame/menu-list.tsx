import type { ReactNode } from 'react';
import { Link } from 'react-aria-components';
import { frameWords } from '../../src/texts/console/frame.ts';
import { useWords } from '../parts/language.tsx';
import { usePath } from '../parts/router.tsx';
import { useMay } from '../parts/session.ts';
import { useZone } from '../parts/time.tsx';
import css from './menu-list.module.css';
import { pages } from './routes.tsx';

/** The pages that the person may open, the current one marked. */
export function MenuList(): ReactNode {
  const say = useWords(frameWords);
  const may = useMay();
  const path = usePath();
  const zone = useZone();
  const isCurrent = (target: string): boolean =>
    path === target || (target !== '/' && path.startsWith(`${target}/`) && path !== '/campaigns/new');
  const shown = pages.filter((row) => row === null || (row.menu !== undefined && mayOpen(row.permission)));
  function mayOpen(permission: Parameters<typeof may>[0] | undefined): boolean {
    return permission === undefined || may(permission);
  }
  return (
    <nav className={css.nav} aria-label={say('menu.label')}>
      <Link href="/" className={css.product ?? ''}>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path d="M5 12c5-1 8 1 11 6 3-5 6-7 11-6-4 1-6 3-7 6-1 2-2 4-4 4s-3-2-4-4c-1-3-3-5-7-6z" />
        </svg>
        {say('product')}
      </Link>
      <ul>
        {shown.map((row, index) =>
          row === null || row.menu === undefined ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are all alike
            <li key={index} className={css.line} aria-hidden="true" />
          ) : (
            <li key={row.path}>
              <Link
                href={row.path}
                className={css.entry ?? ''}
                {...(isCurrent(row.path) ? { 'aria-current': 'page' as const } : {})}
              >
                {say(row.menu)}
              </Link>
            </li>
          ),
        )}
      </ul>
      <p className={css.zone}>{say('zone', { zone })}</p>
    </nav>
  );
}
