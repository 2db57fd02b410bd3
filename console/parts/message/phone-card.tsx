import type { ReactNode } from 'react';
import { phoneWords } from '../../../src/texts/console/phone.ts';
import { Icon } from '../icon.tsx';
import { useWords } from '../language.tsx';
import css from './phone-card.module.css';

/** A message as its reader will see it, in the few strokes that matter. */
export function PhoneCard({
  source,
  card: { title, lines, text, opens },
}: {
  source: string;
  card: {
    title: string | null;
    lines: readonly { label: string; value: string }[];
    text?: string | null;
    opens: object | null;
  };
}): ReactNode {
  const say = useWords(phoneWords);
  return (
    <div className={css.ground}>
      <article className={css.card} aria-label={title ?? source}>
        <div className={css.source}>{source}</div>
        {title !== null && <div className={css.title}>{title}</div>}
        {text != null && <p className={css.text}>{text}</p>}
        <dl>
          {lines.map(({ label, value }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {opens !== null && (
          <div className={css.opens}>
            {say('details')} <Icon name="chevronRight" />
          </div>
        )}
      </article>
      <p className={css.note}>{say('approximation')}</p>
    </div>
  );
}
