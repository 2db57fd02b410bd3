import type { ReactNode } from 'react';
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { Icon } from './icon.tsx';
import css from './select.module.css';

export interface MenuEntry {
  id: string;
  name: string;
  about?: string;
  isDisabled?: boolean;
  isChosen?: boolean;
  href?: string;
  onAction?(): void;
}

/** What opens when the button in it is pressed. */
export function Menu({
  button,
  entries,
  label,
}: {
  button: ReactNode;
  entries: readonly MenuEntry[];
  label: string;
}): ReactNode {
  return (
    <MenuTrigger>
      {button}
      <Popover className={css.popover ?? ''} offset={4}>
        <AriaMenu
          className={css.list ?? ''}
          aria-label={label}
          onAction={(key) => entries.find(({ id }) => id === key)?.onAction?.()}
          disabledKeys={entries.filter(({ isDisabled }) => isDisabled === true).map(({ id }) => id)}
        >
          {entries.map(({ id, name, about, href, isChosen }) => (
            <MenuItem
              key={id}
              id={id}
              textValue={name}
              className={css.item ?? ''}
              {...(href === undefined ? {} : { href })}
            >
              <span className={css.name}>
                {name} {isChosen === true && <Icon name="check" />}
              </span>
              {about !== undefined && <span className={css.about}>{about}</span>}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
