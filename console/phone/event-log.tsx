import type { ReactNode } from 'react';
import type { PhoneAccount } from '../../src/simulator/index.ts';
import { phoneWords } from '../../src/texts/console/phone.ts';
import { Tag } from '../parts/delivery/outcome.tsx';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import css from './operator.module.css';

const shown = 12;
const tones = { pending: 'busy', delivered: 'good', 'given-up': 'bad', lost: 'warn' } as const;

/** The last events of this person, as the callback was told them: receipts first of all. */
export function EventLog({ account }: { account: PhoneAccount }): ReactNode {
  const say = useWords(phoneWords);
  const rows = account.events.slice(-shown).reverse();
  return (
    <Section title={say('log.title')} isFlush={rows.length > 0}>
      {rows.length === 0 ? (
        <p className={css.words}>{say('log.empty')}</p>
      ) : (
        <Table
          label={say('log.title')}
          isDense
          rows={rows}
          rowKey={({ seq }) => String(seq)}
          columns={[
            {
              id: 'time',
              name: say('wechat.time'),
              cell: ({ createTime }) => <Time at={createTime * 1000} precision="second" />,
            },
            {
              id: 'event',
              name: 'Event',
              cell: ({ event, content }) => (
                <code>{content === undefined ? event : `${event}: ${content}`}</code>
              ),
            },
            { id: 'status', name: 'Status', cell: ({ status = '' }) => <code>{status}</code> },
            {
              id: 'fate',
              name: say('log.fate'),
              cell: ({ fate }) => <Tag tone={tones[fate]}>{say(`fate.${fate}`)}</Tag>,
            },
          ]}
        />
      )}
    </Section>
  );
}
