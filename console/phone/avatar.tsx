import type { ReactNode } from 'react';
import css from './avatar.module.css';

const signs = {
  notices: '通',
  service: '服',
  official: '公',
  sandbox: '测',
  miniprogram: '小',
  person: '我',
};

export function Avatar({
  kind,
  isSmall = false,
}: {
  kind: keyof typeof signs;
  isSmall?: boolean;
}): ReactNode {
  return (
    <span className={`${css.avatar} ${css[kind]} ${isSmall ? css.small : ''}`} aria-hidden="true">
      {signs[kind]}
    </span>
  );
}
