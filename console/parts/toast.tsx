import { type ReactNode, useEffect, useSyncExternalStore } from 'react';
import css from './toast.module.css';

interface Toast {
  id: number;
  text: string;
}

const shownMs = 6_000;
let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Says that something was done. What went wrong is not said here: it stays where it happened. */
export function toast(text: string): void {
  change([...toasts, { id: ++last, text }]);
}

/** Where they appear; once in a page. Screen readers read them when they are free. */
export function Toasts(): ReactNode {
  const all = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => toasts,
  );
  return (
    <div className={css.toasts} role="status" aria-live="polite">
      {all.map((one) => (
        <OneToast key={one.id} toast={one} />
      ))}
    </div>
  );
}

function OneToast({ toast: { id, text } }: { toast: Toast }): ReactNode {
  useEffect(() => {
    const timer = setTimeout(() => change(toasts.filter((one) => one.id !== id)), shownMs);
    return () => clearTimeout(timer);
  }, [id]);
  return <div className={css.toast}>{text}</div>;
}
