import { type ReactNode, useEffect } from 'react';
import css from './page.module.css';

/** A page: its name, one line on what it is, its one primary action at the right, then its content. */
export function Page({
  title,
  about,
  actions,
  children,
}: {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}): ReactNode {
  useEffect(() => {
    document.title = `${title} · 鸿雁 Hongyan`;
  }, [title]);
  return (
    <main className={css.page} id="main">
      <header className={css.head}>
        <div className={css.titles}>
          <h1>{title}</h1>
          {about !== undefined && <div className={css.about}>{about}</div>}
        </div>
        {actions !== undefined && <div className={css.actions}>{actions}</div>}
      </header>
      {children}
    </main>
  );
}

/** A block of a page with a heading of its own. */
export function Section({
  title,
  about,
  actions,
  children,
  isFlush = false,
}: {
  title?: string;
  about?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Tables and lists reach the edges. */
  isFlush?: boolean;
}): ReactNode {
  return (
    <section className={css.section}>
      {(title !== undefined || actions !== undefined) && (
        <header className={css.sectionHead}>
          <div>
            {title !== undefined && <h2>{title}</h2>}
            {about !== undefined && <div className={css.about}>{about}</div>}
          </div>
          {actions !== undefined && <div className={css.actions}>{actions}</div>}
        </header>
      )}
      <div className={isFlush ? css.flush : css.content}>{children}</div>
    </section>
  );
}

/** Names and values, for what one thing is. A long one, such as an address, takes the room of two. */
export function Facts({
  rows,
}: {
  rows: readonly (readonly [name: string, value: ReactNode, width?: 'long'] | null)[];
}): ReactNode {
  return (
    <dl className={css.facts}>
      {rows
        .filter((row) => row !== null)
        .map(([name, value, width]) => (
          <div key={name} className={width === 'long' ? css.long : undefined}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** One number with its name, for the top of a page. */
export function Figure({
  name,
  value,
  about,
}: {
  name: ReactNode;
  value: ReactNode;
  about?: ReactNode;
}): ReactNode {
  return (
    <div className={css.figure}>
      <div className={css.figureName}>{name}</div>
      <div className={css.figureValue}>{value}</div>
      {about !== undefined && <div className={css.about}>{about}</div>}
    </div>
  );
}

export function Figures({ children }: { children: ReactNode }): ReactNode {
  return <div className={css.figures}>{children}</div>;
}
