import { type ReactNode, useState } from 'react';
import { partsWords } from '../../src/texts/console/parts.ts';
import { Button } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import { useWords } from './language.tsx';
import css from './notice.module.css';

type Tone = 'info' | 'warn' | 'danger' | 'good';
const icons: Record<Tone, IconName> = { info: 'info', warn: 'warning', danger: 'warning', good: 'check' };

/** A thing to know, beside what it is about. */
export function Notice({
  tone = 'info',
  title,
  children,
  actions,
}: {
  tone?: Tone;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
}): ReactNode {
  return (
    <div className={`${css.notice} ${css[tone]}`} role={tone === 'danger' ? 'alert' : 'note'}>
      <Icon name={icons[tone]} />
      <div className={css.text}>
        {title !== undefined && <div className={css.title}>{title}</div>}
        {children}
      </div>
      {actions !== undefined && <div className={css.actions}>{actions}</div>}
    </div>
  );
}

/** Nothing here yet: a sentence, and what to do next. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}): ReactNode {
  return (
    <div className={css.empty}>
      <div className={css.title}>{title}</div>
      {children !== undefined && <div className={css.about}>{children}</div>}
      {action}
    </div>
  );
}

/** Grey bars in the place of rows; they show only if it takes over 300 ms. */
export function Loading({ rows = 3 }: { rows?: number }): ReactNode {
  const say = useWords(partsWords);
  return (
    <div className={css.loading} role="status">
      <span className="hidden">{say('loading')}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <div key={row} className={css.bar} />
      ))}
    </div>
  );
}

/** A text that a press copies: ids, keys, addresses. */
export function Copyable({
  text,
  shown = text,
  isSecret = false,
  isQuiet = false,
}: {
  text: string;
  shown?: string;
  isSecret?: boolean;
  /** In rows: the sign alone, and only where the pointer or the focus is. */
  isQuiet?: boolean;
}): ReactNode {
  const say = useWords(partsWords);
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2_000);
  };
  return (
    <span className={`${css.copyable} ${isQuiet ? css.quiet : ''}`}>
      <code className={isSecret ? css.secret : undefined}>{shown}</code>
      {isQuiet ? (
        // A plain one: a long list has thousands of them.
        <button
          type="button"
          className={css.copySign}
          aria-label={say('copyThis', { what: shown })}
          onClick={copy}
        >
          <Icon name={isCopied ? 'check' : 'copy'} />
        </button>
      ) : (
        <Button
          kind="quiet"
          icon={isCopied ? 'check' : 'copy'}
          aria-label={say('copyThis', { what: shown })}
          onPress={copy}
        >
          <span className={css.copyWord}>{say(isCopied ? 'copied' : 'copy')}</span>
        </Button>
      )}
    </span>
  );
}

/** A share of a whole as a bar, said in words beside it. */
export function Bar({
  value,
  of,
  label,
  tone = 'accent',
}: {
  value: number;
  of: number;
  label: string;
  tone?: 'accent' | 'warn';
}): ReactNode {
  const share = of === 0 ? 0 : Math.min(1, value / of);
  return (
    <div
      className={css.progress}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
    >
      <div className={`${css.done} ${css[`done-${tone}`]}`} style={{ width: `${share * 100}%` }} />
    </div>
  );
}
