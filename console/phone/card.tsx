import type { ReactNode } from 'react';
import type { PhoneAccount } from '../../src/simulator/index.ts';
import { phoneWords } from '../../src/texts/console/phone.ts';
import { Icon } from '../parts/icon.tsx';
import { useWords } from '../parts/language.tsx';
import { Avatar } from './avatar.tsx';
import css from './card.module.css';
import type { Item } from './message.ts';
import { accountName } from './names.ts';
import type { Sheet } from './sheets.tsx';

/**
 * A message as WeChat shows it since 2023: no colours, no first and remark lines; 查看详情 only where it opens something,
 * and without it the card does not react. In 服务通知 the sender's name stands above.
 */
export function MessageCard({
  item: { account, card },
  accounts,
  isNotice,
  onSheet,
}: {
  item: Extract<Item, { kind: 'card' }>;
  accounts: readonly PhoneAccount[];
  isNotice: boolean;
  onSheet(sheet: Sheet): void;
}): ReactNode {
  const say = useWords(phoneWords);
  const { target } = card;
  return (
    <article className={css.card} aria-label={card.title}>
      <header className={css.source}>
        {isNotice && <Avatar kind={account.kind} isSmall />}
        <span className={css.name}>{isNotice ? accountName(account, accounts, say) : card.title}</span>
        <button
          type="button"
          className={css.more}
          aria-label={say('cardMenu')}
          onClick={() => onSheet({ kind: 'card', appid: account.appid, templateId: card.templateId })}
        >
          <Icon name="more" />
        </button>
      </header>
      {isNotice && <h3 className={css.title}>{card.title}</h3>}
      <dl className={css.rows}>
        {card.rows.map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {target !== null && (
        <button type="button" className={css.open} onClick={() => onSheet({ kind: 'opened', target })}>
          <span>{say('details')}</span>
          <Icon name="chevronRight" />
        </button>
      )}
    </article>
  );
}
