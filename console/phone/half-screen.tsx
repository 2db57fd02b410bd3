import { type ReactNode, useId } from 'react';
import { FocusScope, useKeyboard } from 'react-aria';
import css from './sheets.module.css';

/** The lower half of the screen, over the rest; Escape and a press above close it. */
export function HalfScreen({
  title,
  onClose,
  children,
}: {
  title: ReactNode;
  onClose(): void;
  children: ReactNode;
}): ReactNode {
  const id = useId();
  const { keyboardProps } = useKeyboard({
    onKeyDown: (event) => (event.key === 'Escape' ? onClose() : undefined),
  });
  return (
    <div className={css.over} {...keyboardProps}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: Escape and the buttons do the same */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above */}
      <div className={css.veil} onClick={onClose} />
      <FocusScope contain restoreFocus autoFocus>
        <div className={css.sheet} role="dialog" aria-modal="true" aria-labelledby={id}>
          <h2 id={id} className={css.title}>
            {title}
          </h2>
          {children}
        </div>
      </FocusScope>
    </div>
  );
}
