import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Link as AriaLink,
} from 'react-aria-components';
import css from './button.module.css';
import { Icon, type IconName } from './icon.tsx';

type Kind = 'primary' | 'plain' | 'quiet' | 'danger';

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children'> {
  /** At most one `primary` a page: what the page is for. */
  kind?: Kind;
  icon?: IconName;
  children: ReactNode;
}

/** A button that says what it does. While `isPending` it keeps its place and takes no second press. */
export function Button({ kind = 'plain', icon, children, ...rest }: ButtonProps): ReactNode {
  return (
    <AriaButton {...rest} className={`${css.button} ${css[kind]}`}>
      {rest.isPending === true ? <span className={css.turning} /> : icon && <Icon name={icon} />}
      {children}
    </AriaButton>
  );
}

/** A button of one sign; its word is read out and shown as a tooltip by the browser. */
export function IconButton({
  icon,
  label,
  ...rest
}: Omit<ButtonProps, 'children' | 'kind' | 'icon'> & { icon: IconName; label: string }): ReactNode {
  return (
    <AriaButton {...rest} aria-label={label} className={`${css.button} ${css.quiet} ${css.square}`}>
      <Icon name={icon} />
    </AriaButton>
  );
}

/** Looks like a button and goes somewhere. */
export function ButtonLink({
  href,
  kind = 'plain',
  icon,
  isElsewhere = false,
  children,
}: {
  href: string;
  kind?: Kind;
  icon?: IconName;
  /** No page of the console: it opens beside it. */
  isElsewhere?: boolean;
  children: ReactNode;
}): ReactNode {
  return (
    <AriaLink
      {...(isElsewhere ? { target: '_blank', rel: 'noopener noreferrer' } : {})}
      href={href}
      className={`${css.button} ${css[kind]}`}
    >
      {icon && <Icon name={icon} />}
      {children}
    </AriaLink>
  );
}
